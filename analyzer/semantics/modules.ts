import posix from 'path-browserify'
import type { BuildFile } from '../build/build-file.ts'
import { bracketsAround, buildText, callAround } from '../build/build-text.ts'
import { type ModuleDefinition, moduleAround } from '../build/module-definitions.ts'
import { initFunctions } from '../project/init-functions.ts'
import { LinkedSources } from '../project/linked-sources.ts'
import type { Project } from '../project/model.ts'
import { addAll } from '../source/lists.ts'
import { addTo } from '../source/multimap.ts'
import { lastUpTo } from '../source/search.ts'
import type { FileId } from '../source/text.ts'

/** An extension module: what one import loads. */
export interface Module {
  /** As its `PyInit_` or `PyModExport_` function names it: the last part of what is imported. */
  readonly name: string
  /** Index of the file that defines that function. */
  readonly definedIn: number
  /** Indexes of the files that are compiled into it, headers included, in order. */
  readonly files: readonly number[]
}

/**
 * The extension modules of a project, by name, each with its files: the one with its `PyInit_` function, those that a
 * build file names in the same call (`Extension("spam", ["a.c", "b.c"])`), of those that none names what a linker would
 * add to them, and all that these include. Where there is one module only, sources that no call speaks of are taken for
 * its own.
 */
export function modulesOf(project: Project, buildFiles: readonly BuildFile[]): readonly Module[] {
  const known = knownModules.get(project)
  if (known?.buildFiles === buildFiles) return known.modules
  const modules = findModules(project, buildFiles)
  knownModules.set(project, { buildFiles, modules })
  return modules
}

const knownModules = new WeakMap<
  Project,
  { readonly buildFiles: readonly BuildFile[]; readonly modules: readonly Module[] }
>()

function findModules(project: Project, buildFiles: readonly BuildFile[]): Module[] {
  const entries = new Map<string, { name: string; file: FileId }>()
  // The same module under both entry points is one.
  for (const { module, file } of initFunctions(project)) entries.set(`${file} ${module}`, { name: module, file })
  const lists = sourceLists(project, buildFiles)
  const listsOf = new Map<FileId, ReadonlySet<FileId>[]>()
  for (const list of lists) for (const file of list) addTo(listsOf, file, list)
  const made = [...entries.values()].map(({ name, file }) => {
    const sources = new Set([file, ...(listsOf.get(file) ?? []).flatMap((list) => [...list])])
    return { name, definedIn: file, sources }
  })
  const named = new Set(lists.flatMap((list) => [...list]))
  const isOffered = (file: FileId): boolean =>
    project.graph.isUnit(file) && !named.has(file) && !made.some(({ definedIn }) => definedIn === file)
  const linked = new LinkedSources(project, [...project.files.keys()].filter(isOffered))
  for (const { sources } of made) for (const file of linked.addedTo(sources)) sources.add(file)
  if (new Set(made.map(({ name }) => name)).size === 1) {
    project.files.forEach((_, file) => {
      if (project.graph.includers[file]!.length === 0 && !named.has(file)) made[0]!.sources.add(file)
    })
  }
  return made
    .map(({ name, definedIn, sources }) => {
      const files = new Set([...sources].flatMap((file) => [file, ...project.graph.closure(file)]))
      return { name, definedIn, files: [...files].sort((a, b) => a - b) }
    })
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.definedIn - b.definedIn))
}

/** An extension module as a build file defines it. */
export interface Extension {
  /** What is imported: `spam._core`. */
  readonly name: string
  readonly buildFile: BuildFile
  /** The sources of the project that it is built of. */
  readonly sources: readonly FileId[]
}

/**
 * The extension modules that build files define with a name and sources that are written out; those of which something
 * is written otherwise are left out, as are those with sources that other programs translate.
 */
export function extensionsOf(project: Project, buildFiles: readonly BuildFile[]): Extension[] {
  return buildFiles.flatMap((buildFile) => {
    const { code } = buildText(buildFile)
    const found = new Map<number, { name: string; sources: FileId[] } | null>()
    for (const { offset, meant } of namedSources(project, buildFile)) {
      // Another package may have a source of the same name.
      const root = posix.dirname(buildFile.path)
      if (root !== '.' && !project.files[meant]!.file.startsWith(`${root}/`)) continue
      for (const { called, start, end } of definitionsWith(buildFile, offset)) {
        if (!found.has(start)) {
          const text = code.slice(start, end)
          const name = nameIn(buildFile, called, text, code)
          found.set(start, name === null || translated.test(text) ? null : { name, sources: [] })
        }
        found.get(start)?.sources.push(meant)
      }
    }
    return [...found.values()].flatMap((each) => (each === null ? [] : [{ ...each, buildFile }]))
  })
}

/**
 * The sources of the project that each definition of a module names, by the definition: there, or in a list that is
 * assigned before. Definitions that name none are left out.
 */
export function definedSources(
  project: Project,
  buildFiles: readonly BuildFile[],
): ReadonlyMap<ModuleDefinition, ReadonlySet<FileId>> {
  const found = new Map<ModuleDefinition, Set<FileId>>()
  for (const buildFile of buildFiles) {
    for (const { offset, meant } of namedSources(project, buildFile)) {
      for (const definition of definitionsWith(buildFile, offset))
        found.set(definition, (found.get(definition) ?? new Set()).add(meant))
    }
  }
  return found
}

/** Whether the definition of a module names sources that other programs translate: `.pyx`. */
export const isTranslated = ({ file, start, end }: ModuleDefinition): boolean =>
  translated.test(buildText(file).code.slice(start, end))

/** Whether a build file names sources that become C or C++, and that nobody here reads: `.pyx`, `.i`. */
export const namesOtherSources = (file: BuildFile): boolean =>
  /\.(?:pyx|pxd|pxi|i|sip|swg)\b/.test(buildText(file).code)

