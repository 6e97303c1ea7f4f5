import { Kind, scan, tokenText } from '../preprocess/scanner.ts'

/** A part of a text: written out, the name of a macro or of a parameter, or a parameter behind `#`. */
export interface TextPart {
  readonly kind: 'text' | 'name' | 'stringized'
  /** What is between the quotes, or the name. */
  readonly text: string
}

/** The parts of strings that follow each other: `"(" FORMAT #name ")"`; null where anything else is among them. */
export function textParts(written: string): readonly TextPart[] | null {
  // At the begin of a line `#` would begin a directive.
  const tokens = scan(`"" ${written}`)
  const parts: TextPart[] = []
  for (let at = 0; at < tokens.count; at++) {
    const word = tokenText(tokens, at)
    if (tokens.kind[at] === Kind.string) parts.push({ kind: 'text', text: textOf(word) })
    else if (tokens.kind[at] === Kind.identifier) parts.push({ kind: 'name', text: word })
    else if (word === '#' && tokens.kind[at + 1] === Kind.identifier) {
      at++
      parts.push({ kind: 'stringized', text: tokenText(tokens, at) })
    } else return null
  }
  return parts
}

/** What is between the quotes, and of a raw string between the parentheses. */
function textOf(word: string): string {
  const open = word.indexOf('"')
  const raw = word[open - 1] === 'R' ? /^([^(]*)\((.*)\)\1"$/s.exec(word.slice(open + 1)) : null
  return raw ? raw[2]! : word.slice(open + 1, -1)
}
