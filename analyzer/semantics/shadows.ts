import type { FileFacts } from '../facts/file-facts.ts'
import { addTo } from '../source/multimap.ts'
import { SpanIndex } from '../source/span-index.ts'
import type { Offset, Span } from '../source/text.ts'

/** Whether a name of the C API is something else at an offset of a file: a parameter, a local variable, a field. */
export function isShadowed({ shadows }: FileFacts, name: string, offset: Offset): boolean {
  if (shadows.length === 0) return false
  let byName = indexes.get(shadows)
  if (byName === undefined) {
    byName = indexesOf(shadows)
    indexes.set(shadows, byName)
  }
  return byName.get(name)?.holds(offset) ?? false
}

type Indexes = ReadonlyMap<string, SpanIndex<{ readonly span: Span }>>

const indexes = new WeakMap<FileFacts['shadows'], Indexes>()

function indexesOf(shadows: FileFacts['shadows']): Indexes {
  const spans = new Map<string, { readonly span: Span }[]>()
  for (const { name, start, end } of shadows.toSorted((a, b) => a.start - b.start))
    addTo(spans, name, { span: { start, end } })
  return new Map([...spans].map(([name, list]) => [name, new SpanIndex(list)]))
}
