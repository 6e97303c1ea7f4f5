import { rules as allRules } from '../../rules/index.ts'
import { usualRules } from '../../rules/profiles.ts'
import { undefinedShim } from '../../rules/undefined-shim.ts'
import type { BuildFile } from '../build/build-file.ts'
import { buildWords } from '../build/build-text.ts'
import { type DefaultTarget, lowestLevel, type UnitTarget } from '../build/default-target.ts'
import type { Diagnostic, Run } from '../check/diagnostic.ts'
import { fingerprintIn } from '../check/fingerprint.ts'
import type { Finding, Rule } from '../check/rule.ts'
import { inOrder, runRules } from '../check/run-rules.ts'
import { type RulesRun, type Sorted, sortSuppressed, suppressionIn } from '../check/suppress.ts'
import type { SuppressionUse } from '../check/suppression-use.ts'
import { rememberForeign } from '../fix/generated.ts'
import type { Fixing, Snapshot } from '../fix/rounds.ts'
import type { Api } from '../knowledge/api.ts'
import { recipes } from '../knowledge/recipes/index.ts'
import type { Replacement } from '../knowledge/replacement.ts'
import { showTarget, type Target } from '../knowledge/target.ts'
import { type Minor, newest, showVersion } from '../knowledge/version.ts'
import { type Project, ProjectModel } from '../project/model.ts'
import { least } from '../source/lists.ts'
import type { FileId } from '../source/text.ts'
import type { Loaded } from './loading.ts'
import { linesOf, locate, suppressionsIn, toldOf, unparsedBytes, unparsedIn } from './run.ts'
import type { FixOptions } from './settings.ts'
import { filesOfShard, shardOf } from './shards.ts'
import { problemOfHeader, problemOfNewFile, type ShimHeaders, shimLevels } from './shims.ts'
import { version } from './version.ts'

/** One question to a workspace: what is found for targets, in the sources as they are and as fixes make them. */
export class Checking {
  /** Files that fixes are left out of since the options lock them, and why. */
  readonly left = new Map<string, string>()
  /** Files that would be harder to read with their types rewritten. */
  readonly unreadable = new Set<string>()
  /** Files that are new and may have to be named in a list, and what to call that. */
  readonly newFiles = new Map<string, string>()
  /** Files of somebody else's that stand where the header of shims is to be. */
  private readonly foreignHeaders = new Set<string>()
  private readonly rules: readonly Rule[]
  private readonly foreign = rememberForeign()
  /** What became of the suppressions that a look has seen. */
  private readonly uses = new WeakMap<Snapshot<Diagnostic>, readonly SuppressionUse[]>()
  private knownBuilds: readonly Target[] | null = null

  constructor(
    readonly targets: readonly Target[],
    readonly chosen: DefaultTarget | null,
    private readonly options: FixOptions,
    private readonly first: Loaded,
    private readonly api: Api,
    private readonly replacements: ReadonlyMap<string, Replacement>,
    /** Whether all was read that a rule may need to find something in the files that were asked for. */
    private readonly isWhole: () => boolean,
  ) {
    // Where the shims are left to the caller they are not there yet.
    const all = options.rules ?? usualRules
    this.rules = options.shimHeader === false ? all.filter(({ name }) => name !== undefinedShim.name) : all
  }

  /** The targets, and that of the project's own level where it is lower: its build has to compile what is fixed. */
  get builtFor(): readonly Target[] {
    if (this.knownBuilds === null) {
      const own = lowestLevel(this.first.project, this.api, this.buildFiles)
      const isLower = own !== null && this.targets.every(({ level }) => own < level)
      const { headers } = this.targets[0]!
      this.knownBuilds = isLower ? [...this.targets, { level: own, headers, abi3t: false }] : this.targets
    }
    return this.knownBuilds
  }

