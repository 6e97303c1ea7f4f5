import posix from 'path-browserify'
import type { BuildFile } from '../build/build-file.ts'
import { includeDirectories } from '../build/include-directories.ts'
import { tomlError } from '../build/pyproject.ts'
import type { Problem } from '../check/diagnostic.ts'
import type { Api } from '../knowledge/api.ts'
import { rewritable } from '../knowledge/recipes/index.ts'
import type { Vocabulary } from '../knowledge/vocabulary.ts'
import type { BuildOptions, UnitOptions } from '../project/build-options.ts'
import { linkProject, type Project } from '../project/model.ts'
import { loadApi, loadSyntax } from './assets.ts'
import { type Analysis, analyze } from './collect.ts'
import { compileCommandsOf } from './compile-commands.ts'
import type { Settings } from './settings.ts'
import { buildFileKind, byteTextOf, type Content, isSourceName, rootBuildFiles, sourceText } from './source-text.ts'
import { type Changes, readBuildFiles, readText, type Sources } from './sources.ts'
import type { Store } from './store.ts'
import { type UsersOfTypes, usersOfTypes } from './type-users.ts'
import { usersOf } from './users.ts'

/** A project that was read and linked. */
export interface Loaded {
  /** What an editor has of its files; one character per byte. */
  readonly texts: Changes
  /** Names of all files that were asked for. */
  readonly files: ReadonlySet<string>
  /** Names of sources that are read with them, and not asked for. */
  readonly others: ReadonlySet<string>
  /** Those of all these that concern Python, whatever is in them. */
  readonly wanted: ReadonlySet<string>
  readonly project: Project
  readonly analysis: Analysis
  readonly buildFiles: readonly BuildFile[]
  readonly build: BuildOptions
  readonly problems: readonly Problem[]
  /** Why it cannot be said what others use a type for that a file defines. */
  readonly unseen: UsersOfTypes['unseen']
  /** Whether a file was asked for: it is one of those given, or stands where all are asked for that are included. */
  isAsked(file: string): boolean
  /** Whether there is a file of that name, read or not. */
  isThere(file: string): boolean
}

/** Reads and links what a workspace is opened on, again and again as its texts change. */
export class Loader {
  private readonly vocabulary: Vocabulary
  private readonly paths: readonly string[]

  private constructor(
    private readonly store: Store,
    private readonly given: readonly string[],
    private readonly settings: Settings,
    readonly api: Api,
  ) {
    this.vocabulary = api.vocabulary(rewritable)
    this.paths = settings.paths ?? given
  }

  /** @throws where the table of the C API cannot be loaded */
  static async open(store: Store, files: readonly string[], settings: Settings): Promise<Loader> {
    return new Loader(store, files, settings, await loadApi(store.asset))
  }

  get root(): string {
    return this.store.root
  }

  /** Whether a file is not to be checked, whatever includes it. */
  isExcluded(file: string): boolean {
    return this.settings.isExcluded?.(file) === true
  }

  /** Names of the sources of the package that a file belongs to; null where nobody says. */
  sourcesAround(file: string): readonly string[] | null {
    return this.settings.sourcesAround?.(file) ?? null
  }

  /**
   * @param given what an editor has newly made of files; null takes one back, so that the store's counts
   * @param before what was loaded with other texts, which need not all be collected anew
   */
  async load(given: ReadonlyMap<string, Content | null>, before: Loaded | null): Promise<Loaded> {
    const texts = new Map(before?.texts)
    for (const [file, text] of given) {
      if (text === null) texts.delete(file)
      else texts.set(file, byteTextOf(text))
    }
    const added = [...texts.keys()].filter((file) => isSourceName(file) || buildFileKind(file) !== null)
    const files = new Set([...this.given, ...added])
    const others: ReadonlySet<string> = new Set()
    const wanted: ReadonlySet<string> = new Set()
    const sources = this.sourcesOf(texts, texts)
    const { buildFiles, problems: unreadBuilds } = readBuildFiles(
      sources,
      files,
      this.settings.buildFiles ?? rootBuildFiles,
    )
    const compiled = compileCommandsOf(sources, this.root, this.settings.compileCommands ?? null)
    const build: BuildOptions = {
      root: this.root,
      includeDirectories: [
        ...(this.settings.includeDirectories ?? []),
        ...new Set(compiled.commands.flatMap((command) => command.includeDirectories)),
        ...buildFiles.flatMap(includeDirectories),
      ],
      definitions: this.settings.definitions ?? new Map(),
      ofFile: new Map<string, UnitOptions>(compiled.commands.map((command) => [command.file, command])),
    }
    this.store.readsFrom?.(build.includeDirectories)
    const analysis = await this.analyze(sources, { files, others, wanted }, build, before)
    return {
      texts,
      files,
      others,
      wanted,
      unseen: () => null,
      project: linkProject(analysis.facts, build, analysis.texts),
      analysis,
      buildFiles,
      build,
      problems: eachOnce([
        ...compiled.problems,
        ...unreadBuilds,
        ...buildFiles.flatMap(buildFileProblem),
        ...(this.settings.problems ?? []),
        ...this.problemsOf(analysis),
      ]),
      isAsked: (file) => files.has(file) || this.isAskedFragment(file),
      isThere: (file) => !('problem' in readText(sources, file)),
    }
  }

