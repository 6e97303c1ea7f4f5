import type { CType } from '../knowledge/ctype.ts'
import type { SyntaxNode } from '../syntax/parse.ts'

/** What a declarator declares: the name's node, or null for an abstract one, and the type. */
export interface Declarator {
  readonly name: SyntaxNode | null
  readonly type: CType
  /** A C++ reference: it needs no size. */
  readonly reference: boolean
  readonly value: SyntaxNode | null
  /** The parameters of the innermost function declarator. */
  readonly parameters: SyntaxNode | null
}

/** The name under which a struct without a name is known. */
export const anonymousTag = (keyword: string, offset: number): string => `${keyword} @${offset}`

const words = (text: string): string => text.replace(/\s+/g, ' ').trim()

/** The base type of a declaration, from its `type` node; empty where there is none (C++ constructors, implicit int). */
export function baseType(node: SyntaxNode | null): CType {
  if (!node) return ''
  switch (node.type) {
    case 'struct_specifier':
    case 'union_specifier':
    case 'class_specifier':
    case 'enum_specifier': {
      const keyword = node.type === 'union_specifier' ? 'union' : node.type === 'enum_specifier' ? 'enum' : 'struct'
      const name = node.childForFieldName('name')
      return name ? `${keyword} ${lastName(name)}` : anonymousTag(keyword, node.startIndex)
    }
    case 'qualified_identifier':
    case 'template_type':
    case 'dependent_type':
      return lastName(node)
    default:
      return words(node.text)
  }
}

/** `C` for `A::B<x>::C`. */
export function lastName(node: SyntaxNode): string {
  switch (node.type) {
    case 'qualified_identifier':
    case 'template_type':
    case 'template_function': {
      const name = node.childForFieldName('name')
      return name ? lastName(name) : words(node.text)
    }
    default:
      return words(node.text)
  }
}

/** Follows a declarator from the outside to its name. */
export function declared(node: SyntaxNode | null, base: CType): Declarator {
  let type = base
  let reference = false
  let value: SyntaxNode | null = null
  let parameters: SyntaxNode | null = null
  let at: SyntaxNode | null = node
  for (let depth = 0; at && depth < 40; depth++) {
    switch (at.type) {
      case 'pointer_declarator':
      case 'abstract_pointer_declarator':
        type += '*'
        at = at.childForFieldName('declarator')
        break
      case 'reference_declarator':
      case 'abstract_reference_declarator': {
        reference = true
        const inner: SyntaxNode | null = at.namedChild(at.namedChildCount - 1)
        at = inner
        break
      }
      case 'array_declarator':
      case 'abstract_array_declarator':
        type += '[]'
        at = at.childForFieldName('declarator')
        break
      case 'function_declarator':
      case 'abstract_function_declarator':
        type += '()'
        parameters = at.childForFieldName('parameters')
        for (const child of at.namedChildren) {
          const trailing = child?.type === 'trailing_return_type' ? child.namedChild(0) : null
          if (trailing?.type === 'type_descriptor' && type === 'auto()') type = `${describedType(trailing)}()`
        }
        at = at.childForFieldName('declarator')
        break
      case 'init_declarator':
        value = at.childForFieldName('value')
        at = at.childForFieldName('declarator')
        break
      case 'parenthesized_declarator':
      case 'abstract_parenthesized_declarator':
      case 'attributed_declarator': {
        const inner: SyntaxNode | null = firstDeclarator(at)
        at = inner
        break
      }
      case 'identifier':
      case 'field_identifier':
      case 'type_identifier':
      case 'qualified_identifier':
      case 'primitive_type':
        return { name: at, type, reference, value, parameters }
      default:
        return { name: null, type, reference, value, parameters }
    }
  }
  return { name: null, type, reference, value, parameters }
}

function firstDeclarator(node: SyntaxNode): SyntaxNode | null {
  for (let index = 0; index < node.namedChildCount; index++) {
    const child = node.namedChild(index)
    if (child && child.type !== 'ms_call_modifier' && !child.type.startsWith('attribute') && child.type !== 'comment')
      return child
  }
  return null
}

/** The type that a `type_descriptor` (in a cast, `sizeof`, a template argument) names. */
export function describedType(node: SyntaxNode): CType {
  return declared(node.childForFieldName('declarator'), baseType(node.childForFieldName('type'))).type
}
