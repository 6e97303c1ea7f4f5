import { type Tokens, tokenText } from '../../preprocess/scanner.ts'
import type { TokenIndex } from '../../source/text.ts'
import type { Use } from '../file-facts.ts'

/** Names of slots. */
export const slotId = /^Py_(?:am|bf|mod|mp|nb|sq|tp)_/

/**
 * What is done with the id of a slot, if it is not just handed over: it is compared, or an `if` around it asks for a
 * version.
 */
export function heldSlot(tokens: Tokens, at: TokenIndex): Use['held'] | null {
  const directive = tokens.directive[at]
  const word = (index: number): string =>
    index >= 0 && index < tokens.count && tokens.directive[index] === directive ? tokenText(tokens, index) : ''
  if (/^(?:[=!]=|case)$/.test(word(at - 1)) || /^[=!]=$/.test(word(at + 1))) return 'compared'
  // Outwards, from statement to block.
  let blocks = 0
  let ended = false
  for (let back = at - 1; back >= 0 && back > at - 2000; back--) {
    if (tokens.directive[back] !== directive) continue
    const text = word(back)
    if (text === '}') blocks++
    else if (text === '{') {
      // A block before this place is a statement that has ended; one around it is not.
      ended = blocks > 0 && (ended || blocks === 1)
      if (blocks > 0) blocks--
    } else if (blocks > 0) continue
    else if (text === ';') ended = true
    else if (text === ')') {
      const close = back
      for (let depth = 1; depth > 0 && --back >= 0; ) depth += word(back) === ')' ? 1 : word(back) === '(' ? -1 : 0
      if (ended || word(back - 1) !== 'if') continue
      for (let inside = back + 1; inside < close; inside++) {
        if (/version/i.test(word(inside)) && !/^PY_(?:VERSION_HEX|M\w+_VERSION)$/.test(word(inside)))
          return 'asks-version'
      }
    }
  }
  return null
}