  /**
   * What was loaded, with texts that fixes made, files that are new among them.
   * @param changes one character per byte
   */
  async reload(before: Loaded, changes: Changes): Promise<Loaded> {
    const texts = new Map([...before.texts, ...changes])
    const sources = this.sourcesOf(texts, texts)
    const analysis = await this.analyze(sources, before, before.build, before)
    return { ...before, analysis, project: linkProject(analysis.facts, before.build, analysis.texts) }
  }

  /**
   * What was loaded, with the sources that may use what the files that were asked for define, and were not asked for
   * themselves: those that include such a file, and those that declare a type of one.
   */
  async withUsers(before: Loaded): Promise<Loaded> {
    const asked = [...before.files].filter((file) => isSourceName(file))
    const near = new Set(asked.flatMap((file) => this.settings.sourcesBelow?.(file) ?? []))
    const rest = [...near].filter((file) => !before.files.has(file) && !before.analysis.texts.has(file))
    if (rest.length === 0) return before
    const textOf = (file: string): string => before.analysis.texts.get(file) ?? this.read(file, before) ?? ''
    const users = usersOf(asked, [...before.analysis.texts.keys(), ...rest], textOf)
    const others = new Set(rest.filter((file) => users.has(file)))
    return others.size === 0 ? before : this.reload({ ...before, others }, new Map())
  }

  /**
   * What was loaded, with all sources that may name types of those names, and what is known of those that cannot be
   * read.
   * @param names of types that others may use, too
   */
  async withUsersOfTypes(before: Loaded, names: ReadonlySet<string>): Promise<Loaded> {
    if (names.size === 0) return before
    const { settings } = this
    const sources = this.sourcesOf(before.texts, before.texts)
    const read = (file: string): ReturnType<typeof readText> => readText(sources, file)
    const { files, unseen } = usersOfTypes(before, names, { settings, store: sources.store, read })
    const isSeen = [...before.analysis.texts.keys()].every((file) => unseen(file) === null)
    if (files.size === 0 && isSeen) return before
    const wider = { ...before, others: new Set([...before.others, ...files]), wanted: files, unseen }
    return files.size === 0 ? wider : this.reload(wider, new Map())
  }

  /** Names of sources in the packages of the files asked for that say anything about Python, and were not read. */
  unread(loaded: Loaded): readonly string[] {
    const near = new Set([...loaded.files].flatMap((file) => this.settings.sourcesBelow?.(file) ?? []))
    return [...near].filter((file) => {
      const text = loaded.files.has(file) || loaded.analysis.texts.has(file) ? null : this.read(file, loaded)
      return text !== null && sourceText(file, text).concernsPython
    })
  }

  /** The text of a file that is no source, one character per byte; null where there is none. */
  read(file: string, { texts }: Loaded): string | null {
    const found = readText(this.sourcesOf(texts, texts), file)
    return 'problem' in found ? null : found.text
  }

  /**
   * @param texts whose files are found, besides those of the store
   * @param changes what is read instead of what the store has
   */
  private sourcesOf(texts: Changes, changes: Changes): Sources {
    const { store } = this
    const find = (path: string): string | null => {
      const name = posix.normalize(path)
      return texts.has(name) ? name : store.find(path)
    }
    return { store: { root: store.root, read: (file) => store.read(file), find }, changes }
  }

  private analyze(
    sources: Sources,
    { files, others, wanted }: Pick<Loaded, 'files' | 'others' | 'wanted'>,
    build: BuildOptions,
    before: Loaded | null,
  ): Promise<Analysis> {
    const { store, vocabulary, settings } = this
    const request = {
      store,
      sources,
      files: [...files].filter((file) => buildFileKind(file) === null),
      others: [...others],
      wanted,
      includeDirectories: build.includeDirectories,
      vocabulary,
      syntax: () => loadSyntax(store.asset),
      progress: settings.progress ?? (() => undefined),
    }
    return analyze(request, before?.analysis ?? null)
  }

  private problemsOf({ problems }: Analysis): Problem[] {
    const named = new Set(this.paths)
    return problems.map(({ file, message, unreadable }) => ({
      file,
      message,
      severity: unreadable || named.has(file) ? 'error' : 'warning',
    }))
  }

  /** `list.def` is C where something includes it. */
  private isAskedFragment(file: string): boolean {
    if (isSourceName(file) || this.isExcluded(file)) return false
    return this.paths.some((path) => path === '' || path === '.' || file.startsWith(`${path}/`))
  }
}

/** What is found and included is told of once. */
const eachOnce = (problems: readonly Problem[]): Problem[] => [
  ...new Map(problems.map((each) => [`${each.file}\n${each.message}`, each])).values(),
]

/** What is wrong with a build file as a whole. */
function buildFileProblem(file: BuildFile): readonly Problem[] {
  const error = file.kind === 'pyproject.toml' ? tomlError(file) : null
  if (error === null) return []
  return [{ file: file.path, message: `is left out, as it is no TOML: ${error}`, severity: 'warning' }]
}
