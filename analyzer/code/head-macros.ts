import { type DirectiveSpan, Kind } from '../preprocess/scanner.ts'
import { addTo } from '../source/multimap.ts'
import type { TokenIndex } from '../source/text.ts'
import type { Outline } from './outline.ts'

/** Macros for the head of an object. */
const headName = /HEAD|INIT/i

/** Such without operands, as far as the file does not define them. */
const plainHeadName = /_HEAD(?:ER)?(?:_INIT)?$|TYPE(?:OBJECT)?_?INIT$/i

/**
 * Whether a macro without operands, which an initialiser begins with, may be the head of an object: the file defines
 * it, or its name says so.
 * @param macro the token of its name
 */
export function mayBeHead(outline: Outline, macro: TokenIndex): boolean {
  return plainHeadName.test(wordOf(outline, macro)) || bodiesOf(outline, macro).length > 0
}

/**
 * Whether a macro in an initialiser that something stands behind brings a comma of its own, as
 * `PyVarObject_HEAD_INIT(NULL, 0)` does: as far as the file defines it the body says so; others do by their names, or
 * where no string stands behind them, that would go on with what the macro makes.
 * @param macro the token of its name
 * @param behind the token behind its parentheses
 */
export function bringsComma(outline: Outline, macro: TokenIndex, behind: TokenIndex): boolean {
  const bodies = bodiesOf(outline, macro)
  if (bodies.length === 0) return headName.test(wordOf(outline, macro)) || outline.tokens.kind[behind] !== Kind.string
  return bodies.some(({ firstToken, endToken }) => {
    if (wordOf(outline, endToken - 1) === ',') return true
    for (let at = firstToken + 2; at < endToken; at++) if (headName.test(wordOf(outline, at))) return true
    return false
  })
}

const knownBodies = new WeakMap<Outline, ReadonlyMap<string, readonly DirectiveSpan[]>>()

/** The directives that define a macro and give it a body. */
function bodiesOf(outline: Outline, macro: TokenIndex): readonly DirectiveSpan[] {
  let known = knownBodies.get(outline)
  if (!known) {
    const found = new Map<string, DirectiveSpan[]>()
    for (const directive of outline.tokens.directives) {
      const { firstToken, endToken } = directive
      if (endToken > firstToken + 2 && wordOf(outline, firstToken) === 'define')
        addTo(found, wordOf(outline, firstToken + 1), directive)
    }
    known = found
    knownBodies.set(outline, known)
  }
  return known.get(wordOf(outline, macro)) ?? []
}

function wordOf({ tokens, text }: Outline, token: TokenIndex): string {
  return text.slice(tokens.start[token], tokens.end[token])
}
