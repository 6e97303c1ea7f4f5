import { printable } from './printable.ts'

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/**
 * Text for XML 1.0, in attributes and between tags. What no XML document may hold (control characters, which C sources
 * do contain, and lone surrogates) is made visible as `printable` does, U+FFFE and U+FFFF become U+FFFD. Gives one
 * line.
 */
export const xmlText = (text: string): string =>
  printable(text)
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => references[character]!)

/** A tag with attributes, as far as they are there: `<error line="1"`. */
export const xmlTag = (name: string, attributes: Readonly<Record<string, string | number>>): string =>
  `<${name}${Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${xmlText(String(value))}"`)
    .join('')}`

/** What each XML report begins with. */
export const xmlHead = '<?xml version="1.0" encoding="UTF-8"?>\n'
