import type { Offset, Span, TokenIndex } from '../source/text.ts'

/**
 * Tokens of a C or C++ text, written by hand because every byte of every file passes through here. Comments and blanks
 * are dropped, the tokens of directives stay: a `#define` body is code too.
 */

/** What a token is. Numbers, since they live in a typed array by the million. */
export const Kind = { identifier: 1, number: 2, string: 3, character: 4, punctuation: 5 } as const

/** A `#` line: from its `#` to the end of the last of its continued lines, line end not included. */
export interface DirectiveSpan {
  readonly start: Offset
  readonly end: Offset
  /** Its tokens after the `#`: from `firstToken` to before `endToken`. */
  readonly firstToken: TokenIndex
  readonly endToken: TokenIndex
}

export interface Tokens {
  readonly text: string
  readonly count: number
  readonly kind: Uint8Array
  readonly start: Int32Array
  readonly end: Int32Array
  /** For each token whether it belongs to a directive: 1 or 0. Which one it is `directiveOf` says. */
  readonly isInDirective: Uint8Array
  readonly directives: readonly DirectiveSpan[]
  /** Comments of more than a few words, and what is between the quotes of long strings, in order; `end` exclusive. */
  readonly prose: readonly Span[]
}

const LF = 10
const CR = 13
const BACKSLASH = 92
const QUOTE = 34
const APOSTROPHE = 39
const SLASH = 47
const STAR = 42
const HASH = 35
const DOT = 46
const PLUS = 43
const MINUS = 45

// What a character can be part of: 1 = begins an identifier, 2 = a digit.
const classes = new Uint8Array(256)
for (let c = 0; c < 256; c++) {
  if ((c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95 || c === 36 || c >= 128) classes[c] = 1
  else if (c >= 48 && c <= 57) classes[c] = 2
}

const rawPrefix = /^(?:u8|u|U|L)?R$/
const wide = /^(?:u8|u|U|L)$/

/** How many characters the operator at `at` has, as far as it matters that it does not fall apart. */
function operatorLength(text: string, at: number, code: number): number {
  const next = text.charCodeAt(at + 1)
  switch (code) {
    case 45:
      return next === 62 || next === 45 || next === 61 ? 2 : 1
    case 60:
      return next === 60 || next === 61 ? 2 : 1
    case 62:
      return next === 61 ? 2 : 1
    case 43:
      return next === 43 || next === 61 ? 2 : 1
    case 38:
      return next === 38 || next === 61 ? 2 : 1
    case 124:
      return next === 124 || next === 61 ? 2 : 1
    case 61:
    case 33:
    case 42:
    case 47:
    case 37:
    case 94:
      return next === 61 ? 2 : 1
    case 58:
      return next === 58 ? 2 : 1
    case 35:
      return next === 35 ? 2 : 1
    case 46:
      return next === 46 && text.charCodeAt(at + 2) === 46 ? 3 : 1
    default:
      return 1
  }
}

/** The offset just after a line continuation at `at` (a backslash and a line end), or `at` where there is none. */
export function afterContinuation(text: string, at: number): number {
  if (text.charCodeAt(at) !== BACKSLASH) return at
  let next = at + 1
  // gcc and clang allow blanks between the backslash and the line end
  while (text.charCodeAt(next) === 32 || text.charCodeAt(next) === 9) next++
  if (text.charCodeAt(next) === CR) return text.charCodeAt(next + 1) === LF ? next + 2 : next + 1
  if (text.charCodeAt(next) === LF) return next + 1
  return at
}

/** The offset just after the string or character constant that begins at `from`; the line's end ends it too. */
function afterQuoted(text: string, from: Offset, quote: number): Offset {
  let to = from + 1
  while (to < text.length) {
    const code = text.charCodeAt(to)
    if (code === BACKSLASH) {
      const continued = afterContinuation(text, to)
      to = continued > to ? continued : to + 2
    } else if (code === quote) return to + 1
    else if (code === LF || code === CR) return to
    else to++
  }
  return text.length
}

/** The offset just after the raw string of C++ whose `"` stands at an offset: `R"x(...)x"`. */
function afterRawString(text: string, quote: Offset): Offset {
  const open = text.indexOf('(', quote)
  // Longer delimiters are not allowed.
  const delimiter = open < 0 || open - quote > 17 ? null : text.slice(quote + 1, open)
  const close = delimiter === null ? -1 : text.indexOf(`)${delimiter}"`, open)
  return close < 0 ? afterQuoted(text, quote, QUOTE) : close + delimiter!.length + 2
}

/** The offset just after the comment that begins at `from`, or `from` where none does. */
export function afterComment(text: string, from: Offset): Offset {
  const second = text.charCodeAt(from + 1)
  if (second === STAR) {
    const close = text.indexOf('*/', from + 2)
    return close < 0 ? text.length : close + 2
  }
  if (second !== SLASH) return from
  let at = from + 2
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === LF || code === CR) break
    const continued = afterContinuation(text, at)
    at = continued > at ? continued : at + 1
  }
  return at
}

