import { directiveOf, isPunctuation, Kind, scan, type Tokens, tokenText } from '../preprocess/scanner.ts'
import { addAll } from '../source/lists.ts'
import { addTo } from '../source/multimap.ts'
import { Nesting } from '../source/nesting.ts'
import { lastUpTo } from '../source/search.ts'
import type { Offset, Span, TokenIndex } from '../source/text.ts'
import { isForPython3 } from './conditionals.ts'
import { statementBounds, tagWords, wordSet } from './words.ts'

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
  /** Whether each bracket outside of directives pairs with one, however the branches of conditions are taken. */
  readonly isPaired: boolean
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

/** The brackets that are open, the innermost first; null for none. Branches of a condition share the outer ones. */
type Open = { readonly bracket: TokenIndex; readonly outer: Open } | null

/** A condition that is open, with the branches that were read. */
interface Group {
  /** What was open where it began: each of its branches goes on from there. */
  readonly before: Open
  /** Whether what follows goes on from where its first branch ended, and not from the last one. */
  readonly goesOnFromFirst: boolean
  /** What was open where its first branch ended. */
  first: Open
  /** The token at which the branches begin that nothing goes on from; that of the condition around it before. */
  other: TokenIndex
  /** Whether such branches have begun. */
  hasOther: boolean
  /** Whether it has one branch. */
  isAlone: boolean
}

/**
 * Brackets that a condition without `#else` opens or closes are taken to be there; where they pair with none so, and do
 * without them, they are not.
 * @param text one character per byte
 * @param tokens its tokens, where they are at hand
 */
export function outlineOf(text: string, tokens = scan(text)): Outline {
  const outline = pair(text, tokens, true)
  if (outline.isPaired) return outline
  const other = pair(text, tokens, false)
  return other.isPaired ? other : outline
}

/** @param opens whether brackets that are open behind the only branch of a condition are open behind the condition */
function pair(text: string, tokens: Tokens, opens: boolean): Outline {
  const matchingBracket = new Int32Array(tokens.count).fill(-1)
  const enclosingBracket = new Int32Array(tokens.count).fill(-1)
  const braceKinds = new Map<number, BraceKind>()
  const functions: FunctionText[] = []
  let stack = null as Open
  /** The conditions that are open. */
  const groups: Group[] = []
  let lastDirective = -1
  /** Brackets in a directive are a matter of their own. */
  let outer = null as Open
  let isInDirective = false
  let previous = -1
  let isPaired = true
  for (let at = 0; at < tokens.count; at++) {
    const directive = directiveOf(tokens, at)
    if (directive !== lastDirective) {
      if (directive >= 0 && !isInDirective) outer = stack
      stack = directive < 0 ? outer : null
      isInDirective = directive >= 0
      lastDirective = directive
      if (directive >= 0 && tokens.directives[directive]!.firstToken === at)
        outer = openBehind(groups, outer, tokens, directive, opens)
    }
    enclosingBracket[at] = stack?.bracket ?? -1
    if (tokens.kind[at] === Kind.punctuation && tokens.end[at]! - tokens.start[at]! === 1) {
      const sign = text[tokens.start[at]!]!
      if (sign === '(' || sign === '[' || sign === '{') {
        if (sign === '{' && directive < 0)
          braceKinds.set(at, braceKind(tokens, matchingBracket, braceKinds, enclosingBracket, at, previous))
        stack = { bracket: at, outer: stack }
      } else if (sign === ')' || sign === ']' || sign === '}') {
        const open = stack?.bracket
        const wanted = sign === ')' ? '(' : sign === ']' ? '[' : '{'
        if (open === undefined || text[tokens.start[open]!] !== wanted) isPaired &&= directive >= 0
        else {
          stack = stack!.outer
          // What another branch closes that was open before, the first one has closed.
          const other = groups.at(-1)?.other ?? -1
          if (open > other || matchingBracket[open] === -1) matchingBracket[open] = at
          matchingBracket[at] = open
          enclosingBracket[at] = stack?.bracket ?? -1
          if (sign === '}' && braceKinds.get(open) === 'function') {
            const found = functionAt(tokens, matchingBracket, open, at)
            if (found) functions.push(found)
          }
        }
      }
    }
    if (directive < 0) previous = at
  }
  isPaired &&= (isInDirective ? outer : stack) === null
  return { text, tokens, matchingBracket, enclosingBracket, functions, braceKinds, isPaired }
}

/**
 * The brackets that are open behind a directive.
 * @param open those before it
 * @param opens whether those behind the only branch of a condition are open behind the condition
 */
