import { isPunctuation, Kind, scan, type Tokens, tokenText } from '../preprocess/scanner.ts'
import type { Offset, TokenIndex } from '../source/text.ts'

/**
 * What the brackets of a C or C++ text say of its structure: enough to find functions, statements and initialisers
 * without a grammar.
 */
export interface Outline {
  readonly text: string
  readonly tokens: Tokens
  /** Of each bracket the token that it pairs with, -1 for one without. */
  readonly matchingBracket: Int32Array
  /** Of each token the bracket that it stands in, the innermost one; -1 outside of all. */
  readonly enclosingBracket: Int32Array
  readonly functions: readonly FunctionText[]
  /**
   * Braces around declarations, by token: of functions, structs, initialisers; what is in none of these is at file
   * level.
   */
  readonly braceKinds: ReadonlyMap<number, BraceKind>
}

export type BraceKind = 'function' | 'block' | 'struct' | 'initialiser' | 'file'

/** A function with a body. Numbers are tokens. */
export interface FunctionText {
  readonly name: string
  readonly nameToken: TokenIndex
  /** The parentheses of its parameters; -1 where a macro stands for its head. */
  readonly open: TokenIndex
  readonly close: TokenIndex
  /** The braces of its body. */
  readonly body: TokenIndex
  readonly end: TokenIndex
}

/** @param text one character per byte @param tokens its tokens, where they are at hand */
export function outlineOf(text: string, tokens = scan(text)): Outline {
  const matchingBracket = new Int32Array(tokens.count).fill(-1)
  const enclosingBracket = new Int32Array(tokens.count).fill(-1)
  const braceKinds = new Map<number, BraceKind>()
  const functions: FunctionText[] = []
  let stack: number[] = []
  /** What was open where a condition began: each of its branches goes on from there. */
  const saved: number[][] = []
  let lastDirective = -1
  /** Brackets in a directive are a matter of their own. */
  let outer: number[] | null = null
  let previous = -1
  for (let at = 0; at < tokens.count; at++) {
    const directive = tokens.directive[at]!
    if (directive !== lastDirective) {
      if (directive >= 0 && outer === null) {
        outer = stack
        stack = []
      } else if (directive < 0 && outer !== null) {
        stack = outer
        outer = null
      } else stack = []
      lastDirective = directive
      if (directive >= 0 && outer !== null && tokens.directives[directive]!.firstToken === at) {
        const word = tokenText(tokens, at)
        if (/^if/.test(word)) saved.push([...outer])
        else if (/^el/.test(word) && saved.length > 0) outer = [...saved.at(-1)!]
        else if (word === 'endif') saved.pop()
      }
    }
    enclosingBracket[at] = stack.at(-1) ?? -1
    if (tokens.kind[at] === Kind.punctuation && tokens.end[at]! - tokens.start[at]! === 1) {
      const sign = text[tokens.start[at]!]!
      if (sign === '(' || sign === '[' || sign === '{') {
        if (sign === '{' && directive < 0)
          braceKinds.set(at, braceKind(tokens, matchingBracket, braceKinds, enclosingBracket, at, previous))
        stack.push(at)
      } else if (sign === ')' || sign === ']' || sign === '}') {
        const open = stack.at(-1)
        const wanted = sign === ')' ? '(' : sign === ']' ? '[' : '{'
        if (open !== undefined && text[tokens.start[open]!] === wanted) {
          stack.pop()
          matchingBracket[open] = at
          matchingBracket[at] = open
          enclosingBracket[at] = stack.at(-1) ?? -1
          if (sign === '}' && braceKinds.get(open) === 'function') {
            const found = functionAt(tokens, matchingBracket, open, at)
            if (found) functions.push(found)
          }
        }
      }
    }
    if (directive < 0) previous = at
  }
  return { text, tokens, matchingBracket, enclosingBracket, functions, braceKinds }
}

/** Tokens of a declaration that are looked at before its brace; a longer head is not found. */
const longestHead = 60