/** The offset just after the preprocessing number that begins at `from`: `0x1p-3`, `1'000`, `.5`. */
function afterNumber(text: string, from: Offset): Offset {
  let to = from + 1
  // The `e` of a hexadecimal number is a digit, up to its exponent.
  let isHex = text[from] === '0' && (text[to] === 'x' || text[to] === 'X')
  while (to < text.length) {
    const code = text.charCodeAt(to)
    if (classes[code & 255] !== 0 || code === DOT) {
      if (code === 80 || code === 112) isHex = false
      to++
    } else if ((code === PLUS || code === MINUS) && /[eEpP]/.test(text[to - 1]!) && !isHex) to++
    else if (code === APOSTROPHE && classes[text.charCodeAt(to + 1) & 255] !== 0) to++
    else break
  }
  return to
}

/** The offset just after the identifier that begins at `from`. */
function afterIdentifier(text: string, from: Offset): Offset {
  let to = from + 1
  while (to < text.length && classes[text.charCodeAt(to) & 255] !== 0) to++
  return to
}

/**
 * The tokens found so far, in arrays that grow: as few times and as little as may be, since what they leave behind is
 * memory that others cannot use, in a large text as much again.
 */
class TokenList {
  count = 0
  kind: Uint8Array
  start: Int32Array
  end: Int32Array
  isInDirective: Uint8Array

  /** @param length of the text */
  constructor(private readonly length: number) {
    const capacity = (length >> 4) + 16
    this.kind = new Uint8Array(capacity)
    this.start = new Int32Array(capacity)
    this.end = new Int32Array(capacity)
    this.isInDirective = new Uint8Array(capacity)
  }

  push(kind: number, start: Offset, end: Offset, isInDirective: boolean): void {
    if (this.count === this.kind.length) this.resize(this.foreseen(start))
    this.kind[this.count] = kind
    this.start[this.count] = start
    this.end[this.count] = end
    if (isInDirective) this.isInDirective[this.count] = 1
    this.count++
  }

  /** Ends the arrays where the tokens do. A little memory behind their ends does no harm. */
  trim(): void {
    if (this.kind.length - this.count > this.count >> 3) this.resize(this.count)
    this.kind = this.kind.subarray(0, this.count)
    this.start = this.start.subarray(0, this.count)
    this.end = this.end.subarray(0, this.count)
    this.isInDirective = this.isInDirective.subarray(0, this.count)
  }

  /** How many tokens the text has, and some more, if it goes on as it is up to an offset. */
  private foreseen(offset: Offset): number {
    return Math.ceil(Math.max((this.count / offset) * this.length * 1.03, this.count * 1.2)) + 16
  }

  private resize(capacity: number): void {
    const resized = <T extends Uint8Array | Int32Array>(array: T, other: T): T => {
      other.set(array.subarray(0, this.count))
      return other
    }
    this.kind = resized(this.kind, new Uint8Array(capacity))
    this.start = resized(this.start, new Int32Array(capacity))
    this.end = resized(this.end, new Int32Array(capacity))
    this.isInDirective = resized(this.isInDirective, new Uint8Array(capacity))
  }
}

/** Comments and strings shorter than this, in characters, do not slow a parser down. */
const shortestComment = 61
const shortestString = 25

/**
 * Splits a text into tokens. Never throws: a string or a comment that does not end is ended by the line or the text.
 * @param text with one character per byte
 */