function openBehind(groups: Group[], open: Open, tokens: Tokens, directive: number, opens: boolean): Open {
  const at = tokens.directives[directive]!.firstToken
  const word = tokenText(tokens, at)
  const group = groups.at(-1)
  if (/^if/.test(word)) {
    groups.push({
      before: open,
      goesOnFromFirst: isForPython3(tokens, directive),
      first: null,
      other: group?.other ?? -1,
      hasOther: false,
      isAlone: true,
    })
  } else if (/^el/.test(word) && group !== undefined) {
    group.isAlone = false
    if (group.goesOnFromFirst && !group.hasOther) {
      group.first = open
      group.other = at
      group.hasOther = true
    }
    return group.before
  } else if (word === 'endif') {
    groups.pop()
    if (group?.hasOther) return group.first
    if (group?.isAlone && !opens) return group.before
  }
  return open
}

/** What stands before the colon of what a constructor initialises. */
const beforeInitialised = wordSet(') noexcept')

/** What stands before the brace of an initialiser. */
const beforeInitialiser = wordSet('= , ( return ]')

/** Names before parentheses behind those of the parameters. */
const behindParameters = wordSet('noexcept throw __attribute__')

/** Whether a token is the name of what a constructor initialises: `a_` in `: a_{1}, b_(2)`. */
function isInitialised(tokens: Tokens, name: TokenIndex): boolean {
  const isName = name > 0 && tokens.kind[name] === Kind.identifier
  if (!isName || isPunctuation(tokens, name - 1, ',')) return isName
  // Not the colon of `public:`.
  return isPunctuation(tokens, name - 1, ':') && beforeInitialised.has(tokenText(tokens, name - 2))
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
  if (beforeInitialiser.has(before)) return 'initialiser'
  const inCode = outside === 'function' || outside === 'block'
  if (before === ')') return inCode ? 'block' : 'function'
  if (tokens.kind[previous] === Kind.string) return 'file'
  // Back to where the declaration begins.
  for (let back = previous; back >= 0 && previous - back < longestHead; back--) {
    if (tokens.isInDirective[back] !== 0) continue
    const word = tokenText(tokens, back)
    if (statementBounds.has(word)) break
    if (word === 'namespace') return 'file'
    if (tagWords.has(word)) return 'struct'
    if (word === ')' && !inCode) return isInitialised(tokens, previous) ? 'initialiser' : 'function'
    if (word === '=') return 'initialiser'
    if (word === ')') back = Math.max(matchingBracket[back]!, 0)
  }
  // `MODULE_INIT_HEAD {`
  return inCode ? 'block' : before === ';' || tokens.kind[previous] === Kind.identifier ? 'function' : 'file'
}

function functionAt(tokens: Tokens, matchingBracket: Int32Array, body: number, end: number): FunctionText | null {
  for (let at = body - 1; at > 0 && body - at < longestHead; at--) {
    if (tokens.isInDirective[at] !== 0) continue
    if (!isPunctuation(tokens, at, ')')) {
      // `f(self) PyObject *self; {`
      if (isPunctuation(tokens, at, ';')) {
        at = beforeOldParameters(tokens, at) + 1
        if (at > 0) continue
        break
      }
      // `: a_{1} {`
      const brace = isPunctuation(tokens, at, '}') ? matchingBracket[at]! : -1
      if (brace > 0 && isInitialised(tokens, brace - 1)) at = brace - 1
      else if (statementBounds.has(tokenText(tokens, at))) break
      continue
    }
    const open = matchingBracket[at]!
    const name = open - 1
    const operator = open > 0 ? operatorBefore(tokens, open) : -1
    if (operator >= 0) {
      const written = tokens.text.slice(tokens.start[operator], tokens.end[name])
      return { name: written, nameToken: operator, open, close: at, body, end }
    }
    if (
      open > 0 &&
      tokens.kind[name] === Kind.identifier &&
      !isInitialised(tokens, name) &&
      !behindParameters.has(tokenText(tokens, name))
    ) {
      return { name: tokenText(tokens, name), nameToken: name, open, close: at, body, end }
    }
    at = open
  }
  let head = body - 1
  while (head >= 0 && tokens.isInDirective[head] !== 0) head--
  // `int global{1};`, `T<int> *one{f()}, two;`
  const isVariable = variableEnds.has(tokenText(tokens, end + 1)) && head > 0 && isEndOfType(tokens, head - 1)
  return head >= 0 && tokens.kind[head] === Kind.identifier && !isVariable
    ? { name: tokenText(tokens, head), nameToken: head, open: -1, close: -1, body, end }
    : null
}

