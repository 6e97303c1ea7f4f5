import posix from 'path-browserify'
import type { BuildSet } from '../build/build-sets.ts'
import { setOf } from '../build/build-sets.ts'
import { buildLevels } from '../build/build-settings.ts'
import { buildText } from '../build/build-text.ts'
import { sourceLevels } from '../build/level-settings.ts'
import { type ModuleDefinition, moduleAround, moduleDefinitions } from '../build/module-definitions.ts'
import { unreadOptions } from '../build/plain-value.ts'
import { type StableAbiClaim, stableAbiClaims } from '../build/stable-abi-claims.ts'
import type { ProjectModel } from '../project/model.ts'
import { addTo } from '../source/multimap.ts'
import type { FileId } from '../source/text.ts'
import { firstPythonInclude } from './python-include.ts'

/** A claim of the stable ABI for sources that are compiled without `Py_LIMITED_API`. */
export interface MissingLevel {
  readonly claim: StableAbiClaim
  /** The sources, where others of the same module or wheel are compiled with it; empty where none is. */
  readonly without: readonly string[]
  /** Why it may be defined after all, in sentences without full stop. */
  readonly doubts: readonly string[]
}

/** Sources that go into one module, or all of a package where modules do not show. */
interface Unit {
  readonly definition: ModuleDefinition | null
  readonly sources: readonly FileId[]
  readonly doubts: readonly string[]
}

/**
 * The claims of a package that nothing makes true: neither options of the compiler nor the build files nor the sources
 * define `Py_LIMITED_API` or `Py_TARGET_ABI3T`. What mentions the macro in a way that is not understood defines it.
 */
export function missingLevels(model: ProjectModel, set: BuildSet, sets: readonly BuildSet[]): MissingLevel[] {
  const claims = set.files.flatMap(stableAbiClaims)
  if (claims.length === 0 || isDefined(model.project.options.definitions) || definesForAll(set)) return []
  const units = unitsOf(model, set, sets)
  const ofWheel = claims.filter(({ module }) => module === null)
  const open = new Map<StableAbiClaim, { without: Set<string>; some: boolean; doubts: Set<string> }>()
  let isAnyLimited = false
  for (const unit of units) {
    const states = unit.sources.map((file) => stateOf(model, file))
    const isSet = unit.definition !== null && definesWithin(unit.definition)
    if (isSet || (states.length > 0 && states.every(({ limited }) => limited))) {
      isAnyLimited = true
      continue
    }
    const own = claims.filter(({ module }) => module !== null && module.start === unit.definition?.start)
    const claim = own.find(({ module }) => module!.file === unit.definition!.file) ?? ofWheel[0]
    if (!claim) continue
    const entry = open.get(claim) ?? { without: new Set(), some: false, doubts: new Set() }
    states.forEach(({ limited, unread }, index) => {
      if (limited) entry.some = true
      else {
        entry.without.add(model.files[unit.sources[index]!]!.file)
        for (const path of unread) entry.doubts.add(`\`${path}\`, which is included, was not read`)
      }
    })
    for (const doubt of unit.doubts) entry.doubts.add(doubt)
    open.set(claim, entry)
  }
  return [...open].map(([claim, { without, some, doubts }]) => ({
    claim,
    without: some || (isAnyLimited && claim.module === null) ? [...without].sort() : [],
    doubts: [...(claim.depends ? ['the build file decides when it runs whether it claims this'] : []), ...doubts],
  }))
}

const macro = /^(?:Py_LIMITED_API|Py_TARGET_ABI3T)$/

const isDefined = (definitions: ReadonlyMap<string, string | null>): boolean =>
  [...definitions].some(([name, value]) => macro.test(name) && value !== null)

/** What makes a build limited, and the words that do so in the language of one build system. */
const mentions = /(?<![-/]U\s?)(?:\b|(?<=[-/]D))(?:Py_LIMITED_API|Py_TARGET_ABI3T)\b/g
const words = { 'meson.build': /\blimited_api\b/g, 'CMakeLists.txt': /\bUSE_SABI\b|\bSTABLE_ABI\b/g } as const

/** Whether a build file sets the level outside of the definition of a module, or in a way that is not understood. */
function definesForAll({ files }: BuildSet): boolean {
  return files.some((file) => {
    const { code } = buildText(file)
    const own =
      file.kind === 'meson.build' || file.kind === 'CMakeLists.txt' ? [...code.matchAll(words[file.kind])] : []
    const places = [
      ...[...code.matchAll(mentions), ...own].map(({ index }) => index),
      ...buildLevels(file).map(({ start }) => start),
    ]
    return places.some((place) => moduleAround(file, place) === null)
  })
}

