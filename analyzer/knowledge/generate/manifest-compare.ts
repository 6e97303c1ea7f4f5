import type { Api } from '../api.ts'
import type { ApiFact, Entity, StructFact } from '../table.ts'
import { type Minor, showVersion } from '../version.ts'
import type { HeaderWords, Item, ItemKind, Manifest } from './manifest-source.ts'

/** Where the table and CPython's manifest of the stable ABI differ, and for which reasons they may. */

/** What a difference is about. */
export type Aspect =
  | 'missing'
  | 'entity'
  | 'level'
  | 'last level'
  | 'exported'
  | 'python3.dll'
  | 'abi_only'
  | 'platform'
  | 'struct'
  | 'unlisted'

/** One difference between the table and the manifest. */
export interface Difference {
  readonly name: string
  readonly aspect: Aspect
  /** What both say: `declared at 3.2, added in 3.12`. */
  readonly detail: string
  /** Null where the manifest does not list the name. */
  readonly item: Item | null
  /** Null where the table does not know the name. */
  readonly fact: ApiFact | null
  readonly struct: StructFact | null
  /** Levels of the Limited API at which the compared headers declare it. */
  readonly span: Span
  /** The lowest level at which the compared headers show the struct's fields. */
  readonly complete: Minor | null
}

type Span = { readonly first: Minor; readonly last: Minor } | null

/** What the predicates of the classes know besides the difference itself. */
export interface World {
  readonly api: Api
  readonly manifest: Manifest
  /** The header set that is compared: the newest, unless the manifest is older. */
  readonly headers: Minor
  readonly words: HeaderWords
}

/** A reason why table and manifest differ. */
export interface Class {
  readonly title: string
  readonly because: string
  explains(difference: Difference, world: World): boolean
}

const entities: Readonly<Record<ItemKind, readonly Entity[]>> = {
  function: ['function'],
  data: ['data'],
  macro: ['macro', 'constant'],
  const: ['constant', 'macro'],
  typedef: ['type'],
  struct: ['type'],
}

const show = (minor: Minor | null): string => (minor === null ? 'nowhere' : showVersion(minor))

/** Function or data: what the linker knows. */
const isSymbol = (item: Item | null): boolean => item?.kind === 'function' || item?.kind === 'data'

/** The oldest header set of the table that declares a name at some level of the Limited API. */
const limitedSince = (fact: ApiFact, api: Api): Minor | null =>
  api.headerSets.find((_, index) => fact.levels[index] !== null) ?? null

/** Whether a struct holds a PyObject, at its head or anywhere, so that it is as opaque as that. */
const holdsObject = (struct: StructFact, api: Api): boolean =>
  [...struct.fields.values()].some((type) => {
    const inner = api.struct(type)
    return inner !== null && (inner.name === 'PyObject' || (inner.name !== struct.name && holdsObject(inner, api)))
  })

/** Whether the headers themselves give a name to the level that the table says, below the version of the manifest. */
const unguarded = ({ name, item, span }: Difference, { words }: World): boolean =>
  span !== null && span.first < item!.added && words.atLevel(name, span.first)

/** Up to here `python3.dll` was given names that it had lacked; since then it is made from the manifest. */
const lastHandMadeDll: Minor = 11

/** All differences between the table and the manifest, of all names that one of them counts to the Limited API. */
export function compare(world: World): {
  readonly names: readonly string[]
  readonly differences: readonly Difference[]
} {
  const { api, manifest, headers } = world
  const limited = api.names().filter((name) => api.levels(api.fact(name)!, headers) !== null)
  const names = [...new Set([...manifest.items.keys(), ...limited])].sort()
  return { names, differences: names.flatMap((name) => differencesOf(name, world)) }
}