  /** The lowest level at which what stands in some files has to work. */
  private levelOf(project: Project, files: ReadonlySet<FileId>): Minor {
    const { graph } = project
    const seen = new Set(files)
    for (const root of [...files].flatMap((file) => graph.roots(file)))
      for (const file of [root, ...graph.closure(root)]) seen.add(file)
    const own = lowestLevel(project, this.api, this.buildFiles, (file) => seen.has(file))
    return least([...this.targets.map(({ level }) => level), own ?? newest])
  }

  look({ project, analysis: { texts, facts }, unseen }: Loaded): Snapshot<Diagnostic> {
    const cookbook = {
      recipes: this.options.recipes ?? recipes,
      shims: shimLevels,
      moduleStyle: this.options.moduleStyle ?? 'functions',
      exportHooksOnly: this.options.exportHooksOnly ?? false,
      targets: this.builtFor,
      texts,
      levelOf: (files: ReadonlySet<FileId>) => this.levelOf(project, files),
      locked: (file: string) => this.lockOf(file, texts.get(file) ?? ''),
      unseen,
      isSuppressed: this.options.ignoreSuppressions === true ? () => false : suppressionIn(project),
      isThere: (file: string) => texts.has(file) || this.first.isThere(file),
    }
    const { api, rules, targets, replacements } = this
    const found = runRules(project, this.buildFiles, rules, targets, api, replacements, cookbook, this.isWhole)
    const sorted = this.sort(project, withSeverities(found, this.options.severityOf))
    const seen = { texts, diagnostics: sorted.diagnostics.sort(inOrder), unparsed: unparsedBytes(facts, texts) }
    this.uses.set(seen, sorted.uses)
    return seen
  }

  /** Tells what is suppressed from what is not. */
  private sort(project: Project, found: Diagnostic[]): Sorted {
    if (this.options.ignoreSuppressions === true) return { diagnostics: found, uses: [] }
    const { api, rules, targets, buildFiles } = this
    const { severityOf } = this.options
    const ran = new Set(rules.map(({ name }) => name))
    const isOn = (rule: string, file: string): boolean => ran.has(rule) && severityOf?.(rule, file) !== 'off'
    let models: readonly ProjectModel[] | null = null
    const modelsNow = (): readonly ProjectModel[] => {
      const words = buildWords(buildFiles)
      models ??= targets.map(
        (each) => new ProjectModel(project, api, each, words, 'units' in each ? (each as UnitTarget).units : null),
      )
      return models
    }
    const run: RulesRun = {
      known: new Set(allRules.map(({ name }) => name)),
      ran: (rule, file) => isOn(rule, file) && this.isWhole(),
      ranAll: (file) => usualRules.every(({ name }) => isOn(name, file)) && this.isWhole(),
      isCompiled: (file, offset) => {
        const region = project.code(file).regionAt(offset)
        return region < 0 || modelsNow().some((each) => each.active(file, region) !== 'no')
      },
    }
    const shown = { targets: [...new Set(targets.map(showTarget))], headers: headersOf(targets) }
    return sortSuppressed(project, found, rules, run, (rule, finding) =>
      withSeverities([diagnosticOf(rule, finding, project, shown)], severityOf),
    )
  }

  mayEdit(file: string): boolean {
    return this.first.isAsked(file) && this.lockByOptions(file) === null
  }

  /** Whether comments may be written into a file: it is the project's own. @param text one character per byte */
  mayComment(file: string, text: string): boolean {
    return this.first.isAsked(file) && this.foreign(file, text) === null && this.mayEdit(file)
  }

  /** Whether a file that is no source may be changed. */
  mayEditOther(file: string): boolean {
    return this.lockByOptions(file) === null
  }

  /** Whether shims can be put into a header. What is as abi3lint makes it is nothing that could be lost. */
  mayUse(file: string, { path, isForeign, isAsMade, isNear, unknown }: ReturnType<ShimHeaders['of']>): boolean {
    if (unknown !== null) this.left.set(file, unknown)
    else if (isForeign) this.foreignHeaders.add(path)
    return unknown === null && !isForeign && ((isAsMade && isNear) || this.lockByOptions(path) === null)
  }