function braceKind(
  tokens: Tokens,
  matchingBracket: Int32Array,
  braceKinds: ReadonlyMap<number, BraceKind>,
  enclosingBracket: Int32Array,
  at: number,
  previous: number,
): BraceKind {
  const around = enclosingBracket[at]!
  const outside: BraceKind = around < 0 ? 'file' : (braceKinds.get(around) ?? 'initialiser')
  if (outside === 'initialiser') return 'initialiser'
  if (previous < 0) return 'file'
  const before = tokenText(tokens, previous)
  if (/^(?:=|,|\(|return|\])$/.test(before)) return 'initialiser'
  const inCode = outside === 'function' || outside === 'block'
  if (before === ')') return inCode ? 'block' : 'function'
  if (tokens.kind[previous] === Kind.string) return 'file'
  // Back to where the declaration begins.
  for (let back = previous; back >= 0 && previous - back < longestHead; back--) {
    if (tokens.directive[back] !== -1) continue
    const word = tokenText(tokens, back)
    if (word === ';' || word === '{' || word === '}') break
    if (word === 'namespace') return 'file'
    if (/^(?:struct|union|enum|class)$/.test(word)) return 'struct'
    if (word === ')' && !inCode) return 'function'
    if (word === '=') return 'initialiser'
    if (word === ')') back = Math.max(matchingBracket[back]!, 0)
  }
  // `MODULE_INIT_HEAD {`
  return inCode ? 'block' : before === ';' || tokens.kind[previous] === Kind.identifier ? 'function' : 'file'
}

function functionAt(tokens: Tokens, matchingBracket: Int32Array, body: number, end: number): FunctionText | null {
  for (let at = body - 1; at > 0 && body - at < longestHead; at--) {
    if (tokens.directive[at] !== -1) continue
    if (!isPunctuation(tokens, at, ')')) {
      // `f(self) PyObject *self; {`
      if (isPunctuation(tokens, at, ';')) {
        at = beforeOldParameters(tokens, at) + 1
        if (at > 0) continue
        break
      }
      if (/^[{}]$/.test(tokenText(tokens, at))) break
      continue
    }
    const open = matchingBracket[at]!
    const name = open - 1
    if (
      open > 0 &&
      tokens.kind[name] === Kind.identifier &&
      !/^(?:noexcept|throw|__attribute__)$/.test(tokenText(tokens, name))
    ) {
      return { name: tokenText(tokens, name), nameToken: name, open, close: at, body, end }
    }
    at = open
  }
  let head = body - 1
  while (head >= 0 && tokens.directive[head] !== -1) head--
  return head >= 0 && tokens.kind[head] === Kind.identifier
    ? { name: tokenText(tokens, head), nameToken: head, open: -1, close: -1, body, end }
    : null
}

/**
 * The parenthesis before declarations of parameters in the old way.
 * @param at the last semicolon of the declarations
 * @returns -1 where something else than such declarations stands before it
 */
function beforeOldParameters(tokens: Tokens, at: TokenIndex): TokenIndex {
  for (let back = at - 1; back > 0 && at - back < longestHead; back--) {
    if (tokens.directive[back] !== -1) continue
    if (isPunctuation(tokens, back, ')')) return back
    if (tokens.kind[back] !== Kind.identifier && !/^(?:[*,;[\]]|\d+)$/.test(tokenText(tokens, back))) return -1
  }
  return -1
}

/** The next token that is of no directive; `tokens.count` where there is none. */
export function nextToken({ tokens }: Outline, at: number): number {
  for (at++; at < tokens.count && tokens.directive[at] !== -1; at++);
  return at
}

/** The token before that is of no directive, -1 where there is none. */
export function previousToken({ tokens }: Outline, at: number): number {
  for (at--; at >= 0 && tokens.directive[at] !== -1; at--);
  return at
}

/** The first token that begins at an offset or behind it; the last one where there is none. */
export function tokenFrom({ tokens }: Outline, offset: Offset): TokenIndex {
  let low = 0
  let high = tokens.count - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (tokens.start[middle]! < offset) low = middle + 1
    else high = middle
  }
  return low
}

/** The text of a token; nothing where there is none. */
export const wordAt = ({ tokens }: Outline, at: number): string =>
  at >= 0 && at < tokens.count ? tokenText(tokens, at) : ''

/** The function whose body holds a token. */
export const functionAround = ({ functions }: Outline, at: number): FunctionText | null =>
  functions.find(({ body, end }) => body < at && at < end) ?? null

/** A statement. `first` and `last` are tokens; `last` is its semicolon or closing brace. */
export interface StatementTokens {
  readonly first: TokenIndex
  readonly last: TokenIndex
}

