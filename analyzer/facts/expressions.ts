import type { SyntaxNode } from '../syntax/parse.ts'
import type { Expression } from './file-facts.ts'
import { describedType, lastName } from './types.ts'

/** What a name means where an expression stands; undefined where only other files may know. */
export type Lookup = (name: string) => Expression | undefined

const castOperators = new Set(['static_cast', 'reinterpret_cast', 'const_cast', 'dynamic_cast'])
const deepest = 60

/**
 * An expression as far as its type goes: local names are replaced by their types, the rest is left to whoever knows
 * the project.
 */
export function expressionOf(node: SyntaxNode | null, lookup: Lookup, depth = 0): Expression {
  if (!node || depth > deepest) return null
  const of = (inner: SyntaxNode | null): Expression => expressionOf(inner, lookup, depth + 1)
  switch (node.type) {
    case 'identifier':
    case 'field_identifier': {
      const known = lookup(node.text)
      if (known !== undefined) return known
      // In a method written outside of its class a field needs no `this->`.
      const self = lookup('this')
      return self === undefined ? ['name', node.text] : ['either', ['name', node.text], ['member', self, node.text]]
    }
    case 'this':
      return lookup('this') ?? null
    case 'qualified_identifier':
      return ['name', lastName(node)]
    case 'parenthesized_expression':
    case 'comma_expression':
      return of(node.namedChildren.findLast((child) => child !== null && child.type !== 'comment') ?? null)
    case 'cast_expression': {
      const type = node.childForFieldName('type')
      return type ? ['type', describedType(type)] : null
    }
    case 'compound_literal_expression': {
      const type = node.childForFieldName('type')
      return type ? ['type', type.type === 'type_descriptor' ? describedType(type) : lastName(type)] : null
    }
    case 'pointer_expression': {
      const inner = of(node.childForFieldName('argument'))
      return node.childForFieldName('operator')?.type === '&' ? ['address', inner] : ['deref', inner]
    }
    case 'subscript_expression':
      return ['deref', of(node.childForFieldName('argument'))]
    case 'field_expression': {
      const field = node.childForFieldName('field')
      return field ? ['member', of(node.childForFieldName('argument')), lastName(field)] : null
    }
    case 'call_expression': {
      const callee = node.childForFieldName('function')
      if (!callee) return null
      const operands = node.childForFieldName('arguments')
      if (callee.type === 'template_function') {
        const name = callee.childForFieldName('name')
        const type = callee.childForFieldName('arguments')?.namedChild(0)
        if (name && castOperators.has(name.text) && type?.type === 'type_descriptor')
          return ['type', describedType(type)]
        return ['call', ['name', lastName(callee)]]
      }
      if (callee.type === 'primitive_type') return ['type', callee.text]
      const called = of(callee)
      // Operands matter to macros only, and macros have plain names.
      return callee.type === 'identifier'
        ? ['call', called, ...operandsOf(operands, lookup, depth + 1)]
        : ['call', called]
    }
    case 'assignment_expression':
      return of(node.childForFieldName('left'))
    case 'conditional_expression':
      return ['either', of(node.childForFieldName('consequence')), of(node.childForFieldName('alternative'))]
    case 'update_expression':
      return of(node.childForFieldName('argument'))
    case 'binary_expression': {
      // Pointer arithmetic is the only one whose type is asked for.
      const operator = node.childForFieldName('operator')?.type
      if (operator !== '+' && operator !== '-') return null
      return ['either', of(node.childForFieldName('left')), of(node.childForFieldName('right'))]
    }
    case 'new_expression': {
      const type = node.childForFieldName('type')
      return type ? ['type', `${lastName(type)}*`] : null
    }
    case 'gnu_statement_expression':
    case 'statement_expression': {
      const body = node.namedChild(0)
      const last = body?.namedChild(body.namedChildCount - 1)
      return last?.type === 'expression_statement' ? of(last.namedChild(0)) : null
    }
    default:
      return null
  }
}

/** The operands of a call, in order. */
export function operandsOf(list: SyntaxNode | null, lookup: Lookup, depth = 0): Expression[] {
  const operands: Expression[] = []
  for (const child of list?.namedChildren ?? []) {
    if (!child || child.type === 'comment') continue
    operands.push(
      child.type === 'type_descriptor' ? ['type', describedType(child)] : expressionOf(child, lookup, depth),
    )
  }
  return operands
}

/** What an expression is in the end about: a type, a name, a parameter of a macro, a name that it makes. */
export type Leaf = Extract<Expression, readonly ['type' | 'name' | 'parameter' | 'pasted', ...unknown[]]>

/** An expression of the same shape with its leaves changed. */
export function mapLeaves(expression: Expression, change: (leaf: Leaf) => Expression): Expression {
  if (expression === null) return null
  const of = (inner: Expression): Expression => mapLeaves(inner, change)
  switch (expression[0]) {
    case 'type':
    case 'name':
    case 'parameter':
    case 'pasted':
      return change(expression)
    case 'member':
      return ['member', of(expression[1]), expression[2]]
    case 'deref':
    case 'address':
      return [expression[0], of(expression[1])]
    case 'either':
      return ['either', of(expression[1]), of(expression[2])]
    case 'call': {
      const [, callee, ...operands] = expression
      return ['call', of(callee), ...operands.map(of)]
    }
  }
}

/** Replaces the names of a macro's parameters by their numbers. */
export const bindParameters = (expression: Expression, parameters: readonly string[]): Expression =>
  mapLeaves(expression, (leaf) => {
    const index = leaf[0] === 'name' ? parameters.indexOf(leaf[1]) : -1
    return index >= 0 ? ['parameter', index] : leaf
  })
