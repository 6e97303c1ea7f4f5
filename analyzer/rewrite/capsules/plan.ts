import posix from 'path-browserify'
import { type HeaderFile, interfaceHeaders, interfaceNames } from '../../../rules/native-interface/interface.ts'
import type { ProjectEdits } from '../../fix/fix.ts'
import type { CapsuleTable } from '../../semantics/capsule-tables.ts'
import type { Offset } from '../../source/text.ts'
import { EditList } from '../edit-list.ts'
import { type Obstacle, Obstacles } from '../modules/obstacles.ts'
import { lineEndOf } from '../places.ts'
import type { Sources } from '../sources.ts'
import { refuseEarlyImports } from './early-imports.ts'
import { emitExporter, type NewNames } from './emit-exporter.ts'
import { emitIncludes, emitUsers, includePlaces } from './emit-users.ts'
import { type Exporter, exporterOf } from './exporter.ts'
import { type Part, partOf } from './parts.ts'
import { type Sharing, sharingOf } from './shared-variables.ts'
import { type TableField, tableFields } from './table-fields.ts'
import { declarationOf, headerOf, isDeclared, unknownNames } from './types.ts'
import type { TableUser } from './users.ts'

/**
 * A table that a capsule hands out gets another one beside it, with a version, kept in the state of the module. The old
 * one stays as it is, for modules that were compiled with it; the headers of the project take their entries out of the
 * new one. A table is rewritten whole, in all files, or left alone with the reasons.
 */
export interface CapsulePlan {
  /** Empty where it is rewritten. */
  readonly obstacles: readonly Obstacle[]
  /** What is not as it was, or stays as it was, in a few words each. */
  readonly differs: readonly Obstacle[]
  readonly edits: ProjectEdits | null
}

/** Where the headers of the new table are included. */
interface Places {
  /** The header for users. */
  readonly api: string
  /** The header of the project that includes that; null for none. */
  readonly header: string | null
  /** The header of the module. */
  readonly exporting: string
  /** Behind which line of the module's source that is included. */
  readonly include: Offset
  /** How the module's source names the header for users. */
  readonly apiPath: string
}

/**
 * Plans what becomes of the tables that a source hands out: one for all of them.
 * @param module that exports them, as Python imports it; null where that is not known
 */
export function planTables(sources: Sources, tables: readonly CapsuleTable[], module: string | null): CapsulePlan {
  const obstacles = new Obstacles()
  const done = rewritten(sources, tables, module, obstacles)
  return obstacles.all.length > 0 || done === null
    ? { obstacles: obstacles.all, differs: [], edits: null }
    : { obstacles: [], ...done }
}

function rewritten(
  sources: Sources,
  tables: readonly CapsuleTable[],
  module: string | null,
  obstacles: Obstacles,
): Pick<CapsulePlan, 'differs' | 'edits'> | null {
  const { file: id, call } = tables[0]!.capsule
  const { file } = sources.model.files[id]!
  const refuse = (text: string): null => {
    obstacles.add(file, call.span.start, text)
    return null
  }
  const names = module === null ? null : interfaceNames(module)
  if (names === null) refuse('neither the build nor who uses its capsule says how its module is imported')
  if (sources.settings.level < firstSafeStates)
    refuse('below level 3.9 functions that see to a state may be called without one')
  const exporter = exporterOf(sources, file, tables[0]!, obstacles)
  const parts = tables.flatMap((each) => partOf(sources, file, each, obstacles) ?? [])
  if (module === null || names === null || exporter === null || obstacles.all.length > 0) return null
  refuseConditions(sources, exporter, parts, obstacles)
  refuseEarlyImports(sources, file, module, parts, obstacles)
  const fields = tableFields(sources, parts, obstacles)
  const [first, ...more] = fields.map(({ field, declarator }) => ({
    ...{ name: field, declaration: declarationOf(declarator, field), about: '', since: 0 },
  }))
  if (first === undefined) return obstacles.all.length > 0 ? null : refuse('no entry of it is known')
  const headers = interfaceHeaders({ module, major: 1, entries: [first, ...more], objectEntries: null, isStatic: true })
  const users = parts.flatMap((each) => each.users)
  const places = placesOf(sources, exporter, users, headers, obstacles)
  const given: NewNames = { ...names, functions: functionNames(sources, names.stem, exporter, fields) }
  refuseNames(sources, file, given, headers, obstacles)
  if (places === null) return null
  refusePlaces(sources, exporter, users, places, obstacles)
  const needed = neededHeaders(sources, exporter, users, fields, places, obstacles)
  if (obstacles.all.length > 0) return null
  const edits = new EditList(sources)
  for (const part of parts) emitUsers(part, fields, given, sources, edits)
  emitIncludes(sources, users, places.api, edits)
  const isForAll = exporter.flags.includes(forAll)
  const sharing = isForAll ? sharingOf(sources, file, parts, exporter.hasOwnGil) : null
  emitExporter(sources, forMain(exporter, sharing), fields, parts, given, places, edits, obstacles)
  return {
    differs: sharing ? [{ ...sharing, text: `${sharing.text}: the new table is for the main interpreter alone` }] : [],
    edits: {
      ...edits.done(),
      files: newFiles(sources, exporter, headers, { fields, needed }, places),
      byHand: new Map(
        places.header === null
          ? []
          : [
              [
                places.api,
                `is new, and has to be wherever ${places.header} is: what installs that has to name it, too`,
              ],
            ],
      ),
    },
  }
}

