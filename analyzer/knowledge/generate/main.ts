import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defaultCache, fetchHeaders, headerDirectories, headerVersions } from '../../../fixtures/headers.ts'
import { type Meanings, typeOf } from '../../project/typing.ts'
import { readGrammar } from '../../store/grammars.ts'
import { startSyntax } from '../../syntax/parse.ts'
import { type ApiFact, type Entity, type StoredTable, type StructFact, writeFact, writeStruct } from '../table.ts'
import { type Minor, oldest } from '../version.ts'
import { type Declared, type Mode, readHeaders, usable } from './read-headers.ts'

/**
 * `npm run knowledge`: makes the table of the C API anew from the headers of five CPython versions, and says what
 * changed. What those headers cannot tell (the versions between and before them, the stable ABI) is in `history.tsv`
 * and `history-fields.tsv`, which are facts on the headers of 3.2 to 3.15 and CPython's own manifest of the stable
 * ABI.
 */

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const output = here('../table.json')

interface History {
  readonly kind: string
  readonly full: { first: Minor; last: Minor } | null
  readonly limited: { first: Minor; last: Minor } | null
  readonly abiAdded: Minor | null
  readonly abiOnly: boolean
  readonly level: Minor | null
  readonly exported: Minor | null
  readonly platform: string
}

const minor = (text: string): Minor | null => (text === '-' || text === '' ? null : Number(text))
const span = (first: string, last: string): { first: Minor; last: Minor } | null =>
  first === '-' ? null : { first: Number(first), last: Number(last) }
const rows = (file: string): string[][] =>
  readFileSync(here(file), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))

function readHistory(): Map<string, History> {
  return new Map(
    rows('history.tsv').map(
      ([name, kind, first, last, limitedFirst, limitedLast, added, only, level, exported, platform]) => [
        name!,
        {
          kind: kind!,
          full: span(first!, last!),
          limited: span(limitedFirst!, limitedLast!),
          abiAdded: minor(added!),
          abiOnly: only === 'yes',
          level: minor(level!),
          exported: minor(exported!),
          platform: platform === '-' ? '' : platform!,
        },
      ],
    ),
  )
}

/** One version's headers, read in every mode. */
interface Reading {
  readonly version: Minor
  readonly full: Declared
  /** What only builds without the GIL declare comes from here. */
  readonly freeThreaded: Declared | null
  /** By level, from 3.2 to the version itself. */
  readonly levels: ReadonlyMap<Minor, Declared>
  readonly abi3t: Declared | null
}

const syntax = await startSyntax(readGrammar)
await syntax.ready('c')

const readings: Reading[] = []
const headers: Record<string, string> = {}
for (const version of headerVersions) {
  await fetchHeaders(version)
  const own = Number(version.slice(2))
  const directories = headerDirectories(version, defaultCache())!
  const patchlevel = readFileSync(`${directories[0]}/patchlevel.h`, 'utf8')
  headers[String(own)] = /#define PY_VERSION\s+"([^"]+)"/.exec(patchlevel)![1]!
  process.stderr.write(`reading the headers of ${headers[String(own)]}\n`)
  const read = (mode: Mode): Declared => readHeaders(syntax, directories, mode)
  const levels = new Map<Minor, Declared>()
  for (let level = oldest; level <= own; level++) levels.set(level, read(level))
  readings.push({
    version: own,
    full: read('full'),
    freeThreaded: own >= 13 ? read('free-threaded') : null,
    levels,
    abi3t: own >= 15 ? read('abi3t') : null,
  })
}
const newestReading = readings.at(-1)!
const history = readHistory()

/** Newest headers first, for what only one of them need to say. */
const newestFirst = [...readings].reverse()

/** CPython's names that do not begin with `Py`, of which some level lacks some. */
const unprefixed = new RegExp(
  `^(?:${[
    '(?:PYMEM_(?:DOMAIN|ALLOCATOR)|PYGEN|SSTATE|FUTURE|PYTHREAD)_[A-Z_]+',
    'TYPE_MAX_WATCHERS|stwodigits|wrapperfunc_kwds|gcvisitobjects_t|atexit_datacallbackfunc|_PY_FASTCALL_SMALL_STACK',
  ].join('|')})$`,
)

const isApiName = (name: string): boolean =>
  history.has(name) || /^_?Py[A-Z_]|^PY_|^_Py_/.test(name) || unprefixed.test(name)

const allNames = new Set<string>(history.keys())
for (const { full, freeThreaded, levels } of readings) {
  for (const each of [full, ...(freeThreaded ? [freeThreaded] : []), ...levels.values()]) {
    for (const map of [each.functions, each.data, each.types, each.macros])
      for (const name of map.keys()) if (isApiName(name)) allNames.add(name)
    for (const name of each.constants) if (isApiName(name)) allNames.add(name)
  }
}
for (const name of [...allNames])
  if (/_H_?$/.test(name) && readings.some(({ full }) => full.macros.get(name)?.empty)) allNames.delete(name)

