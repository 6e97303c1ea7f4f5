import type { CodeIn, PlaceIn, Sources } from '../sources.ts'

/** What files see of the name of a type. */

/** Where a name is declared as a variable, and the macros of that name. */
interface NamePlaces {
  readonly places: readonly PlaceIn[]
  readonly macros: readonly CodeIn[]
}

/**
 * What the name of a type stands for at a place: for the variable, or for the macro by which other modules find it
 * behind a capsule (`#define T (*api->type)`), which stays as it is; in headers of both for both.
 */
export function seenAs(
  sources: Sources,
  { macros, places }: NamePlaces,
  place: PlaceIn,
): 'variable' | 'macro' | 'both' {
  if (macros.length === 0) return 'variable'
  const region = (at: PlaceIn): number | undefined => sources.regionsAround(at).at(-1)?.start
  const here = sources.regionsAround(place).map(({ start }) => start)
  const standsWith = (at: PlaceIn): boolean => at.file === place.file && here.includes(region(at) ?? -1)
  if (macros.some(({ file, code }) => standsWith({ file, offset: code.nameSpan.start }))) return 'macro'
  // The branch of the declaration is that of the variable.
  if (places.some(standsWith)) return 'variable'
  const seen = macros.map((macro) => sources.seesMacro(place.file, macro))
  return seen.includes('yes') ? 'macro' : seen.every((each) => each === 'no') ? 'variable' : 'both'
}

/** Where a type is used and no declaration of it is seen, as a header that was not read has one; null for nowhere. */
export function unseenAt(
  sources: Sources,
  { references, places, macros }: NamePlaces & { readonly references: readonly PlaceIn[] },
): PlaceIn | null {
  const declaring = new Set([...places, ...macros].map(({ file }) => file))
  return (
    references.find(
      (place) =>
        !declaring.has(place.file) &&
        !sources.code(place.file).isInDirective(place.offset) &&
        ![...sources.settings.related(place.file)].some((file) => declaring.has(file)) &&
        !sources.isHistory(place) &&
        sources.includesUnread(place.file),
    ) ?? null
  )
}
