import type { SyntaxNode } from '../../syntax/parse.ts'
import { baseType, type Declarator, declared, describedType, lastName } from '../types.ts'
import { isStruct, needComplete } from './complete-types.ts'
import { constFact, declareLocal, hasConst, isNamed } from './locals.ts'
import type { Scope } from './scope.ts'
import { isPrototype, shadow, shadowPrototypes } from './shadows.ts'
import type { TreeWalk } from './tree-walk.ts'

/** What declares variables, prototypes, typedefs and constants. */

/**
 * A declaration of variables or prototypes.
 * @param how what needs the size of what it declares: `value` for parameters as K&R wrote them
 */
export function visitDeclaration(
  walk: TreeWalk,
  node: SyntaxNode,
  scope: Scope,
  depth: number,
  how: 'variable' | 'value' = 'variable',
): void {
  const { sink } = walk
  const type = node.childForFieldName('type')
  const base = baseType(type)
  if (type) visitType(walk, type, scope, depth)
  const external = isExtern(node)
  for (const declarator of node.childrenForFieldName('declarator')) {
    shadowPrototypes(walk, declarator)
    const head = namedByMacro(walk, declared(declarator, base))
    // `if (auto *type = ...)` has its value beside the declarator.
    const found = { ...head, value: head.value ?? node.childForFieldName('value') }
    if (!isNamed(found)) continue
    const { name, value } = found
    const isFunction = found.type.endsWith('()')
    const kind = isFunction ? 'function' : 'variable'
    const isObject = !isFunction && (!external || value !== null)
    const tell = (text: string, defines: boolean): void =>
      sink.declaration({
        kind,
        name: text,
        type: found.type,
        offset: name.startIndex,
        defines,
        ...constFact(node),
      })
    if (scope.isFile) tell(lastName(name), isObject)
    else {
      declareLocal(walk, found, scope, hasConst(node))
      if (isFunction && isPrototype(external, found.parameters)) shadow(walk, name, scope.end, true)
      // In the body of a macro it is no local variable where the macro is used outside of functions.
      if (walk.parametersAt) tell(name.text, !isFunction)
    }
    if (isObject && !found.reference) needComplete(walk, found.type, name, how, value !== null)
    visitInitialiser(walk, declarator, value, scope, depth)
  }
}

const isExtern = (declaration: SyntaxNode): boolean =>
  declaration.parent?.type === 'linkage_specification' ||
  declaration.namedChildren.some((child) => child.type === 'storage_class_specifier' && child.text === 'extern')

/** `PyTypeObject NAME(Type);`: a macro makes the name, so it is no function. */
function namedByMacro({ context }: TreeWalk, found: Declarator): Declarator {
  if (found.name?.type !== 'identifier' || !found.type.endsWith('()')) return found
  const type = found.type.slice(0, -2)
  return isStruct(context, type) && context.macroNames.has(found.name.text) ? { ...found, type } : found
}

/** The value of a declarator, and what else in it may hold code: array sizes, arguments of a constructor. */
function visitInitialiser(
  walk: TreeWalk,
  declarator: SyntaxNode,
  value: SyntaxNode | null,
  scope: Scope,
  depth: number,
): void {
  const { interesting } = walk
  if (value && interesting.within(value.startIndex, value.endIndex)) walk.visit(value, scope, depth + 1)
  if (!interesting.within(declarator.startIndex, value?.startIndex ?? declarator.endIndex)) return
  for (const child of declarator.namedChildren) {
    if (child.type === 'array_declarator') {
      const size = child.childForFieldName('size')
      if (size) walk.visit(size, scope, depth + 1)
    } else if (
      !/^(?:number_literal|identifier)$|declarator$|^parameter_list$/.test(child.type) &&
      !(value && child.equals(value))
    )
      walk.visit(child, scope, depth + 1)
  }
}

/** `typedef` */
export function visitTypedef(walk: TreeWalk, node: SyntaxNode, scope: Scope, depth: number): void {
  const type = node.childForFieldName('type')
  const base = baseType(type)
  if (type) visitType(walk, type, scope, depth)
  for (const declarator of node.childrenForFieldName('declarator')) {
    shadowPrototypes(walk, declarator)
    const found = declared(declarator, base)
    if (found.name) declareType(walk, found.name, found.type, scope, node)
  }
}

/** `using name = type;` */
export function visitAlias(walk: TreeWalk, node: SyntaxNode, scope: Scope): void {
  const name = node.childForFieldName('name')
  const type = node.childForFieldName('type')
  if (name && type) declareType(walk, name, describedType(type), scope, type)
}

/** @param constant what has `const` where it is one */
function declareType(walk: TreeWalk, name: SyntaxNode, type: string, scope: Scope, constant: SyntaxNode): void {
  // As for variables, the body of a macro may be used outside of functions.
  if (scope.isFile || walk.parametersAt)
    walk.sink.declaration({
      kind: 'typedef',
      name: name.text,
      type,
      offset: name.startIndex,
      defines: true,
      ...constFact(constant),
    })
  if (!scope.isFile) shadow(walk, name, scope.end)
}

/** The type of a declaration, which may declare something itself or hold an expression. */
export function visitType(walk: TreeWalk, type: SyntaxNode, scope: Scope, depth: number): void {
  if (/^(?:struct|union|class|enum)_specifier$/.test(type.type)) walk.visit(type, scope, depth)
  else if (/decltype|typeof|macro_type/.test(type.type) && walk.interesting.within(type.startIndex, type.endIndex))
    walk.visitChildren(type, scope, depth)
}

/** The constants of an enumeration. */
export function visitEnum({ sink }: TreeWalk, node: SyntaxNode): void {
  for (const member of node.childForFieldName('body')?.namedChildren ?? []) {
    const name = member.type === 'enumerator' ? member.childForFieldName('name') : null
    if (name)
      sink.declaration({ kind: 'constant', name: name.text, type: 'int', offset: name.startIndex, defines: true })
  }
}
