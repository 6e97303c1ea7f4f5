import type { SyntaxNode } from '../../syntax/parse.ts'
import { baseType, declared, lastName } from '../types.ts'
import { needComplete } from './complete-types.ts'
import { visitDeclaration, visitType } from './declarations.ts'
import { constFact, declareLocal, declareOnly, hasConst, isNamed } from './locals.ts'
import { Scope } from './scope.ts'
import { isParameter } from './shadows.ts'
import type { TreeWalk } from './tree-walk.ts'

/** Functions, and blocks in them: what has a scope of its own. */

/** A function with its body. It is entered only where something of interest lies in it. */
export function visitFunction(walk: TreeWalk, node: SyntaxNode, scope: Scope, depth: number): void {
  const type = node.childForFieldName('type')
  const found = declared(node.childForFieldName('declarator'), baseType(type))
  const { name, parameters } = found
  const isQualified = name?.type === 'qualified_identifier'
  if (name) {
    walk.sink.declaration({
      kind: 'function',
      name: isQualified ? lastName(name) : name.text,
      type: found.type,
      offset: name.startIndex,
      defines: true,
      ...constFact(node),
    })
  }
  if (type) visitType(walk, type, scope, depth)
  if (!walk.interesting.within(node.startIndex, node.endIndex)) return
  const inner = new Scope(scope, node.endIndex)
  if (isQualified) declareThis(name, inner)
  if (parameters) declareParameters(walk, parameters, inner, depth)
  const body = node.childForFieldName('body')
  // Parameters as K&R wrote them, and the initialisers of a constructor.
  for (const child of node.namedChildren) {
    if (body && child.equals(body)) continue
    if (child.type === 'declaration') visitDeclaration(walk, child, inner, depth, 'value')
    else if (child.type === 'field_initializer_list') walk.visit(child, inner, depth + 1)
  }
  if (body) walk.visit(body, inner, depth + 1)
}

/** The class of a method that is written outside of it: `B` of `A::B::method`. */
function declareThis(method: SyntaxNode, scope: Scope): void {
  let last = method
  for (
    let next = last.childForFieldName('name');
    next?.type === 'qualified_identifier';
    next = last.childForFieldName('name')
  )
    last = next
  const owner = last.childForFieldName('scope')
  if (owner) scope.declare('this', ['type', `${lastName(owner)}*`])
}

function declareParameters(walk: TreeWalk, list: SyntaxNode, scope: Scope, depth: number): void {
  for (const parameter of list.namedChildren) {
    if (!isParameter(parameter)) continue
    const type = parameter.childForFieldName('type')
    const found = declared(parameter.childForFieldName('declarator'), baseType(type))
    if (type) visitType(walk, type, scope, depth)
    if (!isNamed(found)) continue
    declareLocal(walk, found, scope, hasConst(parameter))
    if (!found.reference) needComplete(walk, found.type, found.name, 'value')
  }
}

/** A block, or a statement that may declare variables for itself. */
export function visitBlock(walk: TreeWalk, node: SyntaxNode, scope: Scope, depth: number): void {
  walk.visitChildren(node, new Scope(scope, node.endIndex), depth)
}

/** `for (auto *spam : list)` */
export function visitRangeLoop(walk: TreeWalk, node: SyntaxNode, scope: Scope, depth: number): void {
  const inner = new Scope(scope, node.endIndex)
  declareOnly(walk, node, inner)
  walk.visitChildren(node, inner, depth)
}

/** A lambda expression of C++. */
export function visitLambda(walk: TreeWalk, node: SyntaxNode, scope: Scope, depth: number): void {
  const inner = new Scope(scope, node.endIndex)
  const parameters = node.childForFieldName('declarator')?.childForFieldName('parameters')
  if (parameters) declareParameters(walk, parameters, inner, depth)
  walk.visitChildren(node, inner, depth)
}
