import type { SyntaxNode } from '../../syntax/parse.ts'
import { observeCall } from './calls.ts'
import { observeCast, observeNew, observeSizeof } from './complete-types.ts'
import { visitAlias, visitDeclaration, visitEnum, visitTypedef } from './declarations.ts'
import { reportErrors } from './errors.ts'
import { visitBlock, visitFunction, visitLambda, visitRangeLoop } from './functions.ts'
import { declareOnly } from './locals.ts'
import type { Scope } from './scope.ts'
import { visitStruct } from './structs.ts'
import type { Observer, TreeWalk, Visitor, WalkOptions } from './tree-walk.ts'
import { observeField, visitName } from './uses-in-context.ts'

/** What deals with all of a node, by its type. */
const visitors: ReadonlyMap<string, Visitor> = new Map<string, Visitor>([
  ['function_definition', visitFunction],
  ['declaration', visitDeclaration],
  ['type_definition', visitTypedef],
  ['alias_declaration', visitAlias],
  ['struct_specifier', visitStruct],
  ['union_specifier', visitStruct],
  ['class_specifier', visitStruct],
  ['enum_specifier', visitEnum],
  ['compound_statement', visitBlock],
  ['for_statement', visitBlock],
  ['if_statement', visitBlock],
  ['while_statement', visitBlock],
  ['for_range_loop', visitRangeLoop],
  ['lambda_expression', visitLambda],
  ['identifier', visitName],
])

/** What looks at a node on the way to its children. */
const observers: ReadonlyMap<string, Observer> = new Map<string, Observer>([
  ['field_expression', observeField],
  ['call_expression', observeCall],
  ['sizeof_expression', observeSizeof],
  ['alignof_expression', observeSizeof],
  ['offsetof_expression', observeSizeof],
  ['cast_expression', observeCast],
  ['compound_literal_expression', observeNew],
  ['new_expression', observeNew],
  ['ERROR', ({ sink }, node) => sink.unparsed(node.startIndex, node.endIndex)],
])

/** What may declare something for the code around it is entered even where nothing of interest lies in it. */
const alwaysEntered: ReadonlySet<string> = new Set([
  'declaration',
  'type_definition',
  'alias_declaration',
  'condition_clause',
  'function_definition',
  'linkage_specification',
  'namespace_definition',
  'declaration_list',
  'template_declaration',
  'ERROR',
  'enum_specifier',
  'struct_specifier',
  'union_specifier',
  'class_specifier',
  'field_declaration_list',
])

/** Visits within visits; what is nested deeper counts as unparsed. */
const deepest = 400

/**
 * Walks a tree once and hands all facts to the sink. Other subtrees than those of interest are not entered.
 * @param scope that of the file
 */
export function walkTree(root: SyntaxNode, scope: Scope, options: WalkOptions): void {
  const { interesting, sink, isNew } = options
  const walk: TreeWalk = {
    ...options,
    visit(node, scope, depth) {
      if (depth > deepest) {
        sink.unparsed(node.startIndex, node.endIndex)
        return
      }
      const { type } = node
      const visitor = visitors.get(type)
      if (visitor) {
        visitor(walk, node, scope, depth)
        return
      }
      observers.get(type)?.(walk, node, scope)
      walk.visitChildren(node, scope, depth)
    },
    visitChildren(node, scope, depth) {
      const isError = node !== root && node.type === 'ERROR'
      for (const child of node.namedChildren) {
        const { type } = child
        if (type === 'comment') continue
        // Errors within errors: all others are reported from the root.
        if (isError && type !== 'ERROR' && child.hasError) reportErrors(child, sink)
        if (!alwaysEntered.has(type) && !interesting.within(child.startIndex, child.endIndex)) continue
        if (isNew === null || isNew(child.startIndex, child.endIndex)) walk.visit(child, scope, depth + 1)
        else if (type === 'declaration') declareOnly(walk, child, scope)
      }
    },
  }
  if (root.hasError) reportErrors(root, sink)
  walk.visitChildren(root, scope, 0)
}
