import { existsSync, statSync } from 'node:fs'
import { dirname, relative, resolve, sep } from 'node:path'
import type { Problem } from '../analyzer/check/diagnostic.ts'
import { diskStore, nameOf, spareMemory, spareOptimising } from '../analyzer/store/disk.ts'
import { currentDirectory, isIn } from '../analyzer/store/places.ts'
import { reason } from '../analyzer/store/reason.ts'
import { pathOfBytes, systemPath } from '../analyzer/store/system-path.ts'
import type { TraceWriter } from '../analyzer/store/trace.ts'
import type { Settings } from '../analyzer/workspace/settings.ts'
import { isSourceName, rootBuildFiles } from '../analyzer/workspace/source-text.ts'
import type { Progress, Store } from '../analyzer/workspace/store.ts'
import type { Workspace } from '../analyzer/workspace/workspace.ts'
import { keepsCompiled } from './compiled.ts'
import type { Configuration } from './config/configuration.ts'
import { idlePatterns, nothingLeft, unusedConfigurations } from './config/doubts.ts'
import { namesBelow } from './config/names-below.ts'
import { type Discovered, discover, type Excluded } from './discover.ts'
import { UsageError } from './exit.ts'
import { askGit } from './git.ts'
import { commonDirectory, isRepository, packageAround, repositoryAround, repositoryOf, wouldBe } from './places.ts'
import { discoveredAs, type OtherFiles, storeOf } from './revisions.ts'
import { refuseUnknownRules } from './rule-selection.ts'
import type { Terminal } from './terminal.ts'
import { findJournal, nameHere, recover } from './write/journal.ts'

/** What of the command line says which project is meant and how it is compiled. */
export interface ProjectOptions {
  readonly paths: readonly string[]
  /** `-I`, as given. */
  readonly includeDirectories: readonly string[]
  /** `-D` and `-U`: the text of the value, null for "not defined". */
  readonly definitions: ReadonlyMap<string, string | null>
  /** A compilation database; null to look for one in the usual places. */
  readonly compileCommands: string | null
  /** Threads to use, from 1. */
  readonly jobs: number
  /** What the project says of itself; null for nothing. */
  readonly configuration: Configuration | null
  /** What is to be said of configurations. */
  readonly problems: readonly Problem[]
  /** Whether a configuration is looked for: none is named, and none is refused. */
  readonly isSearched: boolean
  /** Whether what the configuration excludes is left out. */
  readonly excludes: boolean
  /** Files that are to be taken as they are elsewhere; null for all as on the disk. */
  readonly others: OtherFiles | null
}

/** A workspace on what the command line names. */
export interface OpenProject {
  readonly workspace: Workspace
  /** What is to be said besides the problems of the workspace. */
  readonly problems: readonly Problem[]
  /** The directory of the repository that was asked about, by its real path. */
  readonly repository: string
  /** Why a file may not be written for where it is, to go after its name; null where it may. */
  outside(file: string): string | null
}

/** What the command line names, found and not read yet. */
export interface FoundProject {
  /** The current directory by its real path, which names of files are relative to. */
  readonly root: string
  /** The directory of the repository that is asked about, by its real path. */
  readonly repository: string
  /** All that was found: what is the same again is the same project, but for what is in its files. */
  readonly identity: unknown
  /** What is asked for, by its real paths. */
  readonly roots: readonly string[]
  /** What is to be said besides the problems of the workspace. */
  readonly problems: readonly Problem[]
  /** Gives names of sources by the name of one, as the settings of a workspace have them. */
  readonly names: ReturnType<typeof sourcesOfPackages>
  /** A store on the files that may be read. */
  newStore(): Store
  /** @param trace where it is written down what is read; null for nowhere */
  open(terminal: Terminal, what: string, trace: TraceWriter | null): Promise<OpenProject>
}

/**
 * Finds what the command line names. Never throws for bad input: that is among the problems.
 * @throws UsageError where the current directory is none, or cannot be read
 */