/** The flag of a table that may be used in other interpreters than the main one. */
const forAll = 'SUBINTERPRETERS'

const forMain = (exporter: Exporter, sharing: Sharing | null): Exporter =>
  sharing ? { ...exporter, sharing, flags: exporter.flags.filter((each) => each !== forAll) } : exporter

/** The first level at which the functions that see to a state are called with one alone. */
const firstSafeStates = 9

function placesOf(
  sources: Sources,
  { file, state, place }: Exporter,
  users: readonly TableUser[],
  [api, exporting]: readonly [HeaderFile, HeaderFile],
  obstacles: Obstacles,
): Places | null {
  const text = sources.text(file)
  const declaring = users.flatMap(({ declarations }) => declarations.map((each) => each.file))
  const header = declaring.find((each) => /\.h\w*$/.test(each)) ?? null
  const home = posix.join(posix.dirname(header ?? file), api.file)
  const limit = Math.min(place, state?.start ?? place)
  const { includes } = sources.model.files[sources.idOf(file)]!
  const isOf = (offset: Offset): boolean =>
    sources.includesIn(file).some((each) => each.target === header && each.offset === offset)
  const possible = includes.filter(({ offset }) => offset < limit && sources.code(file).regionAt(offset) === 0)
  const chosen = possible.find(({ offset }) => isOf(offset)) ?? possible.at(-1)
  const isMissed =
    header !== null &&
    sources.includesIn(file).some(({ target }) => target === header) &&
    !possible.some(({ offset }) => isOf(offset))
  if (!chosen || isMissed) {
    obstacles.add(file, limit, 'there is no place for an include: those that it has stand under conditions, or behind')
    return null
  }
  const isDirect = isOf(chosen.offset) && chosen.quoted
  const near = posix.relative(posix.dirname(file), home)
  const end = text.indexOf('\n', chosen.offset)
  return {
    ...{ api: home, header, include: end < 0 ? text.length : end + 1 },
    exporting: posix.join(posix.dirname(file), exporting.file),
    apiPath: isDirect ? posix.join(posix.dirname(chosen.path), api.file) : near,
  }
}

function functionNames(
  sources: Sources,
  stem: string,
  { file, state }: Exporter,
  fields: readonly TableField[],
): NewNames['functions'] {
  const isTaken = (name: string): boolean => sources.declares(name) || sources.isType(name)
  const made = ['traverse', 'clear', 'free', ...(state === null ? ['state'] : [])]
  const isFree = (prefix: string): boolean => made.every((each) => !isTaken(`${prefix}_${each}`))
  const prefix = [stem, `${stem}_module`, `${stem}_native`].find(isFree) ?? `abi3_${stem}`
  const member = ['native', 'native_api', `${stem}_native`].find(
    (each) => !state?.fields.includes(each) && sources.macros(each).length === 0,
  )
  // Whatever the file calls so at file level, which what is written may name.
  const used = new Set(fields.flatMap(({ value }) => value.match(/\w+/g) ?? []))
  const isHidden = (name: string): boolean =>
    isTaken(name) || used.has(name) || sources.code(file).variables.some((each) => each.name === name)
  const own = (name: string): string =>
    [name, `the_${name}`, `${stem}_${name}`].find((each) => !isHidden(each)) ?? `abi3_${stem}_${name}`
  return {
    ...{ prefix, exporting: `export_${stem}_api`, member: member ?? `${stem}_native_api` },
    own: { module: own('module'), visit: own('visit'), arg: own('arg'), api: own('api') },
  }
}

/** Names and files that are there already. */
function refuseNames(
  sources: Sources,
  file: string,
  { type, macro, functions }: NewNames,
  headers: readonly HeaderFile[],
  obstacles: Obstacles,
): void {
  const pattern = new RegExp(`\\b(?:${type}Api\\w*|${macro}_(?:API|EXPORT)_\\w+)\\b`, 'g')
  const made = new Set([functions.exporting, ...headers.flatMap(({ text }) => text.match(pattern) ?? [])])
  const taken = [...made].find((name) => sources.declares(name) || sources.isType(name))
  if (taken !== undefined) obstacles.add(file, 0, `the project has a \`${taken}\` already`)
}