/**
 * The outermost statement of a function's body that holds a token. Macros that stand for statements count with what
 * follows.
 */
export function outermostStatement(outline: Outline, { body, end }: FunctionText, at: number): StatementTokens {
  let first = nextToken(outline, body)
  for (let token = first; token < end; token = nextToken(outline, token)) {
    const word = wordAt(outline, token)
    let isEnd = word === ';'
    if (/^[([{]$/.test(word) && outline.matchingBracket[token]! > token) {
      const isBlock =
        word === '{' && outline.braceKinds.get(token) !== 'initialiser' && outline.braceKinds.get(token) !== 'struct'
      token = outline.matchingBracket[token]!
      isEnd = isBlock
    }
    if (!isEnd) continue
    const next = nextToken(outline, token)
    if (wordAt(outline, next) === 'else') continue
    if (wordAt(outline, next) === 'while' && wordAt(outline, first) === 'do') continue
    if (at <= token) return { first, last: token }
    first = next
  }
  return { first, last: end - 1 }
}

/**
 * The simple statement, one that ends with a semicolon, that holds a token of a function's body; null where that is a
 * condition or the like.
 */
export function simpleStatement(outline: Outline, at: number): StatementTokens | null {
  let inside = at
  for (
    let open = outline.enclosingBracket[inside]!;
    open >= 0 && wordAt(outline, open) !== '{';
    open = outline.enclosingBracket[inside]!
  )
    inside = open
  const block = outline.enclosingBracket[inside]!
  let last = inside
  while (last < outline.tokens.count && wordAt(outline, last) !== ';') {
    if (
      wordAt(outline, last) === '}' ||
      (wordAt(outline, last) === '{' && outline.braceKinds.get(last) !== 'initialiser')
    )
      return null
    last = /^[([{]$/.test(wordAt(outline, last))
      ? nextToken(outline, outline.matchingBracket[last]!)
      : nextToken(outline, last)
    if (last <= inside) return null
  }
  let first = inside
  for (let back = previousToken(outline, inside); back > block; back = previousToken(outline, back)) {
    const word = wordAt(outline, back)
    if (/^(?:[;{}]|else|do)$/.test(word) || (word === ':' && !isTernary(outline, back, block))) break
    if (word === ')') {
      const open = outline.matchingBracket[back]!
      const head = wordAt(outline, previousToken(outline, open))
      if (/^(?:if|for|while|switch)$/.test(head)) break
      if (open < 0) return null
      back = open
    } else if (word === ']') back = outline.matchingBracket[back]!
    if (back < 0) return null
    first = back
  }
  return { first, last }
}

function isTernary(outline: Outline, colon: number, block: number): boolean {
  for (let back = previousToken(outline, colon); back > block; back = previousToken(outline, back)) {
    const word = wordAt(outline, back)
    if (word === '?') return true
    if (/^[;{}]$/.test(word) || word === 'case') return false
  }
  return false
}

/** Whether a simple statement is all of what an `if`, a loop or an `else` does, without braces around it. */
export function isBraceless(outline: Outline, { first }: StatementTokens): boolean {
  const before = previousToken(outline, first)
  const word = wordAt(outline, before)
  if (word === 'else' || word === 'do') return true
  return (
    word === ')' &&
    /^(?:if|for|while|switch)$/.test(wordAt(outline, previousToken(outline, outline.matchingBracket[before]!)))
  )
}

/**
 * Where the arguments of a template end, `Spam<4, float>`.
 * @param token a `<`
 * @param end where to stop
 * @returns the token of the last `>`; the `<` itself where it begins none
 */
export function endOfTemplate(outline: Outline, token: TokenIndex, end: number): number {
  if (outline.tokens.kind[token - 1] !== Kind.identifier) return token
  let depth = 0
  for (let at = token; at < end && outline.tokens.directive[at] === outline.tokens.directive[token]; at++) {
    const word = wordAt(outline, at)
    if (word === '<') depth++
    else if (word === '>' || word === '>>') depth -= word.length
    else if (!/^(?:[\w:]+|,|\*|&)$/.test(word)) return token
    if (depth <= 0) return at
  }
  return token
}

/** The blanks that a line begins with. @param at somewhere on it */
export function indentAt(text: string, at: Offset): string {
  const line = text.lastIndexOf('\n', at - 1) + 1
  return /^[ \t]*/.exec(text.slice(line, at + 200))![0]
}
