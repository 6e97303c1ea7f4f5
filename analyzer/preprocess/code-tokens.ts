import type { Offset } from '../source/text.ts'
import { isMemberOperator, isPunctuation, Kind, type Tokens } from './scanner.ts'

/**
 * The tokens of the code, those of directives left out. They are counted from 0 among each other; a place before the
 * first or after the last is that of no token.
 */
export class CodeTokens {
  readonly size: number
  /** Of each its index among all tokens. */
  private readonly indices: Int32Array
  /** Of each opening bracket the one that closes it, -1 where none does; of other tokens -1. */
  private readonly closers: Int32Array

  constructor(private readonly tokens: Tokens) {
    const { count, isInDirective } = tokens
    const indices = new Int32Array(count)
    let size = 0
    for (let token = 0; token < count; token++) if (isInDirective[token] === 0) indices[size++] = token
    this.indices = indices
    this.size = size
    this.closers = this.pairBrackets()
  }

  /** Its `Kind`. */
  kind(at: number): number {
    return this.tokens.kind[this.indices[at]!]!
  }

  start(at: number): Offset {
    return this.tokens.start[this.indices[at]!]!
  }

  /** The offset just after it. */
  end(at: number): Offset {
    return this.tokens.end[this.indices[at]!]!
  }

  /** Its first character, as a code. */
  firstCharacter(at: number): number {
    return this.tokens.text.charCodeAt(this.start(at))
  }

  /** Its text; empty where there is none. */
  word(at: number): string {
    return at >= 0 && at < this.size ? this.tokens.text.slice(this.start(at), this.end(at)) : ''
  }

  /** Whether it is exactly this operator or bracket. */
  is(at: number, text: string): boolean {
    return at >= 0 && at < this.size && isPunctuation(this.tokens, this.indices[at]!, text)
  }

  /** Whether it is `.` or `->`. */
  isMemberOperator(at: number): boolean {
    return at >= 0 && at < this.size && isMemberOperator(this.tokens, this.indices[at]!)
  }

  isName(at: number): boolean {
    return at >= 0 && at < this.size && this.kind(at) === Kind.identifier
  }

  /** The token that closes an opening parenthesis or brace; -1 where none does, since a brace comes between. */
  closing(at: number): number {
    return this.closers[at] ?? -1
  }

  /** Whether a directive stands between it and the token before. */
  followsDirective(at: number): boolean {
    return this.indices[at]! - this.indices[at - 1]! > 1
  }

  /** Whether there is a blank or a line end at an offset. */
  isBlank(offset: Offset): boolean {
    return offset < this.tokens.text.length && /\s/.test(this.tokens.text[offset]!)
  }

  private pairBrackets(): Int32Array {
    const closers = new Int32Array(this.size).fill(-1)
    const open: number[] = []
    const opensParenthesis = (at: number | undefined): boolean => at !== undefined && this.firstCharacter(at) === 40
    for (let at = 0; at < this.size; at++) {
      if (this.kind(at) !== Kind.punctuation) continue
      const bracket = this.firstCharacter(at)
      if (bracket === 40 || bracket === 123) open.push(at)
      else if (bracket === 41) {
        if (opensParenthesis(open.at(-1))) closers[open.pop()!] = at
      } else if (bracket === 125) {
        while (opensParenthesis(open.at(-1))) open.pop()
        if (open.length > 0) closers[open.pop()!] = at
      }
    }
    return closers
  }
}
