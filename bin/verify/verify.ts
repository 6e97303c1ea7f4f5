import { rmSync } from 'node:fs'
import { cp, mkdtemp, realpath, rm } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { audit } from '../../analyzer/audit/audit.ts'
import type { Problem } from '../../analyzer/check/diagnostic.ts'
import { readAsset } from '../../analyzer/store/assets.ts'
import { loadApi } from '../../analyzer/workspace/assets.ts'
import type { PortResult, PortStep } from '../../analyzer/workspace/port.ts'
import type { Stage, Verification } from '../../reports/verification.ts'
import { wheelAt } from '../binaries.ts'
import type { Terminal } from '../terminal.ts'
import { type Built, buildWheel } from './build.ts'
import { newWarnings, type Warning } from './compiler-log.ts'
import type { Interpreter } from './interpreter.ts'
import type { Judges } from './judges.ts'
import { endAll } from './process.ts'
import { copyProject, isOutside, shareHistory, writeInto } from './project-copy.ts'
import { stepsToKeep } from './take-back.ts'
import { differenceOf, mayBeChance, showTrial, type Trial, tryOut, whyUnusable } from './test-run.ts'

/**
 * Takes steps of a port back.
 * @param kept how many of the steps are kept that change sources, the first ones
 * @param limits whether the build is limited
 */
export type TakeBack = (kept: number, limits: boolean) => Promise<PortResult>

/** What of a port is kept, and what was found out. */
export interface Verified {
  readonly port: PortResult
  readonly verification: Verification
}

/**
 * Builds and tests a project before and after a port, in copies, and takes back the steps with which something differs.
 * @returns why nothing can be said, where the project cannot be built or tested as it is
 */
