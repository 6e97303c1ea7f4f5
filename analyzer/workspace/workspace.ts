import { usualRules } from '../../rules/profiles.ts'
import { buildWords } from '../build/build-text.ts'
import { type DefaultTarget, defaultTarget } from '../build/default-target.ts'
import { fits } from '../build/file-patterns.ts'
import { limitBuild } from '../build/limit/limit-build.ts'
import { listToExtend, manifestFor, manifestsOf, withFile } from '../build/manifest.ts'
import { moduleDefinitions } from '../build/module-definitions.ts'
import { withOwnTargets } from '../build/own-targets.ts'
import { oldestRequired } from '../build/wheel-tags.ts'
import type { Diagnostic, Problem, Run } from '../check/diagnostic.ts'
import { type ModuleSurvey, surveyModules } from '../check/module-survey.ts'
import { readyModules } from '../check/ready-modules.ts'
import { surveyTargets, type TargetSurvey } from '../check/targets.ts'
import { type FileUses, surveyUses } from '../check/use-survey.ts'
import { applyEdits } from '../fix/edits.ts'
import type { TextEdit } from '../fix/fix.ts'
import { withIncludes } from '../fix/includes.ts'
import { type Fixing, fixAll, type Snapshot } from '../fix/rounds.ts'
import { isShimHeader } from '../fix/shim-header.ts'
import type { Replacement } from '../knowledge/replacement.ts'
import { oldestPython, type Target, withAllHeaders } from '../knowledge/target.ts'
import type { Minor } from '../knowledge/version.ts'
import { type Project, ProjectModel } from '../project/model.ts'
import { least } from '../source/lists.ts'
import { asBytes, decodeData } from '../source/text.ts'
import { abi3tBuild } from './abi3t-build.ts'
import { addSuppressions } from './add-suppressions.ts'
import { Checking } from './checking.ts'
import { type Loaded, Loader } from './loading.ts'
import { withUsersOfTypes } from './look-wider.ts'
import type { RewriteName } from './rewrite-names.ts'
import { rewrites } from './rewrites.ts'
import { bytesOrNull, refuseUnknown, textOrNull } from './run.ts'
import type { CheckOptions, FixOptions, Settings, TargetsOptions } from './settings.ts'
import { newShimHeaders, type Shared, ShimHeaders } from './shims.ts'
import { type Content, isSourceName } from './source-text.ts'
import type { Store } from './store.ts'

/** What a check says. */
export interface CheckResult {
  /** The findings in the files asked for, and what was checked and how: the input of every report. */
  readonly run: Run
  /** The target that the project itself tells, and where; null where targets were given. */
  readonly chosen: DefaultTarget | null
}

/** What fixing came to; `run` is of the sources as they are with the changes. */
export interface FixResult extends CheckResult {
  /** The new bytes of the files that change, by name, files that are new among them. The workspace has the old ones. */
  readonly changes: ReadonlyMap<string, Uint8Array>
  /** What was read of these, and the changes made of: null where there was none. */
  readonly before: ReadonlyMap<string, Uint8Array | null>
  /** Files that have fixes which were not made, since the options lock them, and why, sorted. */
  readonly left: readonly { readonly file: string; readonly why: string }[]
  /**
   * Of the files that change those that runs on other files change, too: a header of shims, a `MANIFEST.in`. What they
   * become where they are not what was read any more; null where that cannot be said.
   */
  readonly shared: ReadonlyMap<string, (now: Uint8Array | null) => Uint8Array | null>
  /** Of files that use shims, or name their header, that header: without it they must not be changed. */
  readonly needs: ReadonlyMap<string, string>
  /** Files that are changed together, or not at all. */
  readonly together: ReadonlySet<string>
  /** How many findings were fixed in each file. */
  readonly fixedIn: Fixing<Diagnostic>['madeIn']
  /** The build files that change, which are told how to build what the sources become. */
  readonly build: readonly string[]
}

/** What comments that suppress findings come to; `run` is of the sources as they are with them. */
export interface SuppressResult extends CheckResult, Pick<FixResult, 'changes' | 'before' | 'left'> {
  /** How many findings they suppress. */
  readonly count: number
}