function differencesOf(name: string, { api, manifest, headers }: World): Difference[] {
  const item = manifest.items.get(name) ?? null
  const fact = api.fact(name)
  const struct = api.struct(name)
  const span = fact && api.levels(fact, headers)
  const complete = struct?.complete[api.headerSets.indexOf(headers)] ?? null
  const found: Difference[] = []
  const differ = (aspect: Aspect, detail: string): void => {
    found.push({ name, aspect, detail, item, fact, struct, span, complete })
  }
  if (!item) {
    const since = showVersion(limitedSince(fact!, api)!)
    differ('unlisted', `${fact!.entity}, declared at ${show(span!.first)}, first by the headers of ${since}`)
    return found
  }
  if (!fact) {
    differ('missing', item.kind)
    return found
  }
  const added = `added in ${showVersion(item.added)}`
  if (!entities[item.kind].includes(fact.entity)) differ('entity', `${fact.entity}, listed as ${item.kind}`)
  if (item.abiOnly !== fact.abiOnly) differ('abi_only', `table ${fact.abiOnly}, manifest ${item.abiOnly}`)
  else if (item.abiOnly && span) differ('abi_only', `declared at ${show(span.first)}, abi_only`)
  if (item.platform !== fact.platform) differ('platform', `table "${fact.platform}", manifest "${item.platform}"`)
  if (span?.first !== item.added) differ('level', `declared at ${show(span?.first ?? null)}, ${added}`)
  if (span && span.last < headers) differ('last level', `declared up to ${show(span.last)} only`)
  if (isSymbol(item)) {
    if (fact.exported !== item.added) differ('exported', `exported from ${show(fact.exported)}, ${added}`)
    if (fact.inDll !== item.added) differ('python3.dll', `in python3.dll from ${show(fact.inDll)}, ${added}`)
  }
  compareStruct()
  return found

  function compareStruct(): void {
    if (item!.struct === 'opaque' && complete !== null) differ('struct', `complete at ${show(complete)}, opaque`)
    if (item!.struct === 'full-abi') {
      if (complete !== item!.added) differ('struct', `complete at ${show(complete)}, full-abi, ${added}`)
      if (struct && !struct.abi3t) differ('struct', 'not complete for abi3t, full-abi')
    }
    if (item!.struct === 'members') {
      const others = [...(struct?.fields.keys() ?? [])].filter((field) => !item!.members.includes(field))
      const lacks = item!.members.filter((field) => !struct?.fields.has(field))
      const rest = `not listed: ${others.join(' ') || 'none'}; lacks: ${lacks.join(' ') || 'none'}`
      differ('struct', `complete at ${show(complete)}; fields ${rest}`)
    }
  }
}

/** Names that manifests leave out although they are older, with the first version whose manifest has them. */
const listedLate: ReadonlyMap<string, Minor> = new Map([['PyModuleDef_Slot', 15]])

