import type { Offset, TokenIndex } from '../source/text.ts'
import type { MacroDefinition } from './directives.ts'
import { isPunctuation, Kind, type Tokens, tokenText } from './scanner.ts'

/** Names that `##` puts together in a macro's body. */
export interface Pasting {
  readonly start: Offset
  readonly end: Offset
  /** Its tokens, `endToken` exclusive. */
  readonly firstToken: TokenIndex
  readonly endToken: TokenIndex
  /** Text, and parameters of the macro by number, in order. */
  readonly parts: readonly (string | number)[]
  /** An identifier of the same length that stands for it where the body is parsed. */
  readonly stand: string
}

/** All of them in a macro's body. What is pasted to something that is no word, as in `, ##__VA_ARGS__`, is left out. */
export function pastings(tokens: Tokens, macro: MacroDefinition): Pasting[] {
  const found: Pasting[] = []
  const isWord = (at: number): boolean => tokens.kind[at] === Kind.identifier || tokens.kind[at] === Kind.number
  for (let at = macro.firstToken; at < macro.endToken; at++) {
    if (!isWord(at) || at + 2 >= macro.endToken || !isPunctuation(tokens, at + 1, '##') || !isWord(at + 2)) continue
    const first = at
    const parts: (string | number)[] = []
    const add = (): void => {
      const text = tokenText(tokens, at)
      const parameter = macro.parameters?.indexOf(text) ?? -1
      parts.push(parameter >= 0 ? parameter : text)
    }
    add()
    while (at + 2 < macro.endToken && isPunctuation(tokens, at + 1, '##') && isWord(at + 2)) {
      at += 2
      add()
    }
    const start = tokens.start[first]!
    const end = tokens.end[at]!
    const stand = tokens.text.slice(start, end).replace(/\W/g, '_').replace(/^\d/, '_')
    found.push({ start, end, firstToken: first, endToken: at + 1, parts, stand })
  }
  return found
}
