import type { CType } from '../../knowledge/ctype.ts'
import type { SyntaxNode } from '../../syntax/parse.ts'
import type { CollectContext } from '../context.ts'
import { expressionOf } from '../expressions.ts'
import type { CompleteTypeUse } from '../file-facts.ts'
import { describedType, lastName } from '../types.ts'
import { bound } from './operands.ts'
import type { Scope } from './scope.ts'
import type { TreeWalk } from './tree-walk.ts'

/** Where structs of the C API must be complete types: their size is asked for, or an object is made. */

/** Whether a type is a struct of the C API that some target hides. */
export const isStruct = ({ vocabulary, structAliases }: CollectContext, type: CType): boolean =>
  vocabulary.structs.has(type) || structAliases.has(type)

const elementOf = (type: CType): CType => type.replace(/(?:\[\])+$/, '')

/**
 * Tells the sink that a type must be complete, if it is a struct of the C API or an array of such.
 * @param place what stands for the use in reports
 */
export function needComplete(
  { context, sink }: TreeWalk,
  type: CType,
  place: SyntaxNode,
  how: CompleteTypeUse['how'],
  initialised = false,
): void {
  const of = elementOf(type)
  if (isStruct(context, of))
    sink.completeTypeUse({ of, start: place.startIndex, end: place.endIndex, how, initialised })
}

const namedType = (node: SyntaxNode): CType => (node.type === 'type_descriptor' ? describedType(node) : lastName(node))

/** A cast to a struct. */
export function observeCast(walk: TreeWalk, node: SyntaxNode): void {
  const type = node.childForFieldName('type')
  if (type) needComplete(walk, namedType(type), type, 'value')
}

/** A compound literal, or `new`. */
export function observeNew(walk: TreeWalk, node: SyntaxNode): void {
  const type = node.childForFieldName('type')
  if (type) needComplete(walk, namedType(type), type, 'new')
}

/** `sizeof`, `alignof`, `offsetof`. */
export function observeSizeof(walk: TreeWalk, node: SyntaxNode, scope: Scope): void {
  const { context, sink } = walk
  const type = node.childForFieldName('type')
  if (type) {
    const of = namedType(type)
    needComplete(walk, of, type, 'sizeof')
    const field = node.childForFieldName('member')
    if (field && isStruct(context, of))
      sink.member({ field: field.text, start: field.startIndex, object: ['type', of] })
    return
  }
  let value = node.childForFieldName('value')
  while (value?.type === 'parenthesized_expression') value = value.namedChild(0)
  if (!value) return
  // `sizeof(PyTypeObject)` reads as an expression where the parser does not know the type.
  if (value.type === 'identifier' && scope.lookup(value.text) === undefined && isStruct(context, value.text)) {
    needComplete(walk, value.text, value, 'sizeof')
    return
  }
  const of = bound(walk, expressionOf(value, scope.lookup), node)
  if (of === null || (of[0] === 'type' && !isStruct(context, elementOf(of[1])))) return
  sink.completeTypeUse({ of, start: value.startIndex, end: value.endIndex, how: 'sizeof', initialised: false })
}
