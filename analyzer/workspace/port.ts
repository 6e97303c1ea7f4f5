import { usualRules } from '../../rules/profiles.ts'
import type { Located, Run } from '../check/diagnostic.ts'
import type { Minor } from '../knowledge/version.ts'
import { rewrites } from './rewrites.ts'
import type { FixOptions } from './settings.ts'
import type { CheckResult, FixResult, Workspace } from './workspace.ts'

/** What a step of a port does. */
export type PortStepKind = 'safe fixes' | 'unsafe fixes' | 'static types' | 'build'

/** A step of a port that changed something, as one commit would hold it. */
export interface PortStep {
  readonly kind: PortStepKind
  /** The new bytes of the files that change, by name. */
  readonly changes: ReadonlyMap<string, Uint8Array>
  /** How many findings it does away with; of the build, how many modules become limited. */
  readonly count: number
  /** What differs by it, sentences without full stop, each once. */
  readonly differs: readonly string[]
  /** The unsafe fixes that it makes, where they stood in the texts before it. */
  readonly toRead: readonly Located[]
}

/** What a port came to; `run` is of the sources as they are after all steps. */
export interface PortResult extends CheckResult {
  readonly steps: readonly PortStep[]
  /** What the files held before the first step that the steps change; null where there was none. */
  readonly before: ReadonlyMap<string, Uint8Array | null>
  /** Definitions of modules in the build files, and how many of them are limited now. */
  readonly modules: { readonly all: number; readonly limited: number }
  /** What has to be done by hand in build files, a sentence to go after the name of the file. */
  readonly byHand: readonly { readonly file: string; readonly message: string }[]
  /** Files that would have changed and are locked, and why. */
  readonly left: FixResult['left']
}

/** How often fixes are looked for again, since what one step writes may give another something to do. */
const mostPasses = 3

/**
 * Does all that leads a project to the Limited API, in this order: safe fixes, unsafe ones, static types, and what that
 * brings with it; then its build, for the modules in which nothing is left. After it the workspace holds the new texts.
 * @param level what the build is to define `Py_LIMITED_API` to
 * @throws as `Workspace.fix`
 */
export async function port(
  workspace: Workspace,
  level: Minor,
  options: Omit<FixOptions, 'unsafe'>,
): Promise<PortResult> {
  const steps: PortStep[] = []
  const before = new Map<string, Uint8Array | null>()
  const left = new Map<string, string>()
  const take = async (kind: PortStepKind, result: FixResult, toRead: readonly Located[]): Promise<boolean> => {
    for (const { file, why } of result.left) left.set(file, why)
    if (result.changes.size === 0) return false
    const { safe, unsafe } = result.run.fixed!
    const changed = toRead.filter(({ file }) => result.changes.has(file))
    const count = safe + unsafe
    steps.push({ kind, changes: result.changes, count, differs: whatDiffers(toRead), toRead: changed })
    for (const file of result.changes.keys()) if (!before.has(file)) before.set(file, result.before.get(file) ?? null)
    await workspace.update(result.changes)
    return true
  }
  const safe = await workspace.fix({ ...options, unsafe: false })
  await take('safe fixes', safe, [])
  const isTypes = (rule: string): boolean => rule === rewrites.types.name
  const others = (options.rules ?? usualRules).filter(({ name }) => !isTypes(name))
  let seen = safe.run
  for (let pass = 0; pass < mostPasses; pass++) {
    const unsafe = await workspace.fix({ ...options, rules: others, unsafe: true })
    await take(
      'unsafe fixes',
      unsafe,
      unsafeIn(seen, (rule) => !isTypes(rule)),
    )
    if (!(await take('static types', await workspace.rewrite('types', options), unsafeIn(seen, isTypes)))) break
    seen = workspace.check(options).run
  }
  const kept = [...left].map(([file, why]) => ({ file, why }))
  return withBuild(workspace, level, options, { steps, before, left: kept, chosen: safe.chosen })
}

/**
 * Takes steps of a port back. After it the workspace holds the texts of what is left of it.
 * @param kept how many of the steps are kept that change sources, the first ones
 * @param limits whether the build is made limited, for the modules in which nothing is left without the other steps
 * @returns the port as if it had made no more steps than that
 * @throws as `Workspace.update`
 */
export async function takeBack(
  workspace: Workspace,
  level: Minor,
  options: Omit<FixOptions, 'unsafe'>,
  { steps, before, left, chosen }: PortResult,
  kept: number,
  limits: boolean,
): Promise<PortResult> {
  const ofSources = steps.filter(({ kind }) => kind !== 'build').slice(0, kept)
  const texts = new Map<string, Uint8Array | null>(
    steps.flatMap(({ changes }) => [...changes.keys()].map((file) => [file, null] as const)),
  )
  for (const { changes } of ofSources) for (const [file, bytes] of changes) texts.set(file, bytes)
  await workspace.update(texts)
  return withBuild(workspace, level, options, { steps: ofSources, before, left, chosen }, limits)
}

/** Ends a port whose sources are done: makes the build limited, if that is wanted. */
async function withBuild(
  workspace: Workspace,
  level: Minor,
  options: Omit<FixOptions, 'unsafe'>,
  { steps, before, left, chosen }: Pick<PortResult, 'steps' | 'before' | 'left' | 'chosen'>,
  limits = true,
): Promise<PortResult> {
  const { run } = workspace.check(options)
  const build = workspace.limitBuild(level, run)
  const locked = [...build.changes.keys()].flatMap((file): FixResult['left'] => {
    const why = options.locked?.(file) ?? null
    return why === null ? [] : [{ file, why }]
  })
  const isLimited = limits && build.changes.size > 0 && locked.length === 0
  const ofBuild: PortStep[] = isLimited
    ? [{ kind: 'build', changes: build.changes, count: build.limited, differs: [], toRead: [] }]
    : []
  const all = new Map(before)
  if (isLimited) {
    for (const file of build.changes.keys()) if (!all.has(file)) all.set(file, workspace.read(file))
    await workspace.update(build.changes)
  }
  return {
    run: isLimited ? workspace.check(options).run : run,
    chosen,
    steps: [...steps, ...ofBuild],
    before: all,
    modules: { all: build.modules, limited: isLimited || build.changes.size === 0 ? build.limited : 0 },
    byHand: build.byHand,
    left: [...new Map([...left, ...locked].map((each) => [each.file, each])).values()].sort(byFile),
  }
}

const byFile = (a: { readonly file: string }, b: { readonly file: string }): number => (a.file < b.file ? -1 : 1)

/** The findings of some rules that have unsafe fixes. */
const unsafeIn = ({ diagnostics }: Run, isMeant: (rule: string) => boolean): Located[] =>
  diagnostics.filter(({ rule, fix }) => fix?.safety === 'unsafe' && isMeant(rule))

/** What unsafe fixes say that they change, each once. */
const whatDiffers = (found: readonly Located[]): string[] =>
  [...new Set(found.flatMap(({ fix }) => fix!.reason.split('; ')))].filter((each) => each !== '').sort()
