import { inParts } from './parts.ts'
import { hashOfCommand } from './printable.ts'

const escaped = (text: string): string =>
  Array.from({ length: text.length }, (_, index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`).join(
    '',
  )

/** JSON with what must not stand in it as it is escaped. */
const safe = (json: string): string =>
  json.replace(/[\x7f-\x9f\u2028\u2029]|\p{Cf}/gu, escaped).replace(hashOfCommand, escaped)

/** Strict readers refuse a text with half of a surrogate pair, escaped or not: it is U+FFFD there. */
function strict(value: object, indent: number): string {
  const json = JSON.stringify(value, null, indent)
  return halfPair.test(json) ? JSON.stringify(value, wellFormedValue, indent) : json
}

/** What `JSON.stringify` makes of one; a text that shows such a thing matches, too. */
const halfPair = /\\ud[89a-f]/
const wellFormedValue = (_: string, value: unknown): unknown => (typeof value === 'string' ? wellFormed(value) : value)

/** A value as such JSON, indented by two blanks. */
const safeText = (value: object): string => safe(strict(value, 2))

/**
 * JSON that is safe to print and to embed: beside what JSON itself wants escaped, DEL, the C1 controls, line and
 * paragraph separators, invisible format characters and the second `#` of a command of a CI system (`##[error]`) are
 * written as `\uXXXX`. Readers get the same text back, but for lone surrogates, which are U+FFFD.
 * @param value plain data that `JSON.stringify` takes
 * @returns JSON indented by two blanks, with a final line feed
 */
export const jsonText = (value: object): string => `${safeText(value)}\n`

/** The same in one line, with a final line feed. */
export const jsonLine = (value: object): string => `${safe(strict(value, 0))}\n`

/** Text that programs read which refuse, with all of the report, what cannot be UTF-8: lone surrogates are U+FFFD. */
export const wellFormed = (text: string): string => text.replace(/\p{Cs}/gu, '\ufffd')

/**
 * A list as `jsonText` gives it, in parts.
 * @param show gives what an item of it is written as
 */
export function* jsonList<T>(items: readonly T[], show: (item: T, index: number) => object): Generator<string> {
  yield '['
  yield* inParts(items, (item, index) => {
    const own = safeText(show(item, index)).replaceAll('\n', '\n  ')
    return `${index > 0 ? ',' : ''}\n  ${own}`
  })
  yield items.length > 0 ? '\n]\n' : ']\n'
}

/**
 * What `jsonText` gives, in parts.
 * @param shell all of the object but one list, which is empty in it
 * @param key of that list, which is a property of the object itself
 * @param show gives what an item of it is written as
 */
export function* jsonParts<K extends string, T>(
  shell: object & Readonly<Record<K, readonly never[]>>,
  key: K,
  items: readonly T[],
  show: (item: T, index: number) => object,
): Generator<string> {
  const text = jsonText(shell)
  // No string holds a line end.
  const list = `\n  ${JSON.stringify(key)}: [`
  const start = text.indexOf(list) + list.length
  yield text.slice(0, start)
  yield* inParts(items, (item, index) => {
    const own = safeText(show(item, index)).replaceAll('\n', '\n    ')
    return `${index > 0 ? ',' : ''}\n    ${own}`
  })
  yield `${items.length > 0 ? '\n  ' : ''}${text.slice(start)}`
}
