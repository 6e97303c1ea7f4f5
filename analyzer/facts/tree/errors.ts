import type { SyntaxNode } from '../../syntax/parse.ts'
import type { Sink } from './sink.ts'

/**
 * Tells the sink what the parser did not understand inside of a node: the outermost errors. They are counted where
 * they are, not only on the way to something of interest.
 */
export function reportErrors(node: SyntaxNode, sink: Sink): void {
  const broken: SyntaxNode[] = [node]
  for (let at = broken.pop(); at; at = broken.pop()) {
    for (const child of at.children) {
      if (child.type === 'ERROR') sink.unparsed(child.startIndex, child.endIndex)
      else if (child.hasError) broken.push(child)
    }
  }
}
