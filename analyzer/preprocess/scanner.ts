import type { Offset, TokenIndex } from '../source/text.ts'

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
  /** For each token the index of the directive that it belongs to, or -1. */
  readonly directive: Int32Array
  readonly directives: readonly DirectiveSpan[]
  /** Comments of more than a few words, and what is between the quotes of long strings, in order; `end` exclusive. */
  readonly prose: readonly { readonly start: Offset; readonly end: Offset }[]
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

// What a character can be part of: 1 = begins an identifier, 2 = a digit.
const classes = new Uint8Array(256)
for (let c = 0; c < 256; c++) {
  if ((c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95 || c === 36 || c >= 128) classes[c] = 1
  else if (c >= 48 && c <= 57) classes[c] = 2
}

const rawPrefix = /^(?:u8|u|U|L)?R$/

/** How many characters the operator at `at` has, as far as it matters that it does not fall apart. */
function pairLength(text: string, at: number, code: number): number {
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
function afterContinuation(text: string, at: number): number {
  if (text.charCodeAt(at) !== BACKSLASH) return at
  let next = at + 1
  // gcc and clang allow blanks between the backslash and the line end
  while (text.charCodeAt(next) === 32 || text.charCodeAt(next) === 9) next++
  if (text.charCodeAt(next) === CR) return text.charCodeAt(next + 1) === LF ? next + 2 : next + 1
  if (text.charCodeAt(next) === LF) return next + 1
  return at
}

/**
 * Splits a text into tokens. Never throws: a string or a comment that does not end is ended by the line or the text.
 * @param text with one character per byte
 */
export function scan(text: string): Tokens {
  const length = text.length
  let capacity = (length >> 2) + 16
  let kind = new Uint8Array(capacity)
  let start = new Int32Array(capacity)
  let end = new Int32Array(capacity)
  let directive = new Int32Array(capacity)
  const directives: DirectiveSpan[] = []
  const prose: { start: Offset; end: Offset }[] = []
  const comment = (from: number, to: number): void => {
    if (to - from > 60) prose.push({ start: from, end: to })
  }
  let count = 0
  let at = text.startsWith('\xef\xbb\xbf') ? 3 : 0
  let lineIsEmpty = true // only blanks and comments since the line began
  let inDirective = false
  let directiveStart = 0
  let directiveFirst = 0

  const push = (tokenKind: number, from: number, to: number): void => {
    if (count === capacity) {
      capacity *= 2
      const grow = <T extends Uint8Array | Int32Array>(array: T, bigger: T): T => {
        bigger.set(array)
        return bigger
      }
      kind = grow(kind, new Uint8Array(capacity))
      start = grow(start, new Int32Array(capacity))
      end = grow(end, new Int32Array(capacity))
      directive = grow(directive, new Int32Array(capacity))
    }
    kind[count] = tokenKind
    start[count] = from
    end[count] = to
    directive[count] = inDirective ? directives.length : -1
    count++
  }
  const endDirective = (to: number): void => {
    directives.push({ start: directiveStart, end: to, firstToken: directiveFirst, endToken: count })
    inDirective = false
  }
  const quoted = (from: number, quote: number): number => {
    let to = from + 1
    while (to < length) {
      const code = text.charCodeAt(to)
      if (code === BACKSLASH) {
        const continued = afterContinuation(text, to)
        to = continued > to ? continued : to + 2
      } else if (code === quote) return to + 1
      else if (code === LF || code === CR) return to
      else to++
    }
    return length
  }

  while (at < length) {
    const code = text.charCodeAt(at)
    if (code === 32 || code === 9 || code === 11 || code === 12 || code === 0) {
      at++
    } else if (code === LF || code === CR) {
      if (inDirective) endDirective(at)
      lineIsEmpty = true
      at++
    } else if (code === BACKSLASH) {
      const continued = afterContinuation(text, at)
      if (continued > at) at = continued
      else {
        push(Kind.punctuation, at, at + 1)
        at++
      }
    } else if (code === SLASH && text.charCodeAt(at + 1) === STAR) {
      const close = text.indexOf('*/', at + 2)
      const end = close < 0 ? length : close + 2
      comment(at, end)
      at = end
    } else if (code === SLASH && text.charCodeAt(at + 1) === SLASH) {
      const from = at
      at += 2
      while (at < length) {
        const inside = text.charCodeAt(at)
        if (inside === LF || inside === CR) break
        const continued = afterContinuation(text, at)
        at = continued > at ? continued : at + 1
      }
      comment(from, at)
    } else if (code === HASH && lineIsEmpty && !inDirective) {
      inDirective = true
      lineIsEmpty = false
      directiveStart = at
      directiveFirst = count
      at++
    } else {
      lineIsEmpty = false
      const sort = classes[code & 255]!
      if (sort === 1) {
        let to = at + 1
        while (to < length && classes[text.charCodeAt(to) & 255] !== 0) to++
        const following = text.charCodeAt(to)
        if (following === QUOTE && to - at <= 3 && rawPrefix.test(text.slice(at, to))) {
          const open = text.indexOf('(', to)
          const delimiter = open < 0 || open - to > 17 ? null : text.slice(to + 1, open)
          const close = delimiter === null ? -1 : text.indexOf(`)${delimiter}"`, open)
          const stop = close < 0 ? quoted(to, QUOTE) : close + delimiter!.length + 2
          push(Kind.string, at, stop)
          at = stop
        } else {
          push(Kind.identifier, at, to)
          at = to
        }
      } else if (sort === 2 || (code === DOT && classes[text.charCodeAt(at + 1) & 255] === 2)) {
        let to = at + 1
        while (to < length) {
          const inside = text.charCodeAt(to)
          if (classes[inside & 255] !== 0 || inside === DOT) to++
          else if (
            (inside === 43 || inside === 45) &&
            /[eEpP]/.test(text[to - 1]!) &&
            !/^0[xX][^pP]*$/.test(text.slice(at, to))
          )
            to++
          else if (inside === APOSTROPHE && classes[text.charCodeAt(to + 1) & 255] !== 0) to++
          else break
        }
        push(Kind.number, at, to)
        at = to
      } else if (code === QUOTE || code === APOSTROPHE) {
        const to = quoted(at, code)
        if (to - at > 24 && text.charCodeAt(to - 1) === code) prose.push({ start: at + 1, end: to - 1 })
        push(code === QUOTE ? Kind.string : Kind.character, at, to)
        at = to
      } else {
        const to = at + pairLength(text, at, code)
        push(Kind.punctuation, at, to)
        at = to
      }
    }
  }
  if (inDirective) endDirective(length)
  return { text, count, kind, start, end, directive, directives, prose }
}

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