/** How typing sees the newest headers that know a name. */
const meanings: Meanings = {
  nameType: (name) => {
    for (const { full } of newestFirst) {
      const type = full.functions.get(name) ?? full.data.get(name)
      if (type !== undefined) return type
    }
    return null
  },
  macroResult: (name) => newestFirst.find(({ full }) => full.macros.has(name))?.full.macros.get(name)?.result,
  typedef: (name) => newestFirst.find(({ full }) => full.types.has(name))?.full.types.get(name) ?? null,
  field: (struct, field) => {
    for (const { full } of newestFirst) {
      const type = full.structs.get(struct)?.[field]
      if (type !== undefined) return type
    }
    return null
  },
}

function entityOf(name: string): Entity {
  for (const { full, freeThreaded, levels } of newestFirst) {
    for (const each of [full, ...(freeThreaded ? [freeThreaded] : []), ...levels.values()]) {
      // What has a body and no symbol is a macro to who looks for it in a library.
      if (each.functions.has(name))
        return each.inline.has(name) && (history.get(name)?.abiAdded ?? null) === null ? 'macro' : 'function'
      if (each.data.has(name)) return 'data'
      if (each.types.has(name)) return 'type'
      if (each.constants.has(name)) return 'constant'
      const macro = each.macros.get(name)
      if (macro)
        return macro.parameters === null && /^[A-Za-z]*_?[A-Z]/.test(name) && isValue(macro.words, macro.empty)
          ? 'constant'
          : 'macro'
    }
  }
  const kind = history.get(name)?.kind ?? 'macro'
  return kind === 'function' || kind === 'data' || kind === 'type' || kind === 'constant'
    ? kind
    : kind === 'struct'
      ? 'type'
      : kind === 'const'
        ? 'constant'
        : 'macro'
}

/** A macro that is a plain value: no other API name in it. */
const isValue = (words: readonly string[], empty: boolean): boolean => !empty && words.length === 0

/** Result types of macros whose bodies hide them; from CPython's documentation. */
const documentedTypes: Readonly<Record<string, string>> = Object.fromEntries([
  ...['Py_None', 'Py_True', 'Py_False', 'Py_Ellipsis', 'Py_NotImplemented'].map((name) => [name, 'PyObject*']),
  ...[
    'PyTuple_GET_ITEM',
    'PyList_GET_ITEM',
    'PySequence_Fast_GET_ITEM',
    'PySequence_ITEM',
    'PyCell_GET',
    'PyMethod_GET_SELF',
    'PyMethod_GET_FUNCTION',
    'PyFunction_GET_CODE',
    'PyFunction_GET_GLOBALS',
    'PyWeakref_GET_OBJECT',
    'PyStructSequence_GET_ITEM',
    'PyCFunction_GET_SELF',
    'PyInstanceMethod_GET_FUNCTION',
    'PyMemoryView_GET_BASE',
  ].map((name) => [name, 'PyObject*()']),
])

function typeOfName(name: string): string {
  const documented = documentedTypes[name]
  if (documented) return documented
  const macro = newestFirst.find(({ full }) => full.macros.has(name))?.full.macros.get(name)
  const direct = meanings.nameType(name)
  if (direct !== null) return direct
  const typedef = meanings.typedef(name)
  if (typedef !== null) return typedef.includes('@') ? '' : typedef
  if (!macro) return ''
  const type = typeOf(macro.result, meanings)
  if (type === null || type.includes('@')) return ''
  return macro.parameters === null ? type : `${type}()`
}

