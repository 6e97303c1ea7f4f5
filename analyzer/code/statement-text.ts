import { directiveOf, isSameLine, type Tokens } from '../preprocess/scanner.ts'
import type { Offset, TokenIndex } from '../source/text.ts'
import { type FileCode, functionIndex } from './file-code.ts'
import { type Outline, tokenFrom, wordAt } from './outline.ts'

/** A place in code by what stands there, and not by where that is. */
export interface Surroundings {
  /** The function whose body holds it, or the macro; empty at file level. */
  readonly name: string
  /**
   * The tokens of the statement, the declaration, the head of a function or the entry of an initialiser that holds it,
   * with a blank between them: without comments, the same however the lines are broken and indented. Of a long one
   * those around the place.
   */
  readonly text: string
}

/** So many tokens before and behind a place are enough to know it by. */
const most = 200

/** @param offset where a token begins */
export function surroundingsAt(code: FileCode, offset: Offset): Surroundings {
  const { outline } = code
  const at = tokenFrom(outline, offset)
  if (at >= outline.tokens.count) return { name: '', text: '' }
  const isDirective = outline.tokens.isInDirective[at] === 1
  const name = isDirective ? macroOf(outline, at) : (functionIndex(outline).around(offset)?.name ?? '')
  const { tokens } = outline
  const words: string[] = []
  const [first, end] = isDirective ? ofDirective(outline, at) : ofCode(outline, at)
  for (let each = first; each < end; each++)
    if (isDirective || tokens.isInDirective[each] === 0) addWord(words, wordAt(outline, each))
  return { name, text: words.join(' ') }
}

/** Adds a token. Strings that stand side by side are one, which formatters divide as they like. */
function addWord(words: string[], word: string): void {
  const last = words.at(-1)
  if (word.startsWith('"') && last?.endsWith('"') && last.length > 1)
    words[words.length - 1] = last.slice(0, -1) + word.slice(1)
  else words.push(word)
}

/** The macro that a token of a directive defines; empty where it is another directive. */
function macroOf(outline: Outline, at: TokenIndex): string {
  const { firstToken } = outline.tokens.directives[directiveOf(outline.tokens, at)]!
  return wordAt(outline, firstToken) === 'define' ? wordAt(outline, firstToken + 1) : ''
}

/** The tokens of a directive around one, up to `;`, `{` and `}`; the end is exclusive. */
function ofDirective(outline: Outline, at: TokenIndex): readonly [first: TokenIndex, end: TokenIndex] {
  const { tokens } = outline
  const isInside = (other: TokenIndex): boolean =>
    isToken(tokens, other) && isSameLine(tokens, other, at) && !/^[;{}]$/.test(wordAt(outline, other))
  return spread(at, isInside)
}

/** The tokens around one up to what separates it in the innermost braces that it stands in; the end is exclusive. */
function ofCode(outline: Outline, at: TokenIndex): readonly [first: TokenIndex, end: TokenIndex] {
  const { tokens, enclosingBracket, matchingBracket, braceKinds } = outline
  let brace = enclosingBracket[at]!
  while (brace >= 0 && wordAt(outline, brace) !== '{') brace = enclosingBracket[brace]!
  const separator = braceKinds.get(brace) === 'initialiser' ? /^[;,{}]$/ : /^[;{}]$/
  const isInside = (other: TokenIndex): boolean =>
    isToken(tokens, other) &&
    other !== brace &&
    other !== matchingBracket[brace] &&
    (tokens.isInDirective[other] === 1 || enclosingBracket[other] !== brace || !separator.test(wordAt(outline, other)))
  return spread(at, isInside)
}

/** The tokens around one that are inside, without a gap. */
function spread(
  at: TokenIndex,
  isInside: (other: TokenIndex) => boolean,
): readonly [first: TokenIndex, end: TokenIndex] {
  let first = at
  let end = at + 1
  while (at - first < most && isInside(first - 1)) first--
  while (end - at < most && isInside(end)) end++
  return [first, end]
}

const isToken = (tokens: Tokens, index: TokenIndex): boolean => index >= 0 && index < tokens.count