/** What becomes of the build of a project. */
export interface BuildResult {
  /** The new bytes of the build files that change, by name. */
  readonly changes: ReadonlyMap<string, Uint8Array>
  /** How many definitions of modules are built with the Limited API by that. */
  readonly limited: number
  /** How many definitions of modules the build files show. */
  readonly modules: number
  /** What has to be done by hand: a sentence to go after the name of the file. */
  readonly byHand: readonly { readonly file: string; readonly message: string }[]
}

/**
 * The sources of a project, read and analysed, to be checked and fixed for any target. Nothing is written anywhere, and
 * nothing that is asked changes what a workspace holds but `update`.
 */
export interface Workspace {
  /** Names of the sources that were read, and of those that they include, as far as these matter. */
  readonly files: readonly string[]
  /** What could not be read or is no C, and what is wrong with the compilation database. */
  readonly problems: readonly Problem[]
  /**
   * Checks the sources.
   * @throws RangeError where a target is none: a version that is not known, or headers older than the level
   * @throws what a rule throws, which is a fault of abi3lint
   */
  check(options?: CheckOptions): CheckResult
  /**
   * Makes fixes until none is left, and checks what comes of it: the safe ones, or all.
   * @throws as `check`; and where the parser cannot be loaded
   */
  fix(options?: FixOptions): Promise<FixResult>
  /**
   * Rewrites all that can be, in all files at once, and says of the rest why it cannot. For abi3t build files are told,
   * too, where nothing is left.
   * @param options `rules` and `unsafe` are set by what is rewritten
   * @throws as `fix`
   */
  rewrite(what: RewriteName, options?: Omit<FixOptions, 'rules' | 'unsafe'>): Promise<FixResult>
  /**
   * Writes comments that suppress all that is found in the sources, `abi3lint: ignore[rule]` with the reason behind it,
   * and says what is left: what no comment can suppress, and what stands where none may be written.
   * @param reason one line; empty for none
   * @throws as `fix`; RangeError for a reason that no comment can hold
   */
  suppress(reason: string, options?: Omit<FixOptions, 'unsafe' | 'recipes'>): Promise<SuppressResult>
  /**
   * The edits that make the build of the project define `Py_LIMITED_API` for the modules in which nothing is left.
   * @param run what a check for the level found
   * @param abi3t true to make it build for abi3t where Pythons without the GIL build, all modules or none; left out,
   * false
   */
  limitBuild(level: Minor, run: Run, abi3t?: boolean): BuildResult
  /**
   * Counts what keeps the sources from each level of the Limited API and from abi3t.
   * @throws what a rule throws, which is a fault of abi3lint
   */
  targets(options?: TargetsOptions): TargetSurvey
  /**
   * Tells of each extension module how it is initialised, and what it keeps for the whole process.
   * @param target what it is built for; null, and left out, for what the project says
   * @throws RangeError where that is none
   */
  modules(target?: Target | null): ModuleSurvey
  /**
   * Counts the places that use the C API, and those of them that keep the files from a target.
   * @param run what a check found
   * @throws RangeError where the target is none
   */
  uses(target: Target, run: Run): readonly FileUses[]
  /** The oldest Python that the build files say the project is for: 9 for 3.9; null where they do not say. */
  readonly oldestPython: Minor | null
  /**
   * The target that the project tells, and where it does.
   * @param headers the CPython whose headers are assumed: 13 for 3.13; null, and left out, for the newest known
   */
  defaultTarget(headers?: Minor | null): DefaultTarget
  /**
   * The lists of what source distributions hold (`MANIFEST.in`), there or not: fixes may put a header into them.
   */
  readonly manifests: readonly string[]
  /** Names of the files that configure the build. */
  readonly buildFiles: readonly string[]
  /**
   * What the workspace holds of a file that is among `files`, `manifests` or `buildFiles`, and of a header of shims
   * that nothing includes; null of others.
   */
  read(file: string): Uint8Array | null
  /**
   * Puts texts in the place of those of the store, as an editor has them. Only what they concern is analysed anew.
   * Updates are made one after the other; what is asked before the last one is done is answered by the texts before it.
   * @param texts by name; a source or build file that is new to the workspace is one more file to check. Null takes an
   * earlier text back, so that the store's counts
   * @throws where the parser cannot be loaded
   */
  update(texts: ReadonlyMap<string, Content | null>): Promise<void>
}