const names: Record<string, string> = {}
const order = Object.keys(headers).map(Number)
const oddities: string[] = []
for (const name of [...allNames].sort()) {
  const past = history.get(name)
  const has = (declared: Declared | null): boolean => declared !== null && usable(name, declared)
  const inFull = readings
    .filter(({ full, freeThreaded }) => has(full) || has(freeThreaded))
    .map(({ version }) => version)
  const full =
    inFull.length === 0
      ? (past?.full ?? null)
      : {
          first: Math.min(past?.full?.first ?? inFull[0]!, inFull[0]!),
          last: Math.max(past?.full?.last ?? 0, inFull.at(-1)!),
        }
  const levels = readings.map(({ levels: read, version }) => {
    const at = [...read].filter(([, declared]) => has(declared)).map(([level]) => level)
    if (at.length === 0) return null
    if (at.length !== at.at(-1)! - at[0]! + 1) oddities.push(`${name}: headers ${version}, levels ${at.join(' ')}`)
    return { first: at[0]!, last: at.at(-1)! }
  })
  if (!full && levels.every((each) => each === null) && !past) continue
  const lowest = levels.at(-1)?.first ?? null
  // The manifest says when python3.dll got a name; libpython had most of them from the level of the headers on.
  const inDll = past?.abiAdded ?? null
  const lowestReading = lowest === null ? null : newestReading.levels.get(lowest)!
  const inline = lowestReading !== null && (lowestReading.macros.has(name) || lowestReading.inline.has(name))
  // What is a macro at first has a symbol only from when the manifest says.
  const exported =
    past?.exported ?? (inDll === null ? null : lowest === null || inline ? inDll : Math.min(inDll, lowest))
  const fact: ApiFact = {
    name,
    entity: entityOf(name),
    full,
    levels,
    abi3t: has(newestReading.abi3t),
    inline,
    macroUntil: [...newestReading.levels].filter(([, declared]) => declared.macros.has(name)).at(-1)?.[0] ?? null,
    exported,
    inDll,
    abiOnly: past?.abiOnly ?? false,
    type: typeOfName(name),
    platform: past?.platform ?? '',
  }
  names[name] = writeFact(fact, order)
}

/** The name that C code uses for a struct: its typedef, else its tag. */
const publicNames = new Map<string, string>()
for (const { full } of readings)
  for (const [name, type] of full.types)
    if (/^(?:struct|union) /.test(type) && !type.includes('*')) publicNames.set(type, name)

const pastFields = rows('history-fields.tsv')
const structs: Record<string, string> = {}
const structTags = new Set(readings.flatMap(({ full }) => [...full.structs.keys()]))
const byName = new Map<string, string>()
for (const tag of structTags) {
  const name = publicNames.get(tag) ?? (tag.includes('@') ? null : tag.split(' ')[1]!)
  if (name && isApiName(name)) byName.set(name, tag)
}
for (const name of [...byName.keys()].sort()) {
  const tagsOf = (declared: Declared): Readonly<Record<string, string>> | undefined => {
    const typedef = declared.types.get(name)
    return (
      declared.structs.get(typedef ?? '') ??
      declared.structs.get(`struct ${name}`) ??
      declared.structs.get(byName.get(name)!)
    )
  }
  const fields = new Map<string, string>()
  for (const { full } of newestFirst) {
    for (const [field, type] of Object.entries(tagsOf(full) ?? {})) {
      // What is in unions without a name is how one version packs another's field.
      if (!field.includes('@') && !fields.has(field)) fields.set(field, type.includes('@') ? '' : type)
    }
  }
  for (const [struct, field] of pastFields) if (struct === name && !fields.has(field!)) fields.set(field!, '')
  const tag = byName.get(name)!
  const struct: StructFact = {
    name,
    tag: tag.includes('@') ? name : tag,
    complete: readings.map(({ levels }) => {
      const at = [...levels].filter(([, declared]) => tagsOf(declared) !== undefined).map(([level]) => level)
      return at[0] ?? null
    }),
    abi3t: newestReading.abi3t !== null && tagsOf(newestReading.abi3t) !== undefined,
    lastFull: Math.max(
      oldest,
      ...readings.flatMap(({ full }, index) =>
        tagsOf(full) === undefined ? [] : [Number(Object.keys(headers)[index])],
      ),
    ),
    fields,
  }
  structs[name] = writeStruct(struct)
}

const table: StoredTable = { headers, names, structs }
report(
  existsSync(output)
    ? (JSON.parse(readFileSync(output, 'utf8')) as StoredTable)
    : { headers: {}, names: {}, structs: {} },
  table,
)
writeFileSync(output, `${JSON.stringify(table, null, 0).replaceAll('","', '",\n"').replaceAll('":{"', '":{\n"')}\n`)
for (const oddity of oddities) process.stdout.write(`not one stretch of levels: ${oddity}\n`)

function report(before: StoredTable, after: StoredTable): void {
  for (const part of ['names', 'structs'] as const) {
    const added = Object.keys(after[part]).filter((name) => !(name in before[part]))
    const gone = Object.keys(before[part]).filter((name) => !(name in after[part]))
    const changed = Object.keys(after[part]).filter(
      (name) => name in before[part] && before[part][name] !== after[part][name],
    )
    process.stdout.write(
      `${part}: ${Object.keys(after[part]).length} (${added.length} added, ${gone.length} gone, ${changed.length} ` +
        `changed)\n`,
    )
    for (const name of [...added.slice(0, 20), ...gone.slice(0, 20)])
      process.stdout.write(`  ${name in after[part] ? '+' : '-'} ${name}\n`)
    for (const name of changed.slice(0, 40))
      process.stdout.write(`  ${name}: ${before[part][name]} -> ${after[part][name]}\n`)
  }
}
