import { addAll } from '../source/lists.ts'
import type { TokenIndex } from '../source/text.ts'
import type { Outline } from './outline.ts'
import { type CodeContext, readDeclarationAt, readValueAt } from './read-function.ts'
import type { DeclarationStatement, ExpressionStatement, Variable } from './tree.ts'

/** What stands outside of functions: declarations, and calls of macros. */

const bodyMaps = new WeakMap<Outline, ReadonlyMap<TokenIndex, TokenIndex>>()

/** Of each parenthesis that opens the parameters of a function where its body begins. */
function bodiesOf(outline: Outline): ReadonlyMap<TokenIndex, TokenIndex> {
  const known = bodyMaps.get(outline) ?? new Map(outline.functions.map(({ open, body }) => [open, body]))
  bodyMaps.set(outline, known)
  return known
}

/** The declarations at file level and in namespaces, in the order of the text. */
export function readFileLevel(context: CodeContext): DeclarationStatement[] {
  const { tokens, braceKinds, matchingBracket, text } = context.outline
  const bodies = bodiesOf(context.outline)
  const found: DeclarationStatement[] = []
  let isStart = true
  for (let at = 0; at < tokens.count; at++) {
    if (tokens.isInDirective[at] !== 0) continue
    const word = text.slice(tokens.start[at], tokens.end[at])
    if (word === '{') {
      const kind = braceKinds.get(at)
      if (kind !== 'file' && matchingBracket[at]! > at) at = matchingBracket[at]!
      isStart = true
      continue
    }
    if (word === ';' || word === '}') {
      isStart = true
      continue
    }
    if (isStart) {
      const declaration = readDeclarationAt(context, at, tokens.count)
      if (declaration !== null) {
        found.push(declaration)
        at = lastOf(context, at, declaration)
        continue
      }
      isStart = false
    }
    if (!/^[([]$/.test(word) || matchingBracket[at]! <= at) continue
    const body = bodies.get(at)
    // Behind a macro that nothing has to follow a declaration may begin.
    isStart = word === '(' && body === undefined
    at = body === undefined ? matchingBracket[at]! : body - 1
  }
  return found
}

/** The last token of a declaration. @param first its first one */
function lastOf({ outline: { tokens } }: CodeContext, first: TokenIndex, { span }: DeclarationStatement): TokenIndex {
  let last = first
  while (last + 1 < tokens.count && tokens.start[last + 1]! < span.end) last++
  return last
}

/**
 * The fields between the braces of a struct, in order; null where one is not understood.
 * @param allBranches those in all branches of conditions; else null where directives stand among them
 */
export function readMembers(
  context: CodeContext,
  open: TokenIndex,
  close: TokenIndex,
  allBranches: boolean,
): readonly Variable[] | null {
  const { tokens } = context.outline
  const found: Variable[] = []
  for (let at = open + 1; at < close; at++) {
    if (tokens.isInDirective[at] !== 0) {
      if (!allBranches) return null
      continue
    }
    // A macro before a condition is no part of the declaration behind it: `PyObject_HEAD`.
    if (allBranches && at + 1 < close && tokens.isInDirective[at + 1] !== 0) continue
    const declaration = readDeclarationAt(context, at, close)
    if (declaration === null) return null
    addAll(found, declaration.variables)
    at = lastOf(context, at, declaration)
  }
  return found
}

/** The call of a macro at file level that holds a token, an outermost one; null for none. */
export function readCallAround(context: CodeContext, token: TokenIndex): ExpressionStatement | null {
  const { enclosingBracket, matchingBracket, braceKinds, tokens, text } = context.outline
  const isCallee = text[tokens.start[token + 1]!] === '(' && enclosingBracket[token + 1] === enclosingBracket[token]
  let open = isCallee ? token + 1 : -1
  for (let at = enclosingBracket[token]!; at >= 0; at = enclosingBracket[at]!) {
    if (text[tokens.start[at]!] === '{') {
      if (braceKinds.get(at) === 'file') break
      if (braceKinds.get(at) !== 'initialiser') return null
    }
    open = at
  }
  const isCall = open > 0 && text[tokens.start[open]!] === '(' && matchingBracket[open]! >= 0
  if (!isCall || bodiesOf(context.outline).has(open)) return null
  const value = readValueAt(context, open - 1, matchingBracket[open]! + 1)
  return value.kind === 'call' ? { kind: 'expression', value, span: value.span } : null
}