/**
 * Opens a workspace on files of a store.
 * @param store what files and assets are read from
 * @param files names of the sources to check and of the files that configure the build (`setup.py`, `meson.build`),
 * relative to the store's root, with `/`. Those build files that stand at the root are read in any case. One that
 * cannot be read is a problem of the workspace
 * @throws what the store throws; where the table of the C API or the parser cannot be loaded
 */
export async function openWorkspace(
  store: Store,
  files: readonly string[],
  settings: Settings = {},
): Promise<Workspace> {
  // Loaded now: later the threads that compile the parser's code leave no time for it.
  const { replacements } = await import('../knowledge/replacements/index.ts')
  const loader = await Loader.open(store, files, settings)
  return new OpenWorkspace(loader, await loader.load(new Map(), null), replacements)
}

class OpenWorkspace implements Workspace {
  private updates: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly loader: Loader,
    private loaded: Loaded,
    private readonly replacements: ReadonlyMap<string, Replacement>,
  ) {}

  get files(): readonly string[] {
    return [...this.loaded.analysis.texts.keys()]
  }

  get manifests(): readonly string[] {
    return manifestsOf(this.loaded.buildFiles)
  }

  get buildFiles(): readonly string[] {
    return this.loaded.buildFiles.map(({ path }) => path)
  }

  get problems(): readonly Problem[] {
    return this.loaded.problems
  }

  read(file: string): Uint8Array | null {
    const isOther = this.manifests.includes(file) || this.buildFiles.includes(file) || isShimHeader.test(file)
    const text = this.loaded.analysis.texts.get(file) ?? (isOther ? this.loader.read(file, this.loaded) : null)
    return text === null ? null : asBytes(text)
  }

  defaultTarget(headers: Minor | null = null): DefaultTarget {
    const { project, buildFiles } = this.loaded
    return defaultTarget(project, this.loader.api, buildFiles, headers)
  }

  check(options: CheckOptions = {}): CheckResult {
    const checking = this.checking(options)
    return { run: checking.runOf(this.loaded, checking.look(this.loaded), null), chosen: checking.chosen }
  }

  async fix(options: FixOptions = {}): Promise<FixResult> {
    const checking = this.checking(options)
    let last = await this.loader.withUsers(this.loaded)
    let first = checking.look(last)
    if (options.unsafe === true)
      [last, first] = await withUsersOfTypes(this.loader, last, first, (wider) => checking.look(wider))
    const { only } = options
    if (only) leaveFixes(first, only)
    const look = async (changes: ReadonlyMap<string, string>): Promise<Snapshot<Diagnostic>> => {
      last = await this.loader.reload(last, changes)
      const seen = checking.look(last)
      if (only) leaveFixes(seen, () => false)
      return seen
    }
    const headers = shimHeadersOf(this.loader, this.loaded, last.project)
    const fixing = await fixAll(first, {
      wants: (fix, shims) =>
        (fix.safety === 'safe' || options.unsafe === true) &&
        !(fix.kind === 'project' && fix.isOnDemand === true && options.rules?.length !== 1) &&
        (options.shimHeader === false || [...shims.keys()].every((file) => checking.mayUse(file, headers.of(file)))),
      mayEdit: (file) => checking.mayEdit(file),
      leaveOut: (file) => checking.unreadable.add(file),
      look,
    })
    let { changes, last: seen }: Pick<Fixing<Diagnostic>, 'changes' | 'last'> = fixing
    const shared = new Map<string, Shared>()
    const users = options.shimHeader === false ? [] : [...fixing.shims.keys()]
    const needs = new Map(users.map((file) => [file, headers.of(file).path]))
    if (users.length > 0) {
      changes = withShims(fixing, headers, least(checking.builtFor.map(({ level }) => level)), shared)
      seen = await look(changes)
    }
    changes = this.withManifests(changes, checking, shared, needs, fixing.added)
    return {
      run: checking.runOf(last, seen, { ...fixing, changes }),
      chosen: checking.chosen,
      changes: new Map([...changes].map(([file, text]) => [file, asBytes(text)])),
      before: new Map(
        [...changes.keys()].map((file) => {
          const given = shared.get(file)
          return [file, bytesOrNull(given ? given.before : this.loaded.analysis.texts.get(file))]
        }),
      ),
      left: leftOf(checking),
      shared: new Map([...shared].map(([file, { remake }]) => [file, (now) => bytesOrNull(remake(textOrNull(now)))])),
      needs,
      together: fixing.together,
      fixedIn: fixing.madeIn,
      build: [],
    }
  }

  /** Headers that are new have to be in source distributions: where setuptools makes them, `MANIFEST.in` says so. */
  private withManifests(
    changes: ReadonlyMap<string, string>,
    checking: Checking,
    shared: Map<string, Shared>,
    needs: Map<string, string>,
    added: ReadonlySet<string>,
  ): ReadonlyMap<string, string> {
    const result = new Map(changes)
    for (const header of [...shared.keys(), ...added]) {
      const list = (shared.get(header)?.before ?? null) === null ? listToExtend(header, this.loaded.buildFiles) : null
      if (list !== null) checking.newFiles.set(header, `\`${list.keys}\` in ${list.file}`)
      const manifest = manifestFor(header, this.loaded.buildFiles)
      if (manifest === null) continue
      const before = shared.get(manifest)?.before ?? this.loader.read(manifest, this.loaded)
      const text = withFile(manifest, result.get(manifest) ?? before, header)
      if (text === null || !checking.mayEditOther(manifest)) continue
      result.set(manifest, text)
      needs.set(manifest, header)
      const others = shared.get(manifest)?.remake ?? ((now: string | null) => now)
      const remake = (now: string | null): string | null => withFile(manifest, others(now), header) ?? others(now)
      shared.set(manifest, { before, remake })
    }
    return result
  }

  async rewrite(what: RewriteName, options: Omit<FixOptions, 'rules' | 'unsafe'> = {}): Promise<FixResult> {
    const { loader, loaded, replacements } = this
    const result = await this.fix({ ...options, rules: [rewrites[what]], unsafe: true })
    if (what !== 'abi3t') return result
    const rewritten = new OpenWorkspace(loader, await loader.load(result.changes, loaded), replacements)
    const { changes, left, problems } = abi3tBuild(rewritten, options)
    const build = [...changes.keys()]
    return {
      ...result,
      run: { ...result.run, problems: [...result.run.problems, ...problems] },
      changes: new Map([...result.changes, ...changes]),
      before: new Map([...result.before, ...build.map((file) => [file, this.read(file)] as const)]),
      left: [...result.left, ...left],
      together: new Set([...result.together, ...build]),
      build,
    }
  }

  async suppress(reason: string, options: Omit<FixOptions, 'unsafe' | 'recipes'> = {}): Promise<SuppressResult> {
    const checking = this.checking(options)
    const { changes, count, last, seen } = await addSuppressions(
      this.loader,
      this.loaded,
      checking,
      reason,
      options.only ?? null,
    )
    const { texts } = this.loaded.analysis
    return {
      run: checking.runOf(last, seen, null),
      chosen: checking.chosen,
      changes: new Map([...changes].map(([file, text]) => [file, asBytes(text)])),
      before: new Map([...changes.keys()].map((file) => [file, bytesOrNull(texts.get(file))])),
      left: leftOf(checking),
      count,
    }
  }

  limitBuild(level: Minor, run: Run, abi3t = false): BuildResult {
    const { project, buildFiles } = this.loaded
    const unread = this.loader.unread(this.loaded)
    const isReady = readyModules(project, buildFiles, run.diagnostics, unread)
    const { edits, limited, byHand } = limitBuild(buildFiles, { level, abi3t, isReady })
    const texts = buildFiles.flatMap(({ path, text }): [string, Uint8Array][] => {
      const own = edits.get(path)
      return own === undefined ? [] : [[path, asBytes(applyEdits(text, own as readonly TextEdit[]))]]
    })
    return {
      changes: new Map(texts),
      limited: limited.length,
      modules: buildFiles.flatMap(moduleDefinitions).length,
      byHand: [
        ...byHand.map(({ file, message }) => ({ file: file.path, message })),
        ...(buildFiles.length > 0 ? unread.slice(0, 1) : []).map((file) => ({
          file,
          message: 'was not asked for, so modules that it may be built into stay as they are: port the whole package',
        })),
      ],
    }
  }

  targets({ headers = null, rules = usualRules }: TargetsOptions = {}): TargetSurvey {
    const { project, buildFiles, isAsked } = this.loaded
    return surveyTargets(project, buildFiles, rules, this.loader.api, this.replacements, headers, isAsked)
  }

  modules(target: Target | null = null): ModuleSurvey {
    const { project, buildFiles, isAsked, isThere } = this.loaded
    const meant = target ?? this.defaultTarget().target
    refuseUnknown(meant)
    const model = new ProjectModel(project, this.loader.api, meant, buildWords(buildFiles))
    const names = project.files.map(({ file }) => file)
    const survey = surveyModules(model, buildFiles, isAsked, (pattern) => {
      if (!/[*?]/.test(pattern)) return isThere(pattern) ? [pattern] : []
      return isSourceName(pattern) ? names.filter((name) => fits(pattern, name)) : null
    })
    return decodeData(survey)
  }

  uses(target: Target, run: Run): readonly FileUses[] {
    const { project, buildFiles, isAsked } = this.loaded
    refuseUnknown(target)
    return surveyUses(
      new ProjectModel(project, this.loader.api, target, buildWords(buildFiles)),
      run.diagnostics,
      isAsked,
    )
  }

  get oldestPython(): Minor | null {
    return oldestRequired(this.loaded.buildFiles)
  }

  update(texts: ReadonlyMap<string, Content | null>): Promise<void> {
    const update = this.updates.then(async () => {
      this.loaded = await this.loader.load(texts, this.loaded)
    })
    this.updates = update.catch(() => undefined)
    return update
  }

  private checking(options: FixOptions): Checking {
    const chosen = options.targets?.length ? null : this.defaultTarget(options.headers ?? null)
    const own = chosen === null ? [] : chosen.ofUnits.length > 0 ? chosen.ofUnits : [chosen.target]
    const requires = oldestRequired(this.loaded.buildFiles)
    const required = own.map((each) =>
      requires !== null && requires > oldestPython(each) ? { ...each, requires } : each,
    )
    const targets =
      chosen === null ? options.targets! : options.headers ? required : required.flatMap((each) => withAllHeaders(each))
    const all = options.targetsOf ? withOwnTargets(this.loaded.project, targets, options.targetsOf) : targets
    for (const each of all) refuseUnknown(each)
    const { loaded, loader } = this
    let isWhole: boolean | null = null
    return new Checking(all, chosen, options, loaded, loader.api, this.replacements, () => {
      // What is excluded nobody reads in any run.
      isWhole ??= loader.unread(loaded).every((file) => loader.isExcluded(file))
      return isWhole
    })
  }
}

