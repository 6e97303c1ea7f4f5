import type { Alternative, Replacement } from '../replacement.ts'

/** What a C API name looks like in a snippet; the entry functions of an extension module are its own. */
const apiName = /\b_?Py(?!Init_|ModExport_)[A-Z_]\w*|\bMETH_[A-Z]+\b|\bT_[A-Z_]+\b|\bREADONLY\b/g

/** The C API names that occur in a snippet, each once, in their order. */
export const namesIn = (snippet: string): string[] => [...new Set(snippet.match(apiName) ?? [])]

/** A way to do without a name. It needs the C API names of its snippet, and those of `also`. */
export function way(use: string, differs = '', also: readonly string[] = []): Alternative {
  return { use, needs: [...new Set([...namesIn(use), ...also])], differs }
}

/** What to say where the Limited API offers nothing and nobody has found a way round. */
export const nothing = 'no Limited API function does this; people keep a version-specific build for it'

/** A replacement for one name or for several with the same text. */
export function replace(
  names: string | readonly string[],
  ways: Alternative | readonly Alternative[],
  otherwise: string = nothing,
): Replacement {
  return {
    names: typeof names === 'string' ? [names] : names,
    ways: 'use' in ways ? [ways] : ways,
    otherwise,
  }
}

/** Names that nothing in the Limited API stands for. */
export const withoutWay = (names: string | readonly string[], otherwise: string = nothing): Replacement =>
  replace(names, [], otherwise)

/** One entry for each row of a table: a name and what belongs to it. */
export const family = <T>(rows: Readonly<Record<string, T>>, entry: (name: string, value: T) => Replacement) =>
  Object.entries(rows).map(([name, value]) => entry(name, value))