export function findProject(
  options: ProjectOptions & {
    /** Whether files may be written: then the work of runs that were killed is settled before. */
    readonly writes: boolean
    /** Whether it is asked again and again, so that the process must not be tuned for one short run. */
    readonly staysOpen?: boolean
    /** Whether files count that are gone and may have been moved to what is asked for, `discoveredAs`. */
    readonly follows?: boolean
  },
): FoundProject {
  const root = startDirectory()
  const slashed = (path: string): string => path.split(sep).join('/')
  const named = (path: string): string => slashed(relative(root, resolve(root, path)))
  const { configuration } = options
  const excluded = options.excludes && configuration?.exclude ? excludedBy(configuration) : null
  const first = discover(root, options.paths, Infinity, excluded)
  const repository = repositoryAsked(first, root)
  const settled = settle(root, first, options.writes)
  const now = settled.length > 0 && options.writes ? discover(root, options.paths, Infinity, excluded) : first
  const { others } = options
  const found = others === null ? now : discoveredAs(now, others, root, excluded, options.follows ?? false)
  const places = [root, repository, ...found.roots.flatMap(({ path }) => [path, dirname(path)])]
  const database = options.compileCommands === null ? [] : [dirname(wouldBe(options.compileCommands))]
  const settings: Settings = {
    includeDirectories: [
      ...options.includeDirectories,
      ...(configuration?.includeDirectories ?? []).map(({ value }) => value),
    ].map((path) => named(path) || '.'),
    definitions: options.definitions,
    compileCommands: options.compileCommands === null ? null : slashed(options.compileCommands),
    paths: found.roots.map(({ path }) => named(path)),
    // A link that leads nowhere may be an editor's lock file.
    problems: found.problems.map(({ file, message, named: isNamed }) => ({
      file,
      message,
      severity: isNamed ? 'error' : 'warning',
    })),
    buildFiles: buildFilesAround(root, found, repository).map((path) => named(path)),
    isExcluded: (file) => excluded?.(resolve(root, file)) === true,
  }
  const files = [...found.sources, ...found.buildFiles]
  const names = sourcesOfPackages(root, found)
  const newStore = (): Store => {
    const store = diskStore(root, options.jobs, [...places, ...database])
    return others === null ? store : storeOf(store, others, root)
  }
  const left = options.excludes ? nothingLeft(found, configuration, root) : null
  const known = [
    ...options.problems,
    ...settled,
    ...missingDirectories(options, root),
    ...excludedOf(found, configuration),
    ...(left === null ? [] : [left]),
    ...(others === null && options.excludes ? idlePatterns(found, configuration, root) : []),
  ]
  const told = new Set(known.map(({ file }) => file))
  const isSearched = options.isSearched && others === null
  const problems = isSearched ? [...known, ...unusedConfigurations(found, configuration, root, told)] : known
  return {
    root,
    repository,
    roots: found.roots.map(({ path }) => path),
    identity: [
      [root, options.paths, places, files, problems],
      { ...settings, definitions: [...options.definitions] },
      [configuration?.identity, options.excludes],
    ],
    problems,
    names,
    newStore,
    async open(terminal, what, trace) {
      const { openWorkspace } = await import('../analyzer/workspace/workspace.ts')
      if (configuration !== null) await refuseUnknownRules(configuration)
      const prepare = (bytes: number): void => {
        if (bytes > worthSparing || !keepsCompiled()) spareOptimising(bytes)
      }
      const sparing = options.staysOpen === true ? newStore() : { ...newStore(), spareMemory, prepare }
      const workspace = await openWorkspace(trace?.store(sparing) ?? sparing, files, {
        ...settings,
        ...(trace?.names(names) ?? names),
        progress: progressOn(terminal, what),
      })
      const isEmpty =
        left === null && found.sources.length === 0 && workspace.problems.length === 0 && found.excluded.length === 0
      const empty = { file: options.paths.join(' '), message: 'holds no C or C++ files', severity: 'warning' as const }
      return {
        workspace,
        problems: isEmpty ? [...problems, empty] : problems,
        repository,
        outside: outsideOf(root, found, repository),
      }
    },
  }
}

/**
 * Opens a workspace on what the command line names.
 * @throws as `findProject`
 */
export const openProject = (
  options: Parameters<typeof findProject>[0],
  terminal: Terminal,
  what: string,
): Promise<OpenProject> => findProject(options).open(terminal, what, null)

/** From so many bytes of sources on a run takes longer without V8's flags than to compile the program each time. */
const worthSparing = 2_000_000

/** What is said of `-I` and the like that name no directory: the headers there are not found. */
function missingDirectories(
  { includeDirectories, configuration }: Pick<ProjectOptions, 'includeDirectories' | 'configuration'>,
  root: string,
): readonly Problem[] {
  const given = [
    ...includeDirectories.map((path) => ({ path, file: `-I ${path}`, of: '' })),
    ...(configuration?.includeDirectories ?? []).map(({ value, at }) => ({
      path: value,
      file: at,
      of: `\`include-directories\` names ${nameOf(root, value)}: `,
    })),
  ]
  return given.flatMap(({ path, file, of }): Problem[] => {
    const stats = statSync(systemPath(resolve(root, path)), { throwIfNoEntry: false })
    const message = `${of}${stats ? 'is no directory' : 'there is no such directory'}`
    return stats?.isDirectory() ? [] : [{ file, message, severity: 'warning' }]
  })
}

/** Tells what a configuration excludes. */
const excludedBy = ({ root, exclude }: Configuration): Excluded => namesBelow(root, exclude!.value)

/** What is said of paths that were named though the configuration excludes them, as hooks do: once for all of them. */
function excludedOf({ excluded }: Discovered, configuration: Configuration | null): readonly Problem[] {
  if (excluded.length === 0) return []
  const shown = excluded.length > 4 ? [...excluded.slice(0, 3), `${excluded.length - 3} more`] : excluded
  const message = `\`exclude\` leaves out what was named: ${shown.join(', ')}; --no-exclude checks that, too`
  return [{ file: configuration!.exclude!.at, message, severity: 'warning' }]
}