const variableEnds = wordSet('; ,')

const isEndOfType = (tokens: Tokens, at: TokenIndex): boolean =>
  tokens.kind[at] === Kind.identifier || typeEnds.has(tokenText(tokens, at))

const typeEnds = wordSet('> >> * &')

/** The `operator` of an operator's name before the parenthesis of its parameters; -1 for none. */
export function operatorBefore(tokens: Tokens, open: TokenIndex): TokenIndex {
  for (let at = open - 1; at >= 0 && open - at <= longestOperator; at--) {
    if (tokenText(tokens, at) === 'operator') return at
    if (tokens.kind[at] !== Kind.punctuation && !operatorNames.has(tokenText(tokens, at))) return -1
  }
  return -1
}

/** Operators that are words. */
const operatorNames = wordSet('new delete co_await')

/** Tokens that the sign of an operator has at most, its word included: `operator <<=`, `operator ()`. */
const longestOperator = 4

/**
 * The parenthesis before declarations of parameters in the old way.
 * @param at the last semicolon of the declarations
 * @returns -1 where something else than such declarations stands before it
 */
function beforeOldParameters(tokens: Tokens, at: TokenIndex): TokenIndex {
  for (let back = at - 1; back > 0 && at - back < longestHead; back--) {
    if (tokens.isInDirective[back] !== 0) continue
    if (isPunctuation(tokens, back, ')')) return back
    if (tokens.kind[back] !== Kind.identifier && !/^(?:[*,;[\]]|\d+)$/.test(tokenText(tokens, back))) return -1
  }
  return -1
}

/** Tokens before the brace of a namespace in which its names are looked for. */
const longestNamespaceHead = 200

/** The namespaces that a token stands in, innermost first: where they begin, and their names from the inside out. */
function* namespacesFrom(
  { tokens, enclosingBracket, braceKinds }: Outline,
  token: TokenIndex,
): Iterable<{ readonly keyword: TokenIndex; readonly names: readonly string[] }> {
  for (let at = enclosingBracket[token]!; at >= 0; at = enclosingBracket[at]!) {
    if (braceKinds.get(at) !== 'file') continue
    const names: string[] = []
    let back = at - 1
    for (; back >= 0 && at - back < longestNamespaceHead && tokenText(tokens, back) !== 'namespace'; back--) {
      if (statementBounds.has(tokenText(tokens, back)) || tokens.kind[back] === Kind.string) break
      if (tokens.kind[back] === Kind.identifier) names.push(tokenText(tokens, back))
    }
    if (back >= 0 && tokenText(tokens, back) === 'namespace') yield { keyword: back, names }
  }
}

/** The names of the namespaces that a token stands in, outermost first: `a`, `b` within `namespace a::b {`. */
export function namespacesAround(outline: Outline, token: TokenIndex): string[] {
  const names: string[] = []
  for (const each of namespacesFrom(outline, token)) addAll(names, each.names)
  return names.reverse()
}

/** The `namespace` of the outermost one that a token stands in; -1 for none. */
export function outermostNamespace(outline: Outline, token: TokenIndex): TokenIndex {
  let found = -1
  for (const { keyword } of namespacesFrom(outline, token)) found = keyword
  return found
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

const none: readonly FunctionText[] = []

/** The functions of an outline by their places. */
export class FunctionIndex {
  private readonly bodies: Nesting<Span & { readonly found: FunctionText }>
  /** In the order of their bodies. */
  private readonly sorted: readonly FunctionText[]
  private readonly starts: readonly Offset[]
  private readonly byName = new Map<string, FunctionText[]>()

  constructor({ functions, tokens }: Outline) {
    const span = (found: FunctionText) => ({ start: tokens.start[found.body]! + 1, end: tokens.end[found.end]!, found })
    this.bodies = new Nesting(functions.map(span))
    this.sorted = functions.toSorted((a, b) => a.body - b.body)
    this.starts = this.sorted.map(({ body }) => tokens.start[body]!)
    for (const each of functions) addTo(this.byName, each.name, each)
  }

  /** The functions of a name, in the order of the text. */
  named(name: string): readonly FunctionText[] {
    return this.byName.get(name) ?? none
  }

  /** The function whose body holds an offset, the innermost one; null for none. */
  around(offset: Offset): FunctionText | null {
    return this.bodies.innermostAt(offset)?.found ?? null
  }

  /** The function whose body is the next one behind an offset; null for none. */
  behind(offset: Offset): FunctionText | null {
    return this.sorted[lastUpTo(this.starts, offset) + 1] ?? null
  }
}
