import { addAll } from '../../source/lists.ts'
import type { SyntaxNode } from '../../syntax/parse.ts'
import { expressionOf } from '../expressions.ts'
import { baseType, type Declarator, declared } from '../types.ts'
import type { Scope } from './scope.ts'
import { shadow } from './shadows.ts'
import type { TreeWalk } from './tree-walk.ts'

/** Names that are declared in a function: variables and parameters. */

/** A declarator that has a name. */
export type NamedDeclarator = Declarator & { readonly name: SyntaxNode }

export const isNamed = (found: Declarator): found is NamedDeclarator => found.name !== null

/** Declares a variable or a parameter in a scope. */
export function declareLocal(walk: TreeWalk, found: NamedDeclarator, scope: Scope, isConst: boolean): void {
  const type = typeOfLocal(walk, found, scope)
  const isDeduced = /^(?:auto|__auto_type|(?:__)?typeof(?:__)?\b.*|decltype\b.*)(?=$|\*)/.test(type)
  const deduced = isDeduced && found.value ? expressionOf(found.value, scope.lookup) : null
  const isConstValue = isDeduced && found.value !== null && isConstIn(found.value, scope)
  scope.declare(found.name.text, isDeduced ? deduced : ['type', type], isConst || isConstValue)
  // `LOOP PyTuple_SET_ITEM(t, i, x);`, with a macro that opens a loop, reads like a prototype, which hides nothing.
  if (!found.type.endsWith('()') && found.value?.type !== 'argument_list') shadow(walk, found.name, scope.end)
}

/** Declares what a declaration or a loop declares, and looks at nothing else in it. */
export function declareOnly(walk: TreeWalk, node: SyntaxNode, scope: Scope): void {
  const base = baseType(node.childForFieldName('type'))
  const isConst = hasConst(node)
  for (const declarator of node.childrenForFieldName('declarator')) {
    const found = declared(declarator, base)
    if (isNamed(found)) declareLocal(walk, found, scope, isConst)
  }
}

/** Whether a declaration says `const` of all that it declares. */
export const hasConst = (declaration: SyntaxNode): boolean =>
  declaration.namedChildren.some((child) => child.type === 'type_qualifier' && child.text === 'const')

/** What the fact of a declaration says where it has `const`. */
export const constFact = (declaration: SyntaxNode): { readonly isConst?: true } =>
  hasConst(declaration) ? { isConst: true } : {}

/** Whether an expression points to what must not be changed, as far as names of a scope and casts say. */
export function isConstIn(expression: SyntaxNode, scope: Scope): boolean {
  // Of `a + b + c ...` each operator stands in the next one: no stack is as deep as that is long.
  const open = [expression]
  for (let at = open.pop(); at; at = open.pop()) {
    switch (at.type) {
      case 'identifier':
        if (scope.isConst(at.text)) return true
        break
      case 'cast_expression':
        if (hasConst(at.childForFieldName('type') ?? at)) return true
        break
      case 'call_expression': {
        const callee = at.childForFieldName('function')
        if (callee?.type === 'template_function') {
          if (/^\w+_cast\s*<[^>]*\bconst\b/.test(callee.text)) return true
        } else if (callee !== null) open.push(callee)
        break
      }
      case 'parenthesized_expression':
      case 'conditional_expression':
      case 'binary_expression':
      case 'assignment_expression':
      case 'comma_expression':
      case 'update_expression':
      case 'subscript_expression':
      case 'pointer_expression':
        addAll(open, at.namedChildren)
    }
  }
  return false
}

/** `Spam spam(argument);` in a C++ function declares a variable, though it looks like a function. */
function typeOfLocal(walk: TreeWalk, { type, parameters }: Declarator, scope: Scope): string {
  if (walk.dialect !== 'cpp' || !parameters || !/[^)]\(\)$/.test(type)) return type
  const isArgument = (node: SyntaxNode): boolean =>
    node.type !== 'parameter_declaration' ||
    node.descendantsOfType(['type_identifier', 'identifier']).some((each) => scope.lookup(each.text) !== undefined)
  const inParentheses = parameters.namedChildren
  return inParentheses.length > 0 && inParentheses.every(isArgument) ? type.slice(0, -2) : type
}
