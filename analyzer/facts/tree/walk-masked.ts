import { compact } from '../../preprocess/compact.ts'
import type { Dialect, Syntax, SyntaxNode } from '../../syntax/parse.ts'
import { type Place, placedSink } from '../places.ts'
import type { WalkOptions } from './tree-walk.ts'
import { walkTree } from './walk.ts'

/**
 * Parses a masked text and walks its tree.
 * @param options in places of the file
 * @param after is given the tree's root once it has been walked, and how to find the places of its nodes in the file
 */
export function walkMasked(
  syntax: Syntax,
  dialect: Dialect,
  masked: string,
  options: WalkOptions,
  after?: (root: SyntaxNode, toFile: Place) => void,
): void {
  const { text, toFile, toCompact } = compact(masked)
  const { isNew, parametersAt } = options
  syntax.parse(dialect, text, (root) => {
    walkTree(root, {
      ...options,
      interesting: options.interesting.placed(toCompact),
      sink: placedSink(options.sink, toFile),
      isNew: isNew && ((start, end) => isNew(toFile(start), toFile(end))),
      parametersAt: parametersAt && ((offset) => parametersAt(toFile(offset))),
    })
    after?.(root, toFile)
  })
}