export function scan(text: string): Tokens {
  const { length } = text
  const tokens = new TokenList(length)
  const directives: DirectiveSpan[] = []
  const prose: Span[] = []
  let lineIsEmpty = true // only blanks and comments since the line began
  let directive = -1 // the index of the one that goes on here
  let directiveStart = 0
  let directiveFirst = 0
  const endDirective = (end: Offset): void => {
    directives.push({ start: directiveStart, end, firstToken: directiveFirst, endToken: tokens.count })
    directive = -1
  }
  const addProse = (quote: Offset, end: Offset): void => {
    if (end - quote >= shortestString && text[end - 1] === text[quote]) prose.push({ start: quote + 1, end: end - 1 })
  }

  let at = text.startsWith('\xef\xbb\xbf') ? 3 : 0
  while (at < length) {
    const code = text.charCodeAt(at)
    if (code === 32 || code === 9 || code === 11 || code === 12 || code === 0) {
      at++
      continue
    }
    if (code === LF || code === CR) {
      if (directive >= 0) endDirective(at)
      lineIsEmpty = true
      at++
      continue
    }
    let to = at
    if (code === BACKSLASH) to = afterContinuation(text, at)
    else if (code === SLASH) {
      to = afterComment(text, at)
      if (to - at >= shortestComment) prose.push({ start: at, end: to })
    } else if (code === HASH && lineIsEmpty && directive < 0) {
      directive = directives.length
      lineIsEmpty = false
      directiveStart = at
      directiveFirst = tokens.count
      to++
    }
    if (to > at) {
      at = to
      continue
    }
    let kind: number = Kind.punctuation
    const sort = classes[code & 255]!
    if (sort === 1) {
      kind = Kind.identifier
      to = afterIdentifier(text, at)
      const next = text.charCodeAt(to)
      if (next === QUOTE && to - at <= 3 && rawPrefix.test(text.slice(at, to))) {
        kind = Kind.string
        to = afterRawString(text, to)
      } else if ((next === QUOTE || next === APOSTROPHE) && to - at <= 2 && wide.test(text.slice(at, to))) {
        kind = next === QUOTE ? Kind.string : Kind.character
        const quote = to
        to = afterQuoted(text, quote, next)
        addProse(quote, to)
      }
    } else if (sort === 2 || (code === DOT && classes[text.charCodeAt(at + 1) & 255] === 2)) {
      kind = Kind.number
      to = afterNumber(text, at)
    } else if (code === QUOTE || code === APOSTROPHE) {
      kind = code === QUOTE ? Kind.string : Kind.character
      to = afterQuoted(text, at, code)
      addProse(at, to)
    } else if (code !== BACKSLASH) to = at + operatorLength(text, at, code)
    else to = at + 1
    tokens.push(kind, at, to, directive >= 0)
    if (code !== BACKSLASH) lineIsEmpty = false
    at = to
  }
  if (directive >= 0) endDirective(length)
  tokens.trim()
  const { count, kind, start, end, isInDirective } = tokens
  return { text, count, kind, start, end, isInDirective, directives, prose }
}

/** The index of the directive that a token belongs to; -1 for a token of none. */
export function directiveOf({ isInDirective, directives }: Tokens, token: TokenIndex): number {
  if (isInDirective[token] !== 1) return -1
  // Asked for each token: a closure would be made each time.
  let low = 0
  let high = directives.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (directives[middle]!.firstToken > token) high = middle
    else low = middle + 1
  }
  return low - 1
}

/** Whether two tokens are both of the code, or of the same directive. */
export const isSameLine = (tokens: Tokens, one: TokenIndex, other: TokenIndex): boolean =>
  tokens.isInDirective[one] === tokens.isInDirective[other] && directiveOf(tokens, one) === directiveOf(tokens, other)

/** The text of a token. */
export const tokenText = (tokens: Tokens, index: number): string =>
  tokens.text.slice(tokens.start[index], tokens.end[index])

/** Whether a token is exactly this operator or bracket. */
export function isPunctuation(tokens: Tokens, index: number, text: string): boolean {
  return (
    index >= 0 &&
    index < tokens.count &&
    tokens.kind[index] === Kind.punctuation &&
    tokens.end[index]! - tokens.start[index]! === text.length &&
    tokens.text.startsWith(text, tokens.start[index])
  )
}

/** Whether nothing stands between two tokens that follow each other, but for the ends of lines that go on. */
export function areAdjacent({ text, start, end }: Tokens, left: TokenIndex): boolean {
  let at = end[left]!
  for (let next = afterContinuation(text, at); next > at; next = afterContinuation(text, at)) at = next
  return at === start[left + 1]
}

/** Whether a token is `.` or `->`. */
export function isMemberOperator(tokens: Tokens, index: TokenIndex): boolean {
  if (index < 0 || index >= tokens.count || tokens.kind[index] !== Kind.punctuation) return false
  const start = tokens.start[index]!
  const code = tokens.text.charCodeAt(start)
  const length = tokens.end[index]! - start
  return code === DOT ? length === 1 : code === MINUS && length === 2 && tokens.text.charCodeAt(start + 1) === 62
}
