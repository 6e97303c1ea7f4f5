import type { SyntaxNode } from '../../syntax/parse.ts'
import { bindParameters, expressionOf } from '../expressions.ts'
import type { Expression, Operand } from '../file-facts.ts'
import { operandOf } from '../use-context.ts'
import { isConstIn } from './locals.ts'
import type { Scope } from './scope.ts'
import type { TreeWalk } from './tree-walk.ts'

/** The expressions that calls and fields have as operands, with their types where they stand. */

/** An expression as the body of a macro has it around a node: its parameters stand for what it is called with. */
export function bound({ parametersAt }: TreeWalk, expression: Expression, node: SyntaxNode): Expression {
  const parameters = parametersAt?.(node.startIndex)
  return parameters ? bindParameters(expression, parameters) : expression
}

/** An operand that may be written elsewhere. What must not be changed has no type that is known. */
export const operandIn = (walk: TreeWalk, node: SyntaxNode, scope: Scope): Operand =>
  operandOf(
    node,
    (each) => (isConstIn(each, scope) ? null : bound(walk, expressionOf(each, scope.lookup), each)),
    (each) => walk.parametersAt?.(each.startIndex)?.includes(each.text) ?? false,
  )

/** The nodes of a call's arguments, in order. */
export const argumentsOf = (call: SyntaxNode): readonly SyntaxNode[] =>
  (call.childForFieldName('arguments')?.namedChildren ?? []).filter((child) => child.type !== 'comment')
