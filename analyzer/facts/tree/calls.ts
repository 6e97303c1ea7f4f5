import type { SyntaxNode } from '../../syntax/parse.ts'
import { expressionOf, operandsOf } from '../expressions.ts'
import type { Expression, ObjectArgument, Operand } from '../file-facts.ts'
import { takesObject } from '../lexicon.ts'
import { isConstIn } from './locals.ts'
import { argumentsOf, bound, operandIn } from './operands.ts'
import type { Scope } from './scope.ts'
import type { TreeWalk } from './tree-walk.ts'
import { observeRewritableCall } from './uses-in-context.ts'

/** A call: what it hands to a macro of the project, or to a function that takes a `PyObject *`. */
export function observeCall(walk: TreeWalk, node: SyntaxNode, scope: Scope): void {
  const callee = node.childForFieldName('function')
  if (callee?.type !== 'identifier') return
  observeRewritableCall(walk, node, callee, scope)
  const { fieldMacros, objectMacros, pastingMacros } = walk.context
  const name = callee.text
  if (takesObject.has(name) && walk.interesting.has(callee.startIndex)) {
    const first = argumentsOf(node)[0]
    if (first) walk.sink.objectArgument({ called: name, ...objectIn(walk, first, scope) })
  }
  if (fieldMacros.has(name) || pastingMacros.has(name) || objectMacros.has(name)) {
    const operands = operandsOf(node.childForFieldName('arguments'), scope.lookup)
    walk.sink.macroCall(
      name,
      callee.startIndex,
      operands.map((operand) => bound(walk, operand, node)),
      localsOf(name, walk.context.macroWords, scope),
    )
  }
}

/** An operand with its type, of what must not be changed as well. */
function objectIn(walk: TreeWalk, node: SyntaxNode, scope: Scope): Operand & Pick<ObjectArgument, 'isConst'> {
  let inner: SyntaxNode | null = node
  while (inner?.type === 'parenthesized_expression') inner = inner.namedChild(0)
  const operand = operandIn(walk, node, scope)
  if (!inner || !isConstIn(inner, scope)) return operand
  return { ...operand, type: bound(walk, expressionOf(inner, scope.lookup), inner), isConst: true }
}

/** Macros whose bodies are followed from one call. */
const mostMacros = 50

/** The types of the local variables that a macro's body mentions, or the bodies of macros that it mentions. */
function localsOf(
  name: string,
  macroWords: ReadonlyMap<string, readonly string[]>,
  scope: Scope,
): Readonly<Record<string, Expression>> {
  const locals: Record<string, Expression> = {}
  const asked = new Set<string>([name])
  for (const macro of asked) {
    for (const word of asked.size < mostMacros ? (macroWords.get(macro) ?? []) : []) {
      const local = scope.lookup(word)
      const alias = local ? undefined : macroWords.get(word)?.find((each) => scope.lookup(each) !== undefined)
      if (local) locals[word] = local
      else if (alias !== undefined) locals[word] = scope.lookup(alias)!
      else if (macroWords.has(word)) asked.add(word)
    }
  }
  return locals
}