const translated = /\.(?:pyx|pxd|py|i|sip|rs|pxi)\b/

/** How far before a list, in bytes, the name stands that it is assigned to. */
const longestAssignment = 200

/** What stands before the items of a list that is made or gets more: `srcs = [`, `srcs += (`, `srcs.append(`. */
const listBefore = /(\w+)\s*(?:\+?=\s*[[(]|\.(?:append|insert)\s*\(|\.extend\s*\(\s*[[(]?)$/

/** The definitions of modules that a source is named in, by its place: there, or in a list that is assigned before. */
function definitionsWith(buildFile: BuildFile, offset: number): readonly ModuleDefinition[] {
  const definition = moduleAround(buildFile, offset)
  if (definition !== null) return [definition]
  if (buildFile.kind === 'pyproject.toml' || buildFile.kind === 'CMakeLists.txt') return []
  const text = buildText(buildFile)
  const { start } = bracketsAround(text, offset)
  const list = listBefore.exec(text.code.slice(Math.max(0, start - longestAssignment), start))?.[1]
  if (list === undefined) return []
  return usersOf(buildFile).get(list) ?? []
}

const users = new WeakMap<BuildFile, ReadonlyMap<string, readonly ModuleDefinition[]>>()

/** The definitions of modules that each name stands in, but to be set. */
function usersOf(buildFile: BuildFile): ReadonlyMap<string, readonly ModuleDefinition[]> {
  let known = users.get(buildFile)
  if (!known) {
    const found = new Map<string, Set<ModuleDefinition>>()
    for (const { index, 0: name } of buildText(buildFile).skeleton.matchAll(/\b\w+\b(?!\s*\+?=(?!=))/g)) {
      const definition = moduleAround(buildFile, index)
      if (definition !== null) found.set(name, (found.get(name) ?? new Set()).add(definition))
    }
    known = new Map([...found].map(([name, definitions]) => [name, [...definitions]]))
    users.set(buildFile, known)
  }
  return known
}

const namingOutputs = new WeakMap<BuildFile, boolean>()

/** Whether `OUTPUT_NAME` gives a library another name. */
function namesOutputs(buildFile: BuildFile, code: string): boolean {
  const known = namingOutputs.get(buildFile) ?? /\bOUTPUT_NAME/.test(code)
  namingOutputs.set(buildFile, known)
  return known
}

/** The name in the definition of a module; null where it is not written out. */
function nameIn(buildFile: BuildFile, call: string, text: string, code: string): string | null {
  const { kind } = buildFile
  if (kind === 'CMakeLists.txt') {
    const name = /^python3?_add_library$/i.test(call) ? /^\s*([A-Za-z_]\w*)\s/.exec(text)?.[1] : undefined
    return name !== undefined && !namesOutputs(buildFile, code) ? name : null
  }
  if (kind === 'BUILD.bazel') {
    const own = /(?:^|,)\s*module_name\s*=\s*(["'])([\w.]+)\1\s*(?:,|$)/.exec(text)?.[2]
    if (own !== undefined) return own
  }
  if (kind === 'pyproject.toml') return /(?:^|,)\s*name\s*=\s*["']([\w.]+)["']\s*(?:,|$)/m.exec(text)?.[1] ?? null
  const [, , first] = /^\s*(?:name\s*=\s*)?(['"])([\w.]+)\1\s*(?:,|$)/.exec(text) ?? []
  return first ?? /,\s*name\s*=\s*(['"])([\w.]+)\1\s*(?:,|$)/.exec(text)?.[2] ?? null
}

/**
 * Of each call in a build file, and each table of `ext-modules`, the sources of the project that it names; calls that
 * name fewer than two are left out.
 */
function sourceLists(project: Project, buildFiles: readonly BuildFile[]): ReadonlySet<number>[] {
  const lists: Set<number>[] = []
  for (const buildFile of buildFiles) {
    const text = buildText(buildFile)
    const tables = [...text.code.matchAll(/\[\[/g)].map(({ index }) => index)
    const groups = new Map<number, Set<number>>()
    for (const { offset, meant } of namedSources(project, buildFile)) {
      const at =
        buildFile.kind === 'pyproject.toml'
          ? (tables[lastUpTo(tables, offset)] ?? -1)
          : (callAround(text, offset)?.start ?? -1)
      if (at >= 0) groups.set(at, (groups.get(at) ?? new Set()).add(meant))
    }
    addAll(
      lists,
      [...groups.values()].filter((group) => group.size > 1),
    )
  }
  return lists
}

/** Where a build file names sources of the project. */
function* namedSources(
  project: Project,
  buildFile: BuildFile,
): Iterable<{ readonly offset: number; readonly meant: FileId }> {
  const byName = new Map<string, number[]>()
  project.files.forEach(({ file }, index) => {
    if (!/\.(?:c|cc|cpp|cxx|c\+\+)$/i.test(file)) return
    const name = posix.basename(file)
    addTo(byName, name, index)
  })
  const { code } = buildText(buildFile)
  const base = posix.dirname(buildFile.path)
  for (const match of code.matchAll(/(?<![\w.+/-])[\w.+/-]+\.(?:c|cc|cpp|cxx|c\+\+)\b(?![\w.])/gi)) {
    const path = posix.normalize(posix.join(base, match[0]))
    const candidates = byName.get(posix.basename(path)) ?? []
    // The build file may stand elsewhere than it thinks: at last the name alone counts.
    const meant =
      candidates.find((index) => project.files[index]!.file === path) ??
      (candidates.length === 1 ? candidates[0]! : undefined)
    if (meant !== undefined) yield { offset: match.index, meant }
  }
}