/**
 * The current directory by its real path.
 * @throws UsageError where it was deleted, or nobody may go through a directory above it
 */
export function startDirectory(): string {
  try {
    return currentDirectory()
  } catch (error) {
    throw new UsageError(`the current directory cannot be read: ${reason(error)}`)
  }
}

/** Settles what runs have left that were killed while they wrote, or says that there is something to settle. */
function settle(root: string, { sources, buildFiles }: Discovered, writes: boolean): readonly Problem[] {
  const directories = new Set([...sources, ...buildFiles].map((file) => dirname(resolve(root, file))))
  if (writes) return [...directories].flatMap(recover)
  const journal = findJournal(directories)
  const message = 'a run was killed while it wrote files, or writes them now: the next run with --fix settles that'
  return journal === null ? [] : [{ file: nameHere(journal), message, severity: 'warning' }]
}

/** The repository around all that was asked for by its own name. */
function repositoryAsked({ roots }: Discovered, root: string): string {
  const own = roots.filter(({ isLink }) => !isLink).map(({ path, isDirectory }) => (isDirectory ? path : dirname(path)))
  return repositoryAround(own.length === 0 ? root : commonDirectory(own), root)
}

/** Of a package so many entries of directories are looked at for its sources. */
const mostEntries = 50_000

/** Gives the names of the sources of the package that a file belongs to, whatever of it was asked for. */
function sourcesOfPackages(
  root: string,
  { sources, roots }: Discovered,
): Required<Pick<Settings, 'sourcesAround' | 'sourcesBelow' | 'hiddenSources'>> {
  const packages = new Map<string, string>()
  const packageOf = (file: string): string => {
    const directory = dirname(resolve(root, file))
    const known = packages.get(directory) ?? packageAround(wouldBe(directory), root)
    packages.set(directory, known)
    return known
  }
  const all = new Map<string, readonly string[]>()
  const sourcesIn = (directory: string): readonly string[] => {
    const known = all.get(directory)
    if (known !== undefined) return known
    const isAsked = roots.some(({ path }) => isIn(directory, path))
    const found = isAsked ? sources : [...sources, ...discover(root, [directory], mostEntries).sources]
    const names = [...new Set(found)].filter((name) => isIn(wouldBe(resolve(root, name)), directory))
    all.set(directory, names)
    return names
  }
  const own = new Map<string, readonly string[]>()
  const hidden = new Map<string, readonly string[]>()
  return {
    sourcesAround: (file) => {
      const directory = packageOf(file)
      const names = own.get(directory) ?? sourcesIn(directory).filter((name) => packageOf(name) === directory)
      own.set(directory, names)
      return names
    },
    sourcesBelow: (file) => sourcesIn(packageOf(file)),
    hiddenSources: (file) => {
      const directory = packageOf(file)
      const names = hidden.get(directory) ?? hiddenIn(directory).map((path) => nameOf(root, path))
      hidden.set(directory, names)
      return names
    },
  }
}

/** The sources below a directory of a repository that git has, though it ignores what is named so. */
function hiddenIn(directory: string): readonly string[] {
  if (repositoryOf(directory) === null) return []
  try {
    const listed = askGit(directory, ['ls-files', '-z', '--cached', '--ignored', '--exclude-standard'])
    return listed.split('\0').flatMap((name) => {
      const path = resolve(directory, pathOfBytes(Buffer.from(name, 'latin1')))
      return isSourceName(name) && existsSync(systemPath(path)) ? [path] : []
    })
  } catch {
    // Who has no git has none of these.
    return []
  }
}

/**
 * The build files that may be there and concern what was asked for: those of the packages around it, and those of the
 * current directory, unless that is in another repository.
 */
function buildFilesAround(root: string, { roots }: Discovered, repository: string): readonly string[] {
  const around = roots.map(({ path, isDirectory }) => packageAround(isDirectory ? path : dirname(path), root))
  const isElsewhere = isRepository(repository) && !isIn(root, repository)
  const directories = new Set(isElsewhere ? around : [root, ...around])
  return [...directories].flatMap((directory) => rootBuildFiles.map((name) => resolve(directory, name)))
}

/** Says of files why they may not be written for where they are. */
function outsideOf(root: string, { roots }: Discovered, repository: string): OpenProject['outside'] {
  return (file) => {
    const real = wouldBe(resolve(root, file))
    const around = roots.filter(({ path }) => isIn(real, path))
    if (around.some(({ isLink }) => !isLink) || isIn(real, repository)) return null
    return around.length > 0 ? 'was named by a link that leads elsewhere' : 'is outside of what was asked for'
  }
}

/** Shows on a terminal how far each analysis is. */
function progressOn(terminal: Terminal, what: string): Progress {
  let shown: ReturnType<Terminal['progress']> | null = terminal.progress(what)
  return (done, all) => {
    shown ??= terminal.progress(what)
    if (done < all) shown.report(done, all)
    else {
      shown.done()
      shown = null
    }
  }
}