/** The headers of shims around the sources of a project. */
function shimHeadersOf(loader: Loader, loaded: Loaded, project: Project): ShimHeaders {
  const sources = {
    around: (file: string) => loader.sourcesAround(file) ?? [...loaded.analysis.texts.keys()],
    read: (file: string) => loaded.analysis.texts.get(file) ?? loader.read(file, loaded),
    project,
  }
  return new ShimHeaders(sources, loader.root)
}

/** What fixes changed, with the headers of the shims that they use, which come first, and their includes. */
function withShims(
  { changes, shims }: Fixing<Diagnostic>,
  headers: ShimHeaders,
  level: Minor,
  shared: Map<string, Shared>,
): ReadonlyMap<string, string> {
  const made = newShimHeaders(headers, shims, level, (file) => changes.get(file)!)
  const result = new Map([...made.map(({ path, text }) => [path, text] as const), ...changes])
  for (const { path, before, text, users, remake } of made) {
    for (const file of users) result.set(file, withIncludes(result.get(file)!, [headers.includeOf(file, path)]))
    result.set(path, text)
    shared.set(path, { before, remake })
  }
  return result
}

/** Takes the fixes of findings away, but of those that are wanted. */
function leaveFixes({ diagnostics }: Snapshot<Diagnostic>, wants: (found: Diagnostic) => boolean): void {
  for (const [index, each] of diagnostics.entries())
    if (each.fix !== null && !wants(each)) diagnostics[index] = { ...each, fix: null }
}

/** Files that were left as they are, and why, sorted. */
const leftOf = ({ left }: Checking): FixResult['left'] =>
  [...left].sort(([a], [b]) => (a < b ? -1 : 1)).map(([file, why]) => ({ file, why }))