/** What is written is compiled wherever the definition is, so the table has to be. */
function refuseConditions(
  sources: Sources,
  { file, place }: Exporter,
  parts: readonly Part[],
  obstacles: Obstacles,
): void {
  const around = new Set(sources.regionsAround({ file, offset: place }))
  for (const { table, entries } of parts)
    for (const offset of [table.capsule.around.span.start, entries.end])
      if (sources.regionsAround({ file, offset }).some((each) => !around.has(each)))
        obstacles.add(file, offset, 'the table stands under a condition that its `PyModuleDef` is not under')
}

/** Files that are there or must not be changed. */
function refusePlaces(
  sources: Sources,
  { file }: Exporter,
  users: readonly TableUser[],
  { api, exporting }: Places,
  obstacles: Obstacles,
): void {
  const changed = new Set([
    file,
    ...users.flatMap((each) => [...each.declarations, ...each.imports, ...each.uses].map((one) => one.file)),
  ])
  for (const each of changed) {
    const locked = sources.settings.locked(each)
    if (locked !== null) obstacles.add(each, 0, `${each} ${locked}`)
  }
  for (const each of [api, exporting])
    if (sources.settings.isThere(each)) obstacles.add(file, 0, `${each} is there already`)
}

const nameIn = (name: string): RegExp => new RegExp(`\\b${name}\\b`)

/** Whether a project gives a name of a standard header another meaning: `typedef int bool;` */
const declaresAnew = (sources: Sources, name: string): boolean =>
  sources.macros(name).length > 0 ||
  [...sources.texts.values()].some((text) => new RegExp(`\\btypedef\\b[^;{}]*\\b${name}\\s*;`).test(text))

/**
 * The headers of the project that the header of the table has to include, since they declare types of its fields; types
 * that are not known where it is included are obstacles.
 */
function neededHeaders(
  sources: Sources,
  { file }: Exporter,
  users: readonly TableUser[],
  fields: readonly TableField[],
  { include }: Places,
  obstacles: Obstacles,
): readonly string[] {
  for (const type of ['bool', 'FILE']) {
    const using = fields.find(({ declarator: { before, behind } }) => nameIn(type).test(`${before} ${behind}`))
    if (using && declaresAnew(sources, type))
      obstacles.add(file, using.offset, `the project has a \`${type}\` of its own`)
  }
  const starts = includePlaces(sources, users)
  const needed = new Set<string>()
  const declaring = new Set(starts.keys())
  for (const [where, offset] of [...starts, [file, include] as const])
    for (const { name, declarator } of fields)
      for (const unknown of unknownNames(sources, `${declarator.before}${declarator.behind}`, where, offset)) {
        const header = headerOf(sources, unknown, declaring)
        if (header !== null) needed.add(header)
        else
          obstacles.add(
            where,
            offset,
            isDeclared(sources, unknown)
              ? `\`${unknown}\`, in the type of \`${name}\`, is declared behind, or on conditions, or in several files`
              : `\`${unknown}\`, in the type of \`${name}\`, is declared in no header that was found: ` +
                  '`-I` says where others are',
          )
      }
  return [...needed].sort()
}

function newFiles(
  sources: Sources,
  { file }: Exporter,
  [table, exporting]: readonly [HeaderFile, HeaderFile],
  { fields, needed }: { readonly fields: readonly TableField[]; readonly needed: readonly string[] },
  { api, exporting: home, apiPath }: Places,
): ReadonlyMap<string, string> {
  const includes = needed.map((each) => `#include "${posix.relative(posix.dirname(api), each)}"\n`).join('')
  const types = fields.map(({ declarator }) => `${declarator.before} ${declarator.behind}`).join(' ')
  const system = table.text
    .replace('#include <stddef.h>\n', (each) => `${nameIn('bool').test(types) ? '#include <stdbool.h>\n' : ''}${each}`)
    .replace('#include <string.h>\n', (each) => `${nameIn('FILE').test(types) ? '#include <stdio.h>\n' : ''}${each}`)
  const lineEnd = lineEndOf(sources.text(file))
  const withEnds = (text: string): string => text.replaceAll('\n', lineEnd)
  return new Map([
    [api, withEnds(system.replace('#include <string.h>\n', (each) => each + includes))],
    [home, withEnds(exporting.text.replace(`#include "${table.file}"`, `#include "${apiPath}"`))],
  ])
}
