import { afterComment, afterContinuation, type Tokens } from '../preprocess/scanner.ts'
import { lastUpTo } from '../source/search.ts'
import type { Offset, Span, TokenIndex } from '../source/text.ts'

/** A comment, and the tokens around it. */
export interface Comment extends Span {
  /** The token before it, -1 for none. */
  readonly before: TokenIndex
}

/** The comments in which a word stands, in the order of the text. What strings hold is no comment. */
export function commentsWith(tokens: Tokens, word: string): readonly Comment[] {
  const { text } = tokens
  const found: Comment[] = []
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
    if (at < (found.at(-1)?.end ?? 0)) continue
    const before = lastUpTo(tokens.start, at)
    if (before >= 0 && tokens.end[before]! > at) continue
    const comment = commentAt(text, before < 0 ? 0 : tokens.end[before]!, at)
    if (comment !== null) found.push({ ...comment, before })
  }
  return found
}

/** The comment that holds an offset between two tokens. @param from where the tokens before it end */
function commentAt(text: string, from: Offset, offset: Offset): Span | null {
  for (let at = from; at <= offset; ) {
    const comment = text.charCodeAt(at) === slash ? afterComment(text, at) : at
    if (comment > at) {
      if (comment > offset) return { start: at, end: comment }
      at = comment
    } else at = Math.max(afterContinuation(text, at), at + 1)
  }
  return null
}

const slash = 47
