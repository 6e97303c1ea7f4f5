import { directiveOf, Kind } from '../preprocess/scanner.ts'
import type { Span, TokenIndex } from '../source/text.ts'
import { type Conditionals, conditionalsOf } from './conditionals.ts'
import type { Outline } from './outline.ts'
import { openingBrackets } from './words.ts'

/** A place of a cursor. */
export interface CursorMark {
  readonly at: TokenIndex
  readonly last: TokenIndex
}

/**
 * Goes over the tokens of code: those of no directive, or those of one directive for the body of a macro. Where a
 * condition begins in the middle of what is read, its last branch is gone into: that is the one with whose brackets
 * those behind the condition pair.
 */
export class Cursor {
  /** The next token, a number; `limit` or above at the end. May be that of a directive. */
  at: number
  /** Where reading ends for now, exclusive. */
  limit: number
  /** The last token that was taken, -1 for none. */
  last = -1

  constructor(
    readonly outline: Outline,
    readonly conditionals: Conditionals,
    first: number,
    end: number,
    /** The directive whose tokens count, -1 for those of none. */
    private readonly directive: number,
  ) {
    this.at = first
    this.limit = end
  }

  static over(outline: Outline, first: number, end: number, directive = -1): Cursor {
    return new Cursor(outline, conditionalsOf(outline.tokens), first, end, directive)
  }

  /** The token at which code goes on, from a token on; `limit` for none. */
  codeFrom(from: number): number {
    const { tokens } = this.outline
    let at = from
    while (at < this.limit) {
      const directive = directiveOf(tokens, at)
      if (directive === this.directive) return at
      if (this.directive >= 0) return this.limit
      const { kinds, chosenBranch, next } = this.conditionals
      const kind = kinds[directive]!
      let target = directive
      if (kind === 'if' && chosenBranch[directive]! >= 0) target = chosenBranch[directive]!
      else if (kind === 'else') {
        // The end of a branch that was gone into: on behind its group.
        while (next[target]! >= 0) target = next[target]!
        if (kinds[target] !== 'endif') return this.limit
      }
      at = Math.max(tokens.directives[target]!.endToken, at + 1)
    }
    return this.limit
  }

  /** The token that comes next, without taking it; `limit` for none. */
  peek(): number {
    return this.codeFrom(this.at)
  }

  /** The token behind another one. */
  after(token: number): number {
    return this.codeFrom(token + 1)
  }

  /** The text of a token; empty at the end. */
  word(token: number): string {
    const { text, tokens } = this.outline
    return token < 0 || token >= this.limit ? '' : text.slice(tokens.start[token], tokens.end[token])
  }

  /** The text of the token that comes next; empty at the end. */
  next(): string {
    return this.word(this.peek())
  }

  kind(token: number): number {
    return token < 0 || token >= this.limit ? 0 : this.outline.tokens.kind[token]!
  }

  isIdentifier(token: number): boolean {
    return this.kind(token) === Kind.identifier
  }

  /** Takes the token that comes next. @returns it; `limit` at the end, where nothing is taken */
  take(): number {
    const token = this.peek()
    if (token >= this.limit) return this.limit
    this.last = token
    this.at = token + 1
    return token
  }

  /** Takes the token that comes next if it is a given one. */
  accept(word: string): boolean {
    const token = this.peek()
    if (token >= this.limit || this.word(token) !== word) return false
    this.last = token
    this.at = token + 1
    return true
  }

  /** Where it stands, to come back to. */
  mark(): CursorMark {
    return { at: this.at, last: this.last }
  }

  /** Comes back to where it stood: nothing was taken since. */
  reset({ at, last }: CursorMark): void {
    this.at = at
    this.last = last
  }

  /** The bracket that a token pairs with, where that comes behind it and before the limit; -1 for none. */
  closing(open: number): number {
    const close = open < this.limit ? this.outline.matchingBracket[open]! : -1
    return close > open && close < this.limit ? close : -1
  }

  /** The token that ends what a token begins: of an opening bracket the one that it pairs with, else itself. */
  endOf(token: number): number {
    return openingBrackets.has(this.word(token)) ? Math.max(this.closing(token), token) : token
  }

  /** Does something with a nearer limit, and goes on behind that. */
  within<T>(limit: number, read: () => T): T {
    const before = this.limit
    this.limit = limit
    const result = read()
    this.limit = before
    return result
  }

  start(token: number): number {
    const { tokens, text } = this.outline
    return token < tokens.count ? tokens.start[token]! : text.length
  }

  end(token: number): number {
    return token < 0 ? 0 : this.outline.tokens.end[token]!
  }

  /** From the beginning of a token to the end of the last that was taken. */
  spanFrom(first: number): Span {
    const start = this.start(first)
    return { start, end: Math.max(start, this.end(this.last)) }
  }

  /** From the beginning of an offset to the end of the last token that was taken. */
  spanFromOffset(start: number): Span {
    return { start, end: Math.max(start, this.end(this.last)) }
  }
}