function definesWithin({ file, start, end }: ModuleDefinition): boolean {
  const text = buildText(file).code.slice(start, end)
  const own = file.kind === 'meson.build' || file.kind === 'CMakeLists.txt' ? words[file.kind] : null
  return (
    buildLevels(file).some((level) => start <= level.start && level.start < end) ||
    [...text.matchAll(mentions), ...(own ? text.matchAll(own) : [])].length > 0
  )
}

function unitsOf(model: ProjectModel, set: BuildSet, sets: readonly BuildSet[]): Unit[] {
  const all = model.files.flatMap(({ file }, index) => {
    const isUnit =
      model.project.graph.includers[index]!.length === 0 && !/\.(?:h|hh|hpp|hxx|h\+\+|inc|inl)$/i.test(file)
    return isUnit && setOf(file, sets) === set && firstPythonInclude(model, index) !== null ? [index] : []
  })
  const definitions = set.files.flatMap(moduleDefinitions)
  const changing = new Set(
    set.files.filter((file) => /\.(?:define_macros|extra_compile_args|undef_macros)\b/.test(buildText(file).code)),
  )
  const elsewhere = set.files.flatMap((file) =>
    file.kind === 'CMakeLists.txt' && /\binclude\s*\(\s*[^)\s]*(?:\/|\.cmake)/i.test(buildText(file).code)
      ? [`${file.path} includes files that were not read`]
      : [],
  )
  if (definitions.length === 0)
    return all.length === 0
      ? []
      : [{ definition: null, sources: all, doubts: [...elsewhere, 'no build file that was read defines its modules'] }]
  return definitions.map((definition) => {
    const { named, unread } = namedSources(model, definition)
    const options = unreadOptions(buildText(definition.file), definition.start, definition.end)
    const later = changing.has(definition.file)
    const isPythons = (file: FileId): boolean =>
      firstPythonInclude(model, file) !== null || stateOf(model, file).limited
    const sources = named === null ? all : named.filter(isPythons)
    return {
      definition,
      sources,
      doubts: [
        ...elsewhere,
        ...options.map((each) => `what \`${each}\` comes to does not show in ${definition.file.path}`),
        ...(later ? [`${definition.file.path} changes the options of modules after it has defined them`] : []),
        ...unread.map((each) => `\`${each}\` was not read`),
        ...(sources.length + unread.length === 0 ? ['none of its sources includes Python.h'] : []),
      ],
    }
  })
}

/** The sources that a definition names, null where it names none; and those that are no C or were not given. */
function namedSources(
  model: ProjectModel,
  { file, start, end }: ModuleDefinition,
): { readonly named: readonly FileId[] | null; readonly unread: readonly string[] } {
  const base = posix.dirname(file.path)
  const names = [
    ...buildText(file)
      .code.slice(start, end)
      .matchAll(/(?<![\w.+/-])[\w.+/-]+\.(?:c|cc|cpp|cxx|c\+\+|pyx|m|mm|rs|i)\b(?![\w.])/gi),
  ].map(([name]) => name)
  const unread: string[] = []
  const named = new Set<FileId>()
  const files = filesByName(model)
  for (const name of names) {
    const path = posix.normalize(posix.join(base, name))
    const exact = files.exact.get(path)
    const alike = files.alike.get(posix.basename(name))
    if (exact !== undefined) named.add(exact)
    else if (alike) for (const each of alike) named.add(each)
    else unread.push(name)
  }
  return { named: names.length === 0 ? null : [...named], unread }
}

/** The files of a project by their names, and by the last part of these. */
interface FilesByName {
  readonly exact: ReadonlyMap<string, FileId>
  readonly alike: ReadonlyMap<string, readonly FileId[]>
}

const byName = new WeakMap<ProjectModel, FilesByName>()

function filesByName(model: ProjectModel): FilesByName {
  let known = byName.get(model)
  if (!known) {
    const exact = new Map<string, FileId>()
    const alike = new Map<string, FileId[]>()
    model.files.forEach(({ file }, index) => {
      if (!exact.has(file)) exact.set(file, index)
      addTo(alike, posix.basename(file), index)
    })
    known = { exact, alike }
    byName.set(model, known)
  }
  return known
}

/** Whether a translation unit is compiled with a level, as far as its own text and its options tell. */
function stateOf(model: ProjectModel, file: FileId): { readonly limited: boolean; readonly unread: readonly string[] } {
  const { options, graph } = model.project
  const own = options.ofFile.get(model.files[file]!.file)
  const text = new Set([file, ...graph.closure(file)])
  const python = firstPythonInclude(model, file)?.include.offset ?? 0
  const limited =
    (own !== undefined && isDefined(own.definitions)) || sourceLevels(model).some((each) => text.has(each.file))
  const unread = model.files[file]!.includes.flatMap(({ path, quoted, offset }, index) =>
    quoted && offset < python && graph.targets[file]![index] === null ? [path] : [],
  )
  return { limited, unread }
}
