import type { SyntaxNode } from '../syntax/parse.ts'
import type { Expression, Operand, OperandText, UseContext } from './file-facts.ts'
import { inParentheses, soleChild } from './nodes.ts'
import { describedType } from './types.ts'

/** How expressions that may be rewritten stand in the tree. */

/** What is done with an expression: see `UseContext`. */
export function roleOf(node: SyntaxNode): UseContext['role'] {
  const { whole: at, parent } = inParentheses(node)
  switch (parent?.type) {
    case 'expression_statement':
      return 'statement'
    case 'assignment_expression':
      return parent.childForFieldName('left')?.equals(at) ? 'target' : 'value'
    case 'update_expression':
    case 'sizeof_expression':
    case 'alignof_expression':
    case 'decltype':
      return 'target'
    case 'pointer_expression':
      return parent.childForFieldName('operator')?.type === '&' ? 'target' : 'value'
    // `x.a[0] = y` and `x.a.b = y` write into `x.a`, unless that is a pointer.
    case 'subscript_expression':
      return parent.childForFieldName('argument')?.equals(at) && roleOf(parent) === 'target' ? 'target' : 'value'
    case 'field_expression':
      return parent.childForFieldName('operator')?.type === '.' && roleOf(parent) === 'target' ? 'target' : 'value'
    default:
      return 'value'
  }
}

/** Of a `target`: whether an element of what it points to is meant, such as in `PyBytes_AS_STRING(b)[0] = 'a'`. */
export function elementOf(node: SyntaxNode): Pick<UseContext, 'element'> {
  const { whole, parent } = inParentheses(node)
  const isIndexed = parent?.type === 'subscript_expression' && parent.childForFieldName('argument')?.equals(whole)
  return isIndexed && roleOf(parent) === 'target' ? { element: true } : {}
}

/** The statement that an expression is, where that stands in a block. */
export function statementOf(node: SyntaxNode): UseContext['alone'] {
  const { parent } = node
  return parent?.type === 'expression_statement' &&
    parent.parent?.type === 'compound_statement' &&
    parent.text.endsWith(';')
    ? { start: parent.startIndex, end: parent.endIndex }
    : undefined
}

const withoutParentheses = new Set([
  'call_expression',
  'field_expression',
  'subscript_expression',
  'parenthesized_expression',
  'cast_expression',
  'pointer_expression',
  'number_literal',
  'string_literal',
  'null',
  'this',
])

const duplicable: OperandText = { duplicable: true, needsParentheses: false }
const castable: OperandText = { duplicable: false, needsParentheses: false }
const parenthesized: OperandText = { duplicable: false, needsParentheses: true }

/** @param isParameter whether a name is a parameter of the macro around it, which may stand for anything */
function operandText(node: SyntaxNode, isParameter: (name: SyntaxNode) => boolean): OperandText {
  if (node.type === 'identifier') return isParameter(node) ? parenthesized : duplicable
  if (/^(?:number_literal|string_literal|char_literal|null|this|true|false)$/.test(node.type)) return duplicable
  const part = node.type === 'cast_expression' ? 'value' : node.type === 'field_expression' ? 'argument' : null
  if (part !== null) {
    const inner = node.childForFieldName(part)
    return inner && operandText(inner, isParameter).duplicable ? duplicable : castable
  }
  return withoutParentheses.has(node.type) ? castable : parenthesized
}

/** An operand of a call, or the object of a field. @param typed the type of an expression */
export function operandOf(
  node: SyntaxNode,
  typed: (node: SyntaxNode) => Expression,
  isParameter: (name: SyntaxNode) => boolean,
): Operand {
  let inner: SyntaxNode | null = node
  let cast: string | null = null
  const open = (): void => {
    while (inner?.type === 'parenthesized_expression') inner = soleChild(inner)
  }
  open()
  const type = inner?.type === 'cast_expression' ? inner.childForFieldName('type') : null
  if (inner && type && describedType(type).endsWith('*')) {
    cast = describedType(type)
    inner = inner.childForFieldName('value')
    open()
  }
  return {
    start: node.startIndex,
    end: node.endIndex,
    type: typed(node),
    ...operandText(node, isParameter),
    ...(/^(?:number_literal|string_literal|null|identifier)$/.test(node.type) ? { literal: node.text } : {}),
    ...(inner && !inner.equals(node) && inner.type !== 'comma_expression'
      ? {
          within: {
            start: inner.startIndex,
            end: inner.endIndex,
            type: typed(inner),
            ...operandText(inner, isParameter),
            cast,
          },
        }
      : {}),
  }
}
