import type { Offset } from '../../source/text.ts'
import type { SyntaxNode } from '../../syntax/parse.ts'
import { declared } from '../types.ts'
import type { TreeWalk } from './tree-walk.ts'

/** Names of the C API that the project gives to something of its own. */

/** Tells the sink that a name means something else from its declaration on, if it is one of the C API. */
export function shadow({ context, sink }: TreeWalk, name: SyntaxNode, end: Offset, isPrototype?: true): void {
  if (context.vocabulary.names.has(name.text)) sink.shadow(name.text, name.startIndex, end, isPrototype)
}

/** Types that no value is called by: `void`, `unsigned long`, `struct spam *`. */
const plainTypes: ReadonlySet<string> = new Set(['primitive_type', 'sized_type_specifier', 'struct_specifier'])

/**
 * Whether what looks like the prototype of a function in a block is one: it says `extern`, or of each parameter what it
 * is called, or that it is of a type that can be nothing else. `LOOP PyTuple_SET_ITEM(t, i, x);`, with a macro that
 * opens a loop, does none of that.
 */
export function isPrototype(isExtern: boolean, parameters: SyntaxNode | null): boolean {
  if (isExtern) return true
  const all = parameters?.namedChildren.filter((each) => each.type !== 'comment') ?? []
  const isTyped = (each: SyntaxNode): boolean =>
    each.childForFieldName('declarator') !== null || plainTypes.has(each.childForFieldName('type')?.type ?? '')
  return all.length > 0 && all.every((each) => isParameter(each) && isTyped(each))
}

export const isParameter = (node: SyntaxNode): boolean => node.type.endsWith('parameter_declaration')

/** Parameters of prototypes and of pointers to functions have names for themselves. */
export function shadowPrototypes(walk: TreeWalk, node: SyntaxNode): void {
  const declarator = node.type === 'init_declarator' ? node.childForFieldName('declarator') : node
  if (!declarator || !walk.interesting.within(declarator.startIndex, declarator.endIndex)) return
  for (const list of declarator.descendantsOfType('parameter_list')) {
    for (const parameter of list.namedChildren) {
      const name = isParameter(parameter) ? declared(parameter.childForFieldName('declarator'), '').name : null
      if (name) shadow(walk, name, list.endIndex)
    }
  }
}