  /** @param seen its diagnostics are taken from it */
  runOf(loaded: Loaded, seen: Snapshot<Diagnostic>, fixing: Fixing<Diagnostic> | null): Run {
    const { analysis, project } = loaded
    const part = this.options.shard ? shardOf(this.options.shard, loaded) : null
    const isTold = (file: string): boolean => this.first.isAsked(file) && (part === null || part.has(file))
    const lines = linesOf(seen.texts, this.buildFiles)
    const unparsed = unparsedIn(analysis.facts, lines)
    const ids = new Map(analysis.facts.map(({ file }, id) => [file, id]))
    const ofFiles = new Set(this.rules.flatMap(({ name, isOfFile }) => (isOfFile ? [name] : [])))
    const fingerprint = (found: Diagnostic): string => {
      const id = ids.get(found.file)
      const own = lines(found.file)
      const line = own.textOf(own.lineAt(found.start))
      return fingerprintIn(found, id === undefined ? null : project.code(id), line, ofFiles.has(found.rule))
    }
    const asked = seen.diagnostics.filter(({ file }) => isTold(file))
    seen.diagnostics.length = 0
    const files = {
      checked: analysis.read.size,
      ofBuilds: this.buildFiles.map(({ path }) => path),
      parsedBytes: analysis.parsedBytes,
      unparsedBytes: unparsed.reduce((sum, { bytes }) => sum + bytes, 0),
      unparsed,
    }
    return {
      ...(part && { shard: part.shard }),
      tool: { name: 'abi3lint', version },
      targets: [...new Set(this.targets.map(showTarget))],
      headers: headersOf(this.targets),
      suppressions: suppressionsIn(this.uses.get(seen) ?? [], analysis.facts, isTold, lines),
      diagnostics: locate(asked, seen.texts, lines, fingerprint, this.options.details ?? false),
      fixed: fixing && { ...fixing.made, files: fixing.changes.size },
      problems: [
        ...this.first.problems,
        ...(fixing?.problems ?? []),
        ...[...this.foreignHeaders].map(problemOfHeader),
        ...[...this.newFiles].map(problemOfNewFile),
      ],
      baseline: null,
      rules: this.rules.map(toldOf),
      files: part === null ? files : filesOfShard(part, files),
    }
  }

  private get buildFiles(): readonly BuildFile[] {
    return this.first.buildFiles
  }

  private lockOf(file: string, text: string): string | null {
    const foreign = this.foreign(file, text)
    if (foreign !== null) return foreign.why
    if (this.unreadable.has(file)) return 'would be harder to read with it'
    return this.first.isAsked(file) ? this.lockByOptions(file) : 'is not among the files to check'
  }

  private lockByOptions(file: string): string | null {
    const reason = this.options.locked?.(file) ?? null
    if (reason !== null) this.left.set(file, reason)
    return reason
  }
}

/** The headers of targets, the newest first, as users name them. */
const headersOf = (targets: readonly Target[]): readonly string[] =>
  [...new Set(targets.map(({ headers }) => headers))].sort((a, b) => b - a).map(showVersion)

/** What is told of what a rule found that looks at comments alone: it holds for all targets. */
const diagnosticOf = (
  rule: Rule,
  { file, start, end, symbol, message, advice = '', fix = null, severity = rule.severity }: Finding,
  project: Project,
  shown: Pick<Diagnostic, 'targets' | 'headers'>,
): Diagnostic => ({
  rule: rule.name,
  severity,
  effect: rule.effect,
  file: typeof file === 'number' ? project.files[file]!.file : file.path,
  start,
  end,
  symbol,
  message,
  advice,
  fix,
  notes: [],
  since: null,
  ...shown,
})

/** Findings as severe as they are to be, without those that are not to be told. */
function withSeverities(found: Diagnostic[], severityOf: FixOptions['severityOf']): Diagnostic[] {
  if (!severityOf) return found
  return found.flatMap((each) => {
    const severity = severityOf(each.rule, each.file) ?? each.severity
    return severity === 'off' ? [] : [severity === each.severity ? each : { ...each, severity }]
  })
}
