import { compact } from '../../preprocess/compact.ts'
import { partsOf, withoutLinkage } from '../../preprocess/parts.ts'
import type { Span } from '../../source/text.ts'
import type { Dialect, Syntax, SyntaxNode } from '../../syntax/parse.ts'
import { type Place, placedSink } from '../places.ts'
import { Scope } from './scope.ts'
import type { WalkOptions } from './tree-walk.ts'
import { walkTree } from './walk.ts'

/** A tree of so much text takes some twenty-five megabytes. */
const sizeOfParts = 100_000

/** A declaration of more characters is not parsed: its tree would take up to a gigabyte. */
const longestPart = 4_000_000

/**
 * Parses a masked text and walks its tree.
 * @param options in places of the file
 * @param after is given the root of each tree when it has been walked, and how to find the places of its nodes in the
 * file; a large text has several trees
 */
export function walkMasked(
  syntax: Syntax,
  dialect: Dialect,
  masked: string,
  options: WalkOptions,
  after?: (root: SyntaxNode, toFile: Place) => void,
): void {
  const { text: whole, toFile, toCompact } = compact(masked)
  const text = withoutLinkage(whole, sizeOfParts)
  const { isNew, parametersAt } = options
  const scope = new Scope(null, text.length)
  const parts = partsOf(text, sizeOfParts, longestPart)
  const isTooLong = ({ start, end }: Span): boolean => end - start > longestPart
  for (const { start, end } of parts.filter(isTooLong)) options.sink.unparsed(toFile(start), toFile(end))
  const short = parts.filter((part) => !isTooLong(part))
  syntax.parseParts(dialect, text, short, (root) => {
    walkTree(root, scope, {
      ...options,
      interesting: options.interesting.placed(toCompact),
      sink: placedSink(options.sink, toFile),
      isNew: isNew && ((start, end) => isNew(toFile(start), toFile(end))),
      parametersAt: parametersAt && ((offset) => parametersAt(toFile(offset))),
    })
    after?.(root, toFile)
  })
}
