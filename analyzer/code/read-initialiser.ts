import { directiveOf, Kind } from '../preprocess/scanner.ts'
import type { Span, TokenIndex } from '../source/text.ts'
import type { DirectiveKind } from './conditionals.ts'
import type { Cursor } from './cursor.ts'
import { bringsComma, mayBeHead } from './head-macros.ts'
import type { Outline } from './outline.ts'
import type { Values } from './reading.ts'
import type { BranchesEntry, Entry, ItemEntry } from './tree.ts'
import { endOfTemplate } from './types.ts'
import { openingBrackets, wordSet } from './words.ts'

/**
 * Reads what stands between the braces of an initialiser.
 * @param open the token of the opening brace
 * @returns null where it cannot be split into values: a condition begins in a value and ends in another one
 */
export function readInitialiser(cursor: Cursor, values: Values, open: TokenIndex): readonly Entry[] | null {
  const close = cursor.outline.matchingBracket[open]!
  return close < 0 ? null : new InitialiserReader(cursor, values, open, close).read()
}

/** Tokens of a value, `end` exclusive; those of directives may be among them. */
interface ValueTokens {
  readonly first: TokenIndex
  readonly end: TokenIndex
  readonly holdsDirectives: boolean
}

/** Operators by which a value goes on behind a condition. */
const joining = wordSet('| + & - *')

/** Goes over all tokens between two braces, those of directives included. */
class InitialiserReader {
  private at: TokenIndex
  private failed = false
  private readonly tokens: Cursor['outline']['tokens']

  constructor(
    private readonly cursor: Cursor,
    private readonly values: Values,
    open: TokenIndex,
    private readonly close: TokenIndex,
  ) {
    this.at = open + 1
    this.tokens = cursor.outline.tokens
  }

  read(): readonly Entry[] | null {
    const entries = this.entries(false)
    // A branch that began before the brace ends here.
    return this.failed || this.at < this.close ? null : entries
  }

  /** The directive that a token belongs to, by its number; -1 for none. */
  private directive(token: TokenIndex): number {
    return directiveOf(this.tokens, token)
  }

  private directiveSpan(directive: number): Span {
    const { start, end } = this.tokens.directives[directive]!
    return { start, end }
  }

  private word(token: TokenIndex): string {
    const { text } = this.cursor.outline
    return text.slice(this.tokens.start[token], this.tokens.end[token])
  }

  /** The kind of a directive: `ifdef`, `else`, `define`. */
  private directiveWord(directive: number): string {
    return this.word(this.tokens.directives[directive]!.firstToken)
  }

  private kindOf(directive: number): DirectiveKind {
    return this.cursor.conditionals.kinds[directive]!
  }

  /** The bracket behind a token that it pairs with; the token itself where there is none. */
  private closing(token: TokenIndex): TokenIndex {
    return Math.max(this.cursor.outline.matchingBracket[token]!, token)
  }

  private entries(inBranch: boolean): Entry[] {
    const entries: Entry[] = []
    while (this.at < this.close && !this.failed) {
      const directive = this.directive(this.at)
      if (directive >= 0) {
        const kind = this.kindOf(directive)
        if (kind === 'else' || kind === 'endif') return entries
        if (kind === 'other') this.failed = true
        else if (this.joinsNext(this.at)) entries.push(this.item())
        else {
          entries.push(this.branches())
          // The comma behind values of which a condition chooses one.
          this.takeComma()
        }
      } else if (this.word(this.at) !== ',') entries.push(this.item())
      else if (entries.length > 0 || !inBranch) this.failed = true
      else this.at++
    }
    return entries
  }

  private takeComma(): boolean {
    const isComma = this.at < this.close && this.directive(this.at) < 0 && this.word(this.at) === ','
    if (isComma) this.at++
    return isComma
  }

  private branches(): BranchesEntry {
    const branches: BranchesEntry['branches'][number][] = []
    let hasElse = false
    let endif = this.directive(this.at)
    do {
      const directive = this.directiveSpan(endif)
      if (this.directiveWord(endif) === 'else') hasElse = true
      this.at = this.tokens.directives[endif]!.endToken
      branches.push({ start: directive.end, directive, entries: this.entries(true) })
      if (this.at >= this.close || this.directive(this.at) < 0) this.failed = true
      else endif = this.directive(this.at)
    } while (!this.failed && this.directiveWord(endif) !== 'endif')
    const last = this.directiveSpan(endif)
    this.at = Math.max(this.at, this.tokens.directives[endif]!.endToken)
    return {
      kind: 'branches',
      branches,
      hasElse,
      endif: last,
      span: { start: branches[0]!.directive.start, end: last.end },
    }
  }

  private item(): ItemEntry {
    const first = this.at
    const designator = this.designator()
    const { first: firstOfValue, end, holdsDirectives } = this.valueTokens(designator)
    const written = { start: this.startOf(firstOfValue), end: this.endOf(end - 1) }
    const behind = this.at
    const span = { start: this.startOf(first), end: this.takeComma() ? this.tokens.end[behind]! : written.end }
    this.cursor.at = firstOfValue
    const value = this.cursor.within(end, () => this.values.whole(() => this.values.assignment()))
    return { kind: 'item', designator, value, written, holdsDirectives, span }
  }

  /** Of a token of a directive that of the directive. */
  private startOf(token: TokenIndex): number {
    const directive = this.directive(token)
    return directive >= 0 ? this.tokens.directives[directive]!.start : this.tokens.start[token]!
  }

  private endOf(token: TokenIndex): number {
    const directive = this.directive(token)
    return directive >= 0 ? this.tokens.directives[directive]!.end : this.tokens.end[token]!
  }

