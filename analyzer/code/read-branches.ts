import { directiveOf, isSameLine } from '../preprocess/scanner.ts'
import type { DirectiveKind } from './conditionals.ts'
import type { Cursor } from './cursor.ts'
import type { BranchesStatement, Statement } from './tree.ts'
import { closingBrackets, openingBrackets, wordSet } from './words.ts'

/** Macros that are written as statements without a semicolon, as far as their names tell. */
export const statementMacro =
  /^(?:[A-Z][A-Z0-9_]+|_?P(?:y|ep)(?:_|[A-Z][a-z]+_)(?:BEGIN|END|BLOCK|UNBLOCK|RETURN|TRASHCAN)\w*)$/

/** Words and signs that go on with what stands before a condition. */
const continuing = wordSet('else while catch ; , ) ] } . ? : -> && ||')

/** Signs that end a statement or a label. */
const ending = wordSet('; } :')

/** Directives that stand between statements and choose nothing. */
const isPassed = (kind: DirectiveKind): boolean => kind === 'other' || kind === 'endif'

/** Reads `#if` to `#endif` around statements. */
export class BranchReader {
  constructor(private readonly cursor: Cursor) {}

  /**
   * `#if` to `#endif` at the cursor, where each branch holds whole statements; null for anything else.
   * @param which whether those without `#else` are wanted, too
   * @param all reads statements up to the cursor's limit
   */
  branches(which: 'all' | 'with else', all: () => readonly Statement[]): BranchesStatement | null {
    const { cursor } = this
    const { tokens } = cursor.outline
    const { kinds, next } = cursor.conditionals
    // Directives that are no conditions stand between statements, or the end of one that was gone into.
    let at = cursor.at
    while (at < cursor.limit && tokens.isInDirective[at] === 1 && isPassed(kinds[directiveOf(tokens, at)]!))
      at = tokens.directives[directiveOf(tokens, at)]!.endToken
    const first = at < cursor.limit ? directiveOf(tokens, at) : -1
    if (first < 0 || kinds[first] !== 'if') return null
    const group = [first]
    for (let each = next[first]!; each >= 0; each = next[each]!) group.push(each)
    const last = tokens.directives[group.at(-1)!]!
    if (kinds[group.at(-1)!] !== 'endif' || last.firstToken >= cursor.limit) return null
    const hasElse = group.some((directive) => cursor.word(tokens.directives[directive]!.firstToken) === 'else')
    if (which === 'with else' && !hasElse) return null
    const ranges = group.slice(0, -1).map((directive, index) => ({
      start: tokens.directives[directive]!.end,
      from: tokens.directives[directive]!.endToken,
      to: tokens.directives[group[index + 1]!]!.firstToken,
    }))
    if (!ranges.every(({ from, to }) => this.isWhole(from, to))) return null
    const branches = ranges.map(({ start, from, to }) => {
      cursor.at = from
      return { start, statements: cursor.within(to, all) }
    })
    cursor.at = last.endToken
    const span = { start: tokens.directives[first]!.start, end: last.end }
    return { kind: 'branches', branches, hasElse, span }
  }

  /** Whether tokens are whole statements: their brackets pair among them, and a statement ends where they do. */
  private isWhole(from: number, to: number): boolean {
    const { cursor } = this
    return cursor.within(to, () => {
      let last = -1
      const first = cursor.codeFrom(from)
      if (first < to && continuing.has(cursor.word(first)) && !this.isLoop(first)) return false
      for (let at = first; at < to; at = cursor.after(at)) {
        if (closingBrackets.has(cursor.word(at))) return false
        const end = cursor.endOf(at)
        if (end === at && openingBrackets.has(cursor.word(at))) return false
        last = at = end
      }
      if (last < 0 || ending.has(cursor.word(last))) return last < 0 || !this.endsInHead(first, last)
      return this.isMacroAlone(first, to)
    })
  }

  /** Whether a `while` begins a loop of its own rather than ending a `do`. */
  private isLoop(first: number): boolean {
    const { cursor } = this
    if (cursor.word(first) !== 'while') return false
    const close = cursor.closing(cursor.after(first))
    return close >= 0 && cursor.word(cursor.after(close)) !== ';'
  }

  /** Whether what ends with a brace is followed by an `else` outside: the `if` goes on behind the condition. */
  private endsInHead(first: number, last: number): boolean {
    const { cursor } = this
    if (cursor.word(last) !== '}') return false
    const { tokens } = cursor.outline
    let behind = last + 1
    while (behind < tokens.count && !isSameLine(tokens, behind, first)) behind++
    const { text } = cursor.outline
    return text.slice(tokens.start[behind], tokens.end[behind]) === 'else'
  }

  /** Whether tokens are nothing but macros that stand for statements. */
  private isMacroAlone(first: number, to: number): boolean {
    const { cursor } = this
    let at = first
    while (at < to) {
      if (!statementMacro.test(cursor.word(at))) return false
      at = cursor.after(at)
      if (cursor.word(at) === '(' && cursor.closing(at) >= 0) at = cursor.after(cursor.closing(at))
      if (cursor.word(at) === ';') at = cursor.after(at)
    }
    return true
  }
}
