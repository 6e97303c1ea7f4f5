import type { SyntaxNode } from '../../syntax/parse.ts'
import { containerOf, takesItem } from '../containers.ts'
import { expressionOf } from '../expressions.ts'
import type { UseContext } from '../file-facts.ts'
import { lastName } from '../types.ts'
import { elementOf, roleOf, statementOf } from '../use-context.ts'
import { argumentsOf, bound, operandIn } from './operands.ts'
import type { Scope } from './scope.ts'
import type { TreeWalk } from './tree-walk.ts'

/** How fields, and names that may be rewritten, stand in the code. */

/** A field of an object. */
export function observeField(walk: TreeWalk, node: SyntaxNode, scope: Scope): void {
  const field = node.childForFieldName('field')
  if (!field || !walk.interesting.has(field.startIndex)) return
  const object = node.childForFieldName('argument')
  walk.sink.member({
    field: lastName(field),
    start: field.startIndex,
    object: bound(walk, expressionOf(object, scope.lookup), node),
    ...(object ? { context: contextOfField(walk, node, object, scope) } : {}),
  })
}

/** A name that is not called; the walk goes no further there. */
export function visitName(walk: TreeWalk, node: SyntaxNode): void {
  if (!isRewritable(walk, node) || isCallee(node)) return
  walk.sink.useContext(node.startIndex, {
    start: node.startIndex,
    end: node.endIndex,
    operands: [],
    role: roleOf(node),
    ...outerOf(node),
  })
}

/** A call of a name. */
export function observeRewritableCall(walk: TreeWalk, node: SyntaxNode, callee: SyntaxNode, scope: Scope): void {
  if (!isRewritable(walk, callee)) return
  const operands = argumentsOf(node)
  const alone = statementOf(node)
  walk.sink.useContext(callee.startIndex, {
    start: node.startIndex,
    end: node.endIndex,
    operands: operands.map((each) => operandIn(walk, each, scope)),
    role: roleOf(node),
    ...elementOf(node),
    ...(alone ? { alone } : {}),
    ...(takesItem.has(callee.text) && operands[0] ? containerOf(node, operands[0]) : {}),
  })
}

const isRewritable = ({ context, interesting }: TreeWalk, name: SyntaxNode): boolean =>
  context.vocabulary.rewritable.has(name.text) && interesting.has(name.startIndex)

const isCallee = (node: SyntaxNode): boolean =>
  node.parent?.type === 'call_expression' && (node.parent.childForFieldName('function')?.equals(node) ?? false)

function contextOfField(walk: TreeWalk, node: SyntaxNode, object: SyntaxNode, scope: Scope): UseContext {
  return {
    start: node.startIndex,
    end: node.endIndex,
    operands: [operandIn(walk, object, scope)],
    arrow: node.childForFieldName('operator')?.type === '->',
    ...outerOf(node),
    role: roleOf(node),
    ...elementOf(node),
  }
}

/** The field that is read of what a node stands for. */
function outerOf(node: SyntaxNode): Pick<UseContext, 'outer'> {
  const outer = node.parent?.type === 'field_expression' ? node.parent : null
  const field = outer?.childForFieldName('field')
  return outer && field && !field.equals(node)
    ? { outer: { field: lastName(field), end: field.endIndex, role: roleOf(outer) } }
    : {}
}
