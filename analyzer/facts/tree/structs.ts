import type { CType } from '../../knowledge/ctype.ts'
import type { SyntaxNode } from '../../syntax/parse.ts'
import { anonymousTag, baseType, declared, lastName } from '../types.ts'
import { needComplete } from './complete-types.ts'
import { visitType } from './declarations.ts'
import { hasConst } from './locals.ts'
import { Scope } from './scope.ts'
import { shadow, shadowPrototypes } from './shadows.ts'
import type { TreeWalk } from './tree-walk.ts'

/**
 * The types of fields, by name. The fields of a struct without a name are fields of the one around it: that one's type
 * is kept under `@` and a number.
 */
type Fields = Record<string, CType>

/** What the fields of a struct are. */
interface Members {
  readonly fields: Fields
  /** The names of those that are declared `const`, or point to what is. */
  readonly constants: string[]
}

/** A struct, a union or a class with its body. */
export function visitStruct(walk: TreeWalk, node: SyntaxNode, scope: Scope, depth: number): void {
  const body = node.childForFieldName('body')
  if (!body) return
  const tag = baseType(node)
  const fields: Fields = {}
  const constants: string[] = []
  const inner = new Scope(scope, node.endIndex)
  inner.declare('this', ['type', `${tag}*`])
  const bases = basesOf(walk, node)
  const methods: SyntaxNode[] = []
  for (const child of body.namedChildren) {
    switch (child.type) {
      case 'field_declaration':
        visitFields(walk, child, { fields, constants }, inner, depth)
        break
      case 'function_definition': {
        const found = declared(child.childForFieldName('declarator'), baseType(child.childForFieldName('type')))
        if (found.name) fields[found.name.text] = found.type
        if (found.name && hasConst(child)) constants.push(found.name.text)
        methods.push(child)
        break
      }
      case 'template_declaration':
      case 'declaration':
      case 'type_definition':
        methods.push(child)
        break
      case 'ERROR':
        walk.sink.unparsed(child.startIndex, child.endIndex)
        break
    }
  }
  const isConst = constants.length > 0 ? { constants } : {}
  walk.sink.struct({ tag, fields, ...isConst, bases, offset: node.startIndex }, body.endIndex)
  if (methods.length === 0) return
  // A method may use fields that are declared after it.
  const members = new Scope(inner, node.endIndex)
  for (const [name, type] of Object.entries(fields)) members.declare(name, ['type', type], constants.includes(name))
  for (const method of methods) walk.visit(method, members, depth + 1)
}

function basesOf(walk: TreeWalk, node: SyntaxNode): readonly string[] {
  const bases = node.namedChildren
    .filter((child) => child.type === 'base_class_clause')
    .flatMap((clause) => clause.namedChildren.filter((child) => /identifier$|template_type/.test(child.type)))
  for (const base of bases) needComplete(walk, lastName(base), base, 'base')
  return bases.map(lastName)
}

function visitFields(walk: TreeWalk, node: SyntaxNode, members: Members, scope: Scope, depth: number): void {
  const { fields, constants } = members
  const type = node.childForFieldName('type')
  const base = baseType(type)
  if (type) visitType(walk, type, scope, depth)
  const declarators = node.childrenForFieldName('declarator')
  const isObject = isPartOfInstance(node)
  for (const declarator of declarators) {
    shadowPrototypes(walk, declarator)
    const found = declared(declarator, base)
    if (!found.name) continue
    fields[found.name.text] = found.type
    if (hasConst(node)) constants.push(found.name.text)
    shadow(walk, found.name, found.name.endIndex)
    if (isObject && !found.reference && !found.type.endsWith('()')) needComplete(walk, found.type, found.name, 'field')
  }
  if (declarators.length > 0 || !type || type.childForFieldName('name')) return
  // The fields of an anonymous struct are fields of the one around it.
  const keyword = type.type === 'struct_specifier' ? 'struct' : type.type === 'union_specifier' ? 'union' : null
  if (keyword) fields[`@${Object.keys(fields).length}`] = anonymousTag(keyword, type.startIndex)
}

/** Whether a field is in the struct. A static member is an object elsewhere. */
function isPartOfInstance(field: SyntaxNode): boolean {
  const specifiers = field.namedChildren.flatMap((child) =>
    child.type === 'storage_class_specifier' ? [child.text] : [],
  )
  return !specifiers.includes('static') || specifiers.includes('inline')
}