export async function verify(
  port: PortResult,
  judges: Judges,
  takeBack: TakeBack,
  terminal: Terminal,
): Promise<Verified | Problem[]> {
  const { root, here } = judges.layout
  const outside = port.steps
    .flatMap(({ changes }) => [...changes.keys()])
    .filter((file) => isOutside(root, resolve(root, here, file)))
  if (outside.length > 0)
    return [...new Set(outside)].map((file) => ({
      file,
      message: 'is outside of the project, of which a copy is built',
      severity: 'error',
    }))
  const scratch = await realpath(await mkdtemp(join(tmpdir(), 'abi3lint-')))
  const stop = (signal: NodeJS.Signals): void => {
    endAll()
    rmSync(scratch, { recursive: true, force: true })
    process.exit(128 + constants.signals[signal])
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.once(signal, stop)
  try {
    const base = join(scratch, 'before')
    await copyProject(root, base)
    await shareHistory(root, base)
    const verifier = new Verifier(judges, scratch, base, terminal)
    const problems = await verifier.before()
    return problems.length > 0 ? problems : await verifier.after(port, takeBack)
  } finally {
    for (const signal of signals) process.off(signal, stop)
    await rm(scratch, { recursive: true, force: true })
  }
}

/** How a project is built and what its tests come to, with one Python. */
interface Reference {
  readonly built: Built
  readonly trial: Trial
}

/** What one state of the project came to, and what is different. */
interface Judged {
  readonly stage: Stage
  readonly differences: readonly string[]
  readonly warnings: readonly Warning[]
}

class Verifier {
  /** Of each interpreter with which the project could be built before the port. */
  private readonly references = new Map<Interpreter, Reference>()
  private readonly notes: string[] = []
  /** The interpreters that could not build the project before the port, by the reason. */
  private readonly unbuilt = new Map<string, string[]>()
  /** Whether one build was tried out on all interpreters. */
  private isTriedOnAll = false
  private directories = 0
  private untouched: Stage | null = null

  constructor(
    private readonly judges: Judges,
    private readonly scratch: string,
    private readonly base: string,
    private readonly terminal: Terminal,
  ) {}

  /** Builds and tests the project as it is. @returns why that is not possible; empty where it is */
  async before(): Promise<Problem[]> {
    const { pythons } = this.judges
    const stage: Mutable<Stage> = { title: 'before the port', builds: [], trials: [] }
    for (const python of pythons) {
      const isFirst = python === pythons[0]
      const built = python.hasPip ? await this.build(python, this.base, stage) : { broken: 'there is no pip' }
      if ('broken' in built) {
        if (isFirst) return [this.problem(`cannot be built with ${python.name} as it is: ${built.broken}`)]
        const why = python.hasPip ? `the project cannot be built as it is: ${built.broken}` : built.broken
        this.unbuilt.set(why, [...(this.unbuilt.get(why) ?? []), python.name])
        continue
      }
      if (isFirst && built.modules.length === 0)
        return [this.problem(`makes no extension module with ${python.name} as it is: there is nothing to verify`)]
      const trial = await this.tryOut(python, built, this.base, stage, null)
      const unusable = whyUnusable(trial)
      if (unusable !== null) return [this.problem(`its tests say nothing with ${python.name} as it is: ${unusable}`)]
      this.references.set(python, { built, trial })
    }
    this.untouched = stage
    return []
  }

  /** Builds and tests the project with the steps of a port, and takes steps back until nothing differs. */
  async after(port: PortResult, takeBack: TakeBack): Promise<Verified> {
    const sources = port.steps.filter(({ kind }) => kind !== 'build')
    const takenBack: Verification['takenBack'][number][] = []
    const stages = [this.untouched!]
    const warnings: Warning[] = []
    const known = [...this.references.values()][0]!.built.warnings
    const keep = ({ stage, warnings: found }: Judged): void => {
      stages.push(stage)
      for (const each of newWarnings([...known, ...warnings], found)) warnings.push(each)
    }
    let last: Judged | null = null
    const kept = await stepsToKeep(sources.length, async (steps) => {
      const judged = await this.fullBuild(sources.slice(0, steps))
      if (judged.differences.length === 0) last = judged
      return judged.differences
    })
    if (last !== null) keep(last)
    let result = port
    if (kept.count < sources.length) {
      takenBack.push({ steps: sources.slice(kept.count).map(({ kind }) => kind), reasons: kept.differences })
      result = await takeBack(kept.count, true)
    }
    if (result.steps.some(({ kind }) => kind === 'build')) {
      const judged = await this.limitedBuild(result)
      if (judged.differences.length === 0) keep(judged)
      else {
        takenBack.push({ steps: ['build'], reasons: judged.differences })
        result = await takeBack(kept.count, false)
      }
    }
    return { port: result, verification: { stages, warnings, takenBack, notes: [...this.notes, ...this.ofUnbuilt()] } }
  }

  /** What became of the interpreters that could not build the project before the port. */
  private ofUnbuilt(): string[] {
    const [first] = this.judges.pythons
    return [...this.unbuilt].map(([why, names]) =>
      this.isTriedOnAll
        ? `outcomes on ${names.join(', ')} are compared with those on ${first.name}: ${why}`
        : `nothing is tried out on ${names.join(', ')}: ${why}, and nothing is built for all Pythons`,
    )
  }

  /** The project with some steps, built as before with each interpreter that could do so then. */
  private async fullBuild(steps: readonly PortStep[]): Promise<Judged> {
    const stage: Mutable<Stage> = { title: `with ${steps.map(({ kind }) => kind).join(', ')}`, builds: [], trials: [] }
    const sources = await this.withSteps(steps)
    const warnings: Warning[] = []
    for (const [python, before] of this.references) {
      const built = await this.build(python, sources, stage)
      const difference =
        'broken' in built
          ? `the build fails: ${built.broken}`
          : (missing(before.built, built) ?? (await this.compare(python, built, sources, stage)))
      if (difference !== null) return { stage, differences: [`${python.name}: ${difference}`], warnings }
      if (python === this.judges.pythons[0] && !('broken' in built))
        for (const each of built.warnings) warnings.push(each)
    }
    return { stage, differences: [], warnings }
  }

  /** The project with all steps of a port, built once for all interpreters. */
  private async limitedBuild(port: PortResult): Promise<Judged> {
    const { pythons } = this.judges
    const [builder] = pythons
    const stage: Mutable<Stage> = { title: 'built for the stable ABI', builds: [], trials: [] }
    const sources = await this.withSteps(port.steps)
    const built = await this.build(builder, sources, stage)
    if ('broken' in built)
      return { stage, differences: [`${builder.name}: the build fails: ${built.broken}`], warnings: [] }
    const { warnings, modules } = built
    const lacking = missing(this.references.get(builder)!.built, built)
    const stable = modules.filter(({ isStable }) => isStable)
    const differences = [
      ...(lacking === null ? [] : [lacking]),
      ...(stable.length === 0 ? ['no extension module is named `.abi3.so`'] : []),
      ...(await this.audit(built.wheel)),
    ]
    if (differences.length > 0) return { stage, differences, warnings }
    const isForAll = stable.length === modules.length
    this.isTriedOnAll = isForAll
    if (!isForAll && pythons.length > 1)
      this.notes.push(
        `${stable.length} of ${modules.length} modules are for all Pythons, so the wheel is tried out on one alone`,
      )
    for (const python of isForAll ? pythons : [builder]) {
      const difference = await this.compare(python, built, sources, stage)
      if (difference !== null) differences.push(`${python.name}: ${difference}`)
    }
    return { stage, differences, warnings }
  }

  /** What the audit finds in a wheel that keeps it from its tag. */
  private async audit(wheel: string): Promise<string[]> {
    const problems: Problem[] = []
    const bundle = await wheelAt(wheel, problems)
    const findings = bundle === null ? [] : audit(bundle, null, await loadApi(readAsset)).findings
    return [
      ...problems.map(({ message }) => message),
      ...findings
        .filter(({ severity }) => severity === 'error')
        .map(({ member, message }) => `${member || basename(wheel)}: ${message}`),
    ]
  }

  /**
   * Tries out a build, and does so again where tests differ, since some hang on chance.
   * @returns what is different from before; null where nothing is
   */
  private async compare(
    python: Interpreter,
    built: Built,
    sources: string,
    stage: Mutable<Stage>,
  ): Promise<string | null> {
    const { before, other } = this.referenceOf(python)
    const trial = await this.tryOut(python, built, sources, stage, before)
    const difference = differenceOf(before, trial, other)
    if (difference === null || !mayBeChance(trial)) return difference
    const again = await this.tryOut(python, built, sources, stage, before)
    const still = differenceOf(before, again, other)
    if (still === null)
      this.notes.push(`${stage.title}, ${python.name}: the first run of two was different: ${difference}`)
    return still
  }

  /** What an interpreter is compared with; `other` is the name of the one that ran it, if that is another one. */
  private referenceOf(python: Interpreter): { readonly before: Trial; readonly other: string | null } {
    const [first] = this.judges.pythons
    const own = this.references.get(python)
    return own === undefined
      ? { before: this.references.get(first)!.trial, other: first.name }
      : { before: own.trial, other: null }
  }

  private async tryOut(
    python: Interpreter,
    built: Built,
    sources: string,
    stage: Mutable<Stage>,
    before: Trial | null,
  ): Promise<Trial> {
    const { test, layout } = this.judges
    const done = this.terminal.activity(
      `${stage.title}: ${test === null ? 'importing' : 'testing'} with ${python.name}`,
    )
    const to = this.directory()
    const trial = await tryOut(python, { built, sources, layout, to }, test, before?.seconds ?? null)
    await rm(to, { recursive: true, force: true })
    done()
    stage.trials.push({
      python: python.name,
      outcome: showTrial(trial),
      seconds: test === null ? null : trial.seconds,
      isSame: before === null ? null : differenceOf(before, trial, this.referenceOf(python).other) === null,
    })
    return trial
  }

  private async build(python: Interpreter, sources: string, stage: Mutable<Stage>): ReturnType<typeof buildWheel> {
    const done = this.terminal.activity(`${stage.title}: building with ${python.name}`)
    const tree = this.directory()
    await copyTree(sources, tree)
    const project = join(tree, this.judges.layout.project)
    const built = await buildWheel(python, { project, tree, to: this.directory() })
    await rm(tree, { recursive: true, force: true })
    done()
    if ('broken' in built) return built
    const { wheel, modules, seconds } = built
    stage.builds.push({ python: python.name, wheel: basename(wheel), modules: modules.length, seconds })
    return built
  }

  /** A copy of the project in which some steps are made. */
  private async withSteps(steps: readonly PortStep[]): Promise<string> {
    const sources = this.directory()
    await copyTree(this.base, sources)
    for (const { changes } of steps) await writeInto(join(sources, this.judges.layout.here), changes)
    return sources
  }

  private directory(): string {
    return join(this.scratch, String(this.directories++))
  }

  private problem(message: string): Problem {
    return { file: this.judges.layout.project || '.', message, severity: 'error' }
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] }

const copyTree = (from: string, to: string): Promise<void> =>
  cp(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })

/** Which extension module of a build another one lacks, in words; null where it has all. */
function missing(before: Built, after: Built): string | null {
  const names = new Set(after.modules.map(({ name }) => name))
  const lacking = before.modules.filter(({ name }) => !names.has(name)).map(({ name }) => `\`${name}\``)
  return lacking.length === 0 ? null : `the build makes no ${lacking.join(', ')}`
}