  /** `.tp_name =`, or the old `tp_name:`; null for none. */
  private designator(): string | null {
    const { at } = this
    if (this.word(at) === '.' && this.tokens.kind[at + 1] === Kind.identifier) {
      // `.ob_base.ob_size =`
      let after = at + 2
      while (this.word(after) === '.') after += 2
      this.at = this.word(after) === '=' ? after + 1 : after
      return this.word(at + 1)
    }
    if (this.tokens.kind[at] !== Kind.identifier || this.word(at + 1) !== ':' || this.directive(at + 1) >= 0)
      return null
    this.at = at + 2
    return this.word(at)
  }

  /** Goes over a value, up to its comma. */
  private valueTokens(designator: string | null): ValueTokens {
    const first = this.at
    let last = first
    let holdsDirectives = false
    // `PyVarObject_HEAD_INIT(NULL, 0)` brings its own comma.
    let head = designator === null || designator === 'ob_base' ? this.headEnd(first) : -1
    while (this.at < this.close) {
      const isBehindHead = head >= 0 && this.at > head
      if (this.directive(this.at) >= 0) {
        const kind = this.kindOf(this.directive(this.at))
        if (kind === 'else' || kind === 'endif') break
        const inside = this.insideDirectives(this.at)
        if (isBehindHead && beginsValue(this.cursor.outline, inside) && bringsComma(this.cursor.outline, first, inside))
          break
        const end = this.endOfCondition(this.at)
        if (end === null) {
          // `0` and then, under a condition, `, 0`
          if (!this.beginsWithComma(this.at)) this.failed = true
          break
        }
        holdsDirectives = true
        this.at = end
        last = end - 1
        continue
      }
      if (this.word(this.at) === ',') break
      if (isBehindHead && beginsValue(this.cursor.outline, this.at) && bringsComma(this.cursor.outline, first, this.at))
        break
      if (isBehindHead) head = -1
      last = this.skip(first)
      if (this.failed) break
      this.at = last + 1
    }
    // No value: another branch, or the end, begins where one should.
    if (this.at === first) this.failed = true
    return { first, end: last + 1, holdsDirectives }
  }

  /** The last token of what begins with the next one: of brackets and templates the closing one. */
  private skip(first: TokenIndex): TokenIndex {
    const word = this.word(this.at)
    if (openingBrackets.has(word)) {
      const close = this.closing(this.at)
      if (close === this.at || !this.isBalanced(this.at, close)) this.failed = true
      return close
    }
    if (word !== '<' || this.at === first || this.tokens.kind[this.at - 1] !== Kind.identifier) return this.at
    return this.cursor.within(this.close, () => Math.max(endOfTemplate(this.cursor, this.at), this.at))
  }

  /** Whether conditions that begin between two tokens end there, too. */
  private isBalanced(from: TokenIndex, to: TokenIndex): boolean {
    let depth = 0
    let at = from + 1
    while (at < to && depth >= 0) {
      const directive = this.directive(at)
      if (directive >= 0) {
        const kind = this.kindOf(directive)
        if (kind === 'if') depth++
        else if (kind === 'endif') depth--
        else if (kind === 'else' && depth === 0) return false
        at = this.tokens.directives[directive]!.endToken
      } else at++
    }
    return depth === 0
  }

  /** The last token of a macro for the head of an object that a value begins with; -1 for none. */
  private headEnd(first: TokenIndex): TokenIndex {
    if (this.tokens.kind[first] !== Kind.identifier || this.directive(first) >= 0) return -1
    if (this.word(first + 1) === '(') return this.closing(first + 1)
    return beginsValue(this.cursor.outline, first + 1) && mayBeHead(this.cursor.outline, first) ? first : -1
  }

  /** Whether what a condition begins with goes on behind it: `#if X`, `FLAG |`, `#endif`, `OTHER_FLAG`. */
  private joinsNext(token: TokenIndex): boolean {
    const end = this.endOfCondition(token)
    if (end === null || end >= this.close || this.directive(end) >= 0 || this.word(end) === ',') return false
    const endif = this.tokens.directives[this.directive(end - 1)]!
    return joining.has(this.word(endif.firstToken - 1))
  }

  /** Whether a condition behind a value begins with the comma that belongs to that. */
  private beginsWithComma(token: TokenIndex): boolean {
    return this.word(this.insideDirectives(token)) === ','
  }

  /** The first token behind directives. */
  private insideDirectives(token: TokenIndex): TokenIndex {
    let at = token
    while (at < this.close && this.directive(at) >= 0) at = this.tokens.directives[this.directive(at)]!.endToken
    return at
  }

  /** The token after a condition in the middle of a value; null where a comma stands in it. */
  private endOfCondition(token: TokenIndex): TokenIndex | null {
    let depth = 0
    for (let at = token; at < this.close; ) {
      const directive = this.directive(at)
      if (directive >= 0) {
        const kind = this.kindOf(directive)
        if (kind === 'if') depth++
        else if (kind === 'endif') depth--
        at = this.tokens.directives[directive]!.endToken
        if (depth === 0) return at
      } else if (this.word(at) === ',') return null
      else at = (openingBrackets.has(this.word(at)) ? this.closing(at) : at) + 1
    }
    return null
  }
}

function beginsValue({ tokens, text }: Outline, token: TokenIndex): boolean {
  const kind = tokens.kind[token]
  return (
    kind === Kind.identifier || kind === Kind.string || kind === Kind.number || /[.(]/.test(text[tokens.start[token]!]!)
  )
}
