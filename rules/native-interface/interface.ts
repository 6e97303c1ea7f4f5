import { exportHeader, exportObjects } from './export-header.ts'
import { tableHeader, tableObjects, tableStatic } from './table-header.ts'

/**
 * A native interface: a table of functions, objects and data that one extension module offers to others, with a version
 * and a size. It is two C headers, made of two texts about a module that is called spam.
 */
export interface NativeInterface {
  /** The module that offers it, as Python imports it: `pkg._spam`. */
  readonly module: string
  /** Another one means another table: what is offered under it is not what was. */
  readonly major: number
  /** What the table offers to other modules, oldest first. */
  readonly entries: readonly [Entry, ...Entry[]]
  /** What a table of a single object offers; null for an interface without such tables. */
  readonly objectEntries: readonly [Entry, ...Entry[]] | null
  /**
   * Whether users may keep a copy of the table for the process: its entries are functions and static data alone, and
   * users of the table that was there before have no state to keep an import in.
   */
  readonly isStatic?: boolean
}

/** An entry of a table: a function, an object or data. */
export interface Entry {
  readonly name: string
  /** The field of the struct, in C, without the semicolon. */
  readonly declaration: string
  /** What users have to know, for a comment; empty for nothing. */
  readonly about: string
  /** The minor version that brought it; never less than that of the entry before it. */
  readonly since: number
}

/** The entries that a new interface begins with: one of each kind, to be replaced. */
export const sampleEntries: readonly [Entry, ...Entry[]] = [
  { name: 'twice', declaration: 'int (*twice)(int number)', about: 'a function', since: 0 },
  { name: 'error', declaration: 'PyObject *error', about: 'an object: borrowed, it belongs to the module', since: 0 },
  { name: 'greeting', declaration: 'const char *greeting', about: 'data', since: 0 },
]

/** The same for the tables of single objects. */
export const sampleObjectEntries: readonly [Entry, ...Entry[]] = [
  { name: 'items', declaration: 'double *items', about: "the object's own data", since: 0 },
  { name: 'count', declaration: 'Py_ssize_t count', about: 'how many there are', since: 0 },
]

/** What an interface is called: `module` in messages, `stem` in names of files, `Type` and `MACRO` in those of C. */
export interface InterfaceNames {
  readonly stem: string
  readonly type: string
  readonly macro: string
}

/**
 * @param module as Python imports it
 * @returns null where that is no name of a module, or none of which names in C can be made
 */
export function interfaceNames(module: string): InterfaceNames | null {
  if (!/^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/.test(module)) return null
  const stem = module.split('.').at(-1)!.replace(/^_+/, '').toLowerCase()
  if (!/^[a-z]/.test(stem)) return null
  const type = stem
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
  return { stem, type, macro: stem.toUpperCase() }
}

/** A header that is to be written. */
export interface HeaderFile {
  readonly file: string
  readonly text: string
}

/**
 * The two headers of an interface, as C99 and C++11, for every level of the Limited API from 3.5 on, for abi3t and for
 * builds without it.
 * @returns what others include, and what the module itself includes
 * @throws Error where its module has no name that is one
 */
export function interfaceHeaders(given: NativeInterface): readonly [table: HeaderFile, exporting: HeaderFile] {
  const names = interfaceNames(given.module)
  if (names === null) throw new Error(`no name of a module: ${given.module}`)
  const { module, major, entries, objectEntries, isStatic = false } = given
  const all = [...entries, ...(objectEntries ?? [])]
  const minor = all.reduce((newest, { since }) => Math.max(newest, since), 0)
  const values = new Map([
    ['MODULE', module],
    ['MAJOR', String(major)],
    ['MINOR', String(minor)],
    ['FIELDS', fieldsOf(entries, major)],
    ['SIZES', sizesOf(entries, minor, `${names.macro}_API`)],
    ['COPIES', copiesOf(entries, names)],
    ['OBJECT_FIELDS', fieldsOf(objectEntries ?? [], major)],
    ['OBJECT_SIZES', sizesOf(objectEntries ?? [], minor, `${names.macro}_OBJECT_API`)],
  ])
  const text = (plain: string, ofObjects: string): string =>
    filled(
      plain
        .replace('@OBJECTS@\n', objectEntries === null ? '' : ofObjects)
        .replace('@STATIC@\n', isStatic ? tableStatic : '')
        .replace('@STRING@\n', isStatic ? '#include <string.h>\n' : ''),
      names,
      values,
    ).trimStart()
  return [
    { file: `${names.stem}_api.h`, text: text(tableHeader, tableObjects) },
    { file: `${names.stem}_export.h`, text: text(exportHeader, exportObjects) },
  ]
}

/** The fields of a table, in C. */
const fieldsOf = (entries: readonly Entry[], major: number): string =>
  [...new Set(entries.map(({ since }) => since))]
    .flatMap((minor) => [
      `    /* from ${major}.${minor} on */`,
      ...entries
        .filter(({ since }) => since === minor)
        .map(({ declaration, about }) => `    ${declaration};${about === '' ? '' : ` /* ${about} */`}`),
    ])
    .join('\n')

/** What copies entries: those of later minor versions as far as a table has them. */
const copiesOf = (entries: readonly Entry[], { macro }: InterfaceNames): string =>
  entries
    .map(({ name, since }) => {
      const entry = `imported.api->${name}`
      const value = since === 0 ? entry : `${macro}_API_HAS(imported.api, ${name}) ? ${entry} : NULL`
      return `    entries.${name} = ${value};`
    })
    .join('\n')

/** The macros that say how long a table is in each minor version up to one. @param table what their names begin with */
const sizesOf = (entries: readonly Entry[], minor: number, table: string): string =>
  Array.from({ length: minor + 1 }, (_, version) => {
    const first = table.endsWith('_OBJECT_API') ? 'object' : 'head'
    const last = entries.findLast(({ since }) => since <= version)?.name ?? first
    return `#define ${table}_SIZE_${version} ${table}_END(${last})`
  }).join('\n')

/** A text about spam as one about the module that is meant, and then with its values, which have their own words. */
function filled(text: string, { stem, type, macro }: InterfaceNames, values: ReadonlyMap<string, string>): string {
  return text
    .replace(/SPAM|Spam|spam/g, (word) => (word === 'SPAM' ? macro : word === 'Spam' ? type : stem))
    .replace(/@([A-Z_]+)@/g, (whole, name: string) => values.get(name) ?? whole)
}