/** The reasons that there are, in the order in which they are tried. */
export const classes: readonly Class[] = [
  {
    title: 'newer than this manifest',
    because: "the Limited API has it first in newer headers, or in those of the manifest's own unfinished version",
    explains: ({ aspect, fact }, { api, manifest }) => {
      if (aspect !== 'unlisted' || !fact) return false
      const since = Math.max(limitedSince(fact, api)!, fact.inDll ?? 0)
      return since > manifest.version || (since === manifest.version && !manifest.final)
    },
  },
  {
    title: 'macro or constant that the manifest does not track',
    because: 'the manifest lists few of them: it is about symbols, and these leave none',
    explains: ({ aspect, fact }) => aspect === 'unlisted' && (fact?.entity === 'macro' || fact?.entity === 'constant'),
  },
  {
    title: 'type without fields that the manifest does not track',
    because: 'it lists structs and the typedefs of signatures; most names for pointers and numbers it leaves out',
    explains: ({ aspect, fact, complete }) => aspect === 'unlisted' && fact?.entity === 'type' && complete === null,
  },
  {
    title: 'left out of older manifests',
    because: 'CPython listed it late, with the version that it had had all along',
    explains: ({ aspect, name }, { manifest }) =>
      aspect === 'unlisted' && manifest.version < (listedLate.get(name) ?? 0),
  },
  {
    title: 'left the Limited API after this manifest',
    because: 'the compared headers still declare it, newer headers at no level, so that it has become abi_only',
    explains: ({ aspect, item, fact, span }, { api }) =>
      aspect === 'abi_only' &&
      !item!.abiOnly &&
      fact!.abiOnly &&
      span !== null &&
      api.levels(fact!, api.headerSets.at(-1)!) === null,
  },
  {
    title: 'gone from the headers, kept in the ABI',
    because: 'older headers declared it; old binaries go on working, sources do not',
    explains: ({ aspect, name, item, fact, span }, { headers, words }) =>
      aspect === 'level' &&
      item!.abiOnly &&
      span === null &&
      fact!.levels.some((each) => each !== null) &&
      !words.atLevel(name, headers),
  },
  {
    title: 'kept in the ABI, out of the Limited API before the oldest headers here',
    because: 'abi_only, and none of the header sets of the table declares it at any level',
    explains: ({ aspect, item, fact }) =>
      aspect === 'level' && item!.abiOnly && fact!.levels.every((each) => each === null),
  },
  {
    title: 'platform-only: not in Linux headers',
    because: 'the manifest has it under a feature macro that Linux builds lack, and the table knows that macro',
    explains: ({ aspect, item, fact, span }) =>
      aspect === 'level' && span === null && item!.platform !== '' && fact!.platform === item!.platform,
  },
  {
    title: 'opaque struct that the headers do not name any more',
    because: 'a struct tag without a typedef; the functions that took a pointer to it have left the headers',
    explains: ({ aspect, name, item, span }, { words }) =>
      aspect === 'level' && item!.struct === 'opaque' && span === null && !words.has(name),
  },
  {
    title: 'private helper called by public macros',
    because: 'abi_only, yet the headers must declare it, since their own macros and inline functions use it',
    explains: ({ aspect, name, item, fact, span }, { words }) =>
      aspect === 'abi_only' &&
      item!.abiOnly &&
      fact!.abiOnly &&
      span !== null &&
      name.startsWith('_') &&
      words.used(name),
  },
  {
    title: 'macro or inline function: no symbol',
    because: 'declared at a lower level than exported, but there it expands to code that imports nothing of that name',
    explains: (difference, world) =>
      difference.aspect === 'level' &&
      isSymbol(difference.item) &&
      difference.fact!.inline &&
      unguarded(difference, world),
  },
  {
    title: 'declared at a lower level than exported: header leak',
    because: 'no guard in the headers; the module compiles, and its import fails on Pythons older than the symbol',
    explains: (difference, world) => {
      const { aspect, item, fact, span } = difference
      return (
        aspect === 'level' &&
        isSymbol(item) &&
        !fact!.inline &&
        unguarded(difference, world) &&
        fact!.exported !== null &&
        span!.first < fact!.exported &&
        fact!.exported <= item!.added
      )
    },
  },
  {
    title: 'python3.dll lags behind libpython',
    because: "libpython exports it from the level of the headers on, python3.dll only from the manifest's version",
    explains: (difference, world) => {
      const { aspect, item, fact, span } = difference
      return (
        (aspect === 'level' || aspect === 'exported') &&
        isSymbol(item) &&
        !fact!.inline &&
        unguarded(difference, world) &&
        fact!.exported !== null &&
        fact!.exported <= span!.first &&
        fact!.inDll === item!.added &&
        item!.added <= lastHandMadeDll
      )
    },
  },
  {
    title: 'exported before it joined the stable ABI',
    because: 'libpython had the symbol for the full API first; the headers leak it to lower levels still',
    explains: ({ aspect, item, fact, span }) =>
      aspect === 'exported' &&
      isSymbol(item) &&
      !fact!.inline &&
      span !== null &&
      fact!.exported !== null &&
      span.first < fact!.exported &&
      fact!.exported < item!.added &&
      fact!.inDll === item!.added,
  },
  {
    title: 'slot id without a guard',
    because: 'a number, so nothing is imported; Pythons older than the slot refuse or ignore it at run time',
    explains: (difference, world) =>
      difference.aspect === 'level' &&
      difference.item!.kind === 'const' &&
      unguarded(difference, world) &&
      /^Py_(?:am|bf|mod|mp|nb|sq|tp)_[a-z]/.test(difference.name),
  },
  {
    title: 'constant, macro or type without a guard',
    because: 'the headers declare it at every level or at a lower one; it leaves no symbol, so no import can fail',
    explains: (difference, world) =>
      difference.aspect === 'level' && !isSymbol(difference.item) && unguarded(difference, world),
  },
  {
    title: 'constant that the headers declare at a higher level',
    because: 'it leaves no symbol; the version in the manifest is when Python understood it, the guard came later',
    explains: ({ aspect, name, item, span }, { words }) =>
      aspect === 'level' &&
      item!.kind === 'const' &&
      span !== null &&
      span.first > item!.added &&
      words.atLevel(name, span.first) &&
      !words.atLevel(name, span.first - 1),
  },
  {
    title: 'struct without a guard',
    because: 'its fields are visible at a level below the version that the manifest gives',
    explains: ({ aspect, item, complete }) =>
      aspect === 'struct' && item!.struct === 'full-abi' && complete !== null && complete < item!.added,
  },
  {
    title: 'complete, but not for abi3t: holds a PyObject',
    because: 'the manifest speaks of abi3; PyObject is opaque for abi3t, and so is a struct that has one inside',
    explains: ({ aspect, item, struct, complete }, { api }) =>
      aspect === 'struct' &&
      item!.struct === 'full-abi' &&
      complete === item!.added &&
      struct !== null &&
      !struct.abi3t &&
      holdsObject(struct, api),
  },
  {
    title: 'partly visible struct',
    because: 'C knows no such thing: the headers define the struct, with the fields that the manifest lists',
    explains: ({ aspect, item, struct, complete }) =>
      aspect === 'struct' &&
      item!.struct === 'members' &&
      complete === item!.added &&
      struct !== null &&
      !struct.abi3t &&
      item!.members.every((field) => struct.fields.has(field)) &&
      [...struct.fields.keys()].every((field) => item!.members.includes(field)),
  },
]
