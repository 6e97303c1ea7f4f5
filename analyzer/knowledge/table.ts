import type { CType } from './ctype.ts'
import type { Minor } from './version.ts'

/**
 * The generated table of the C API as it is stored: one line of text per name, so that loading it costs one
 * `JSON.parse` and nothing is taken apart before somebody asks.
 */
export interface StoredTable {
  /** The header sets that were read, by minor version, with what Debian calls their version; oldest first. */
  readonly headers: Readonly<Record<string, string>>
  /** `entity|full|levels|flags|abi|type|platform|supplied`, see `readFact`. */
  readonly names: Readonly<Record<string, string>>
  /**
   * By the name that C code uses: `tag|levels|abi3t and last full|field:type,...`; a field that newer headers lack
   * ends in `:-`.
   */
  readonly structs: Readonly<Record<string, string>>
}

export type Entity = 'function' | 'macro' | 'type' | 'constant' | 'data'

/** What is known of one name. */
export interface ApiFact {
  readonly name: string
  readonly entity: Entity
  /** First and last CPython whose headers declare it without the Limited API; null if none does. */
  readonly full: { readonly first: Minor; readonly last: Minor } | null
  /**
   * For each header set of the table the levels at which it is declared, `first` to `last` both included; null where it
   * is at none.
   */
  readonly levels: readonly ({ readonly first: Minor; readonly last: Minor } | null)[]
  /** The newest headers declare it for abi3t. */
  readonly abi3t: boolean
  /**
   * A macro or an inline function under the Limited API, so that a use leaves no import: but for macros that call
   * functions which are exported later than they can be used.
   */
  readonly inline: boolean
  /**
   * The highest level at which the newest headers define it as a macro, so that `#ifdef` sees it; null where at none.
   */
  readonly macroUntil: Minor | null
  /** First Python that exports it, or what the macro calls, as part of the stable ABI; null if none does. */
  readonly exported: Minor | null
  /** First Python whose `python3.dll` exports it. */
  readonly inDll: Minor | null
  /** Part of the stable ABI, but no longer of the Limited API. */
  readonly abiOnly: boolean
  /**
   * Of a function or a macro that looks like one `T()`, of data and constants `T`, of a type what it stands for;
   * empty if not known.
   */
  readonly type: CType
  /** The macro without which it does not exist: `MS_WINDOWS`; empty for most. */
  readonly platform: string
  /**
   * Of a macro that headers define at each level, though it expands to names that they declare at none: the last such
   * headers, and these names. Where a project supplies them, the macro can be used. Null for all else.
   */
  readonly supplied: { readonly last: Minor; readonly names: readonly string[] } | null
}

export interface StructFact {
  readonly name: string
  /** `struct _typeobject` */
  readonly tag: string
  /** For each header set the lowest level at which it is complete; null where it is at none. */
  readonly complete: readonly (Minor | null)[]
  readonly abi3t: boolean
  /** The last headers of the table that show its fields to extensions that are not limited. */
  readonly lastFull: Minor
  /** All fields it ever had, with their types; an empty type where only older headers have it. */
  readonly fields: ReadonlyMap<string, CType>
}

const entities: readonly Entity[] = ['function', 'macro', 'type', 'constant', 'data']

const showSpan = (span: { readonly first: Minor; readonly last: Minor } | null): string =>
  span === null ? '-' : span.first === span.last ? `${span.first}` : `${span.first}-${span.last}`

function readSpan(text: string): { first: Minor; last: Minor } | null {
  if (text === '-') return null
  const [first, last = first] = text.split('-')
  return { first: Number(first), last: Number(last) }
}

const readMinor = (text: string): Minor | null => (text === '-' ? null : Number(text))
const showMinor = (minor: Minor | null): string => (minor === null ? '-' : String(minor))

/**
 * How a fact is stored. Equal levels of all header sets are written once, without their upper ends where those are
 * the headers' own.
 */
export function writeFact(fact: ApiFact, headers: readonly Minor[]): string {
  const levels = fact.levels.map((span, index) =>
    span && span.last === headers[index] ? `${span.first}+` : showSpan(span),
  )
  const flags = [
    fact.abi3t ? 'a' : '',
    fact.inline ? 'i' : '',
    fact.abiOnly ? 'o' : '',
    fact.macroUntil === null ? '' : `m${fact.macroUntil}`,
  ].join('')
  return [
    entities.indexOf(fact.entity),
    showSpan(fact.full),
    levels.every((each) => each === levels[0]) ? levels[0] : levels.join(' '),
    flags,
    fact.exported === fact.inDll ? showMinor(fact.exported) : `${showMinor(fact.exported)} ${showMinor(fact.inDll)}`,
    fact.type,
    fact.platform,
    fact.supplied === null ? '' : `${fact.supplied.last}:${fact.supplied.names.join(',')}`,
  ]
    .join('|')
    .replace(/\|+$/, '')
}

export function readFact(name: string, line: string, headers: readonly Minor[]): ApiFact {
  const [entity, full, levels, flags = '', abi = '-', type = '', platform = '', supplied = ''] = line.split('|')
  const spans = levels!.split(' ')
  const [exported, inDll = exported] = abi.split(' ')
  return {
    name,
    entity: entities[Number(entity)]!,
    full: readSpan(full!),
    levels: headers.map((own, index) => {
      const text = spans[index] ?? spans[0]!
      return text.endsWith('+') ? { first: Number(text.slice(0, -1)), last: own } : readSpan(text)
    }),
    abi3t: flags.includes('a'),
    inline: flags.includes('i'),
    macroUntil: flags.includes('m') ? Number(flags.slice(flags.indexOf('m') + 1)) : null,
    abiOnly: flags.includes('o'),
    exported: readMinor(exported || '-'),
    inDll: readMinor(inDll || '-'),
    type,
    platform,
    supplied: readSupplied(supplied),
  }
}

function readSupplied(text: string): ApiFact['supplied'] {
  const [last = '', names = ''] = text.split(':')
  return names === '' ? null : { last: Number(last), names: names.split(',') }
}

export function writeStruct(struct: StructFact): string {
  const complete = struct.complete.map(showMinor)
  return [
    struct.tag,
    complete.every((each) => each === complete[0]) ? complete[0] : complete.join(' '),
    `${struct.abi3t ? 'a' : ''}${struct.lastFull}`,
    [...struct.fields].map(([field, type]) => `${field}:${type || '-'}`).join(','),
  ].join('|')
}

export function readStruct(name: string, line: string, headers: readonly Minor[]): StructFact {
  const [tag, complete, abi3t, fields] = line.split('|')
  const parts = complete!.split(' ')
  return {
    name,
    tag: tag!,
    complete: headers.map((_, index) => readMinor(parts[index] ?? parts[0]!)),
    abi3t: abi3t!.startsWith('a'),
    lastFull: Number(abi3t!.replace('a', '')),
    fields: new Map(
      (fields ? fields.split(',') : []).map((each) => {
        const colon = each.indexOf(':')
        const type = each.slice(colon + 1)
        return [each.slice(0, colon), type === '-' ? '' : type]
      }),
    ),
  }
}
