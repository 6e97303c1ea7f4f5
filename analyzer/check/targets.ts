import type { BuildFile } from '../build/build-file.ts'
import type { Api } from '../knowledge/api.ts'
import type { Replacement } from '../knowledge/replacement.ts'
import { parseTarget, showTarget, targetNames } from '../knowledge/target.ts'
import { type Minor, newest, showVersion } from '../knowledge/version.ts'
import type { Project } from '../project/model.ts'
import { modulesOf } from '../semantics/modules.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { Rule } from './rule.ts'
import { runRules } from './run-rules.ts'
import { withoutSuppressed } from './suppress.ts'

/** A C API name and how many places use it. */
export interface Tally {
  readonly symbol: string
  readonly places: number
}

/** How a file, a module or the project stands at each target. Lists are in the order of the survey's targets. */
export interface TargetStatus {
  /** Findings that a compiler or a loader would confirm. */
  readonly blockers: readonly number[]
  /** The lowest level without blockers, as users name it; null where there is none. */
  readonly lowest: string | null
  /** No blockers for abi3t. */
  readonly abi3t: boolean
}

/** What keeps a project from each level. */
export interface TargetSurvey {
  /** `3.2` ... `3.15`, `abi3t` */
  readonly targets: readonly string[]
  /** The CPython whose headers are assumed: `3.15`. */
  readonly headers: string
  readonly project: TargetStatus
  readonly modules: readonly (TargetStatus & {
    readonly name: string
    readonly definedIn: string
    readonly files: readonly string[]
  })[]
  readonly files: readonly (TargetStatus & { readonly file: string })[]
  /** For each level but the last what the next one frees, and what it takes away, most places first. */
  readonly steps: readonly {
    readonly from: string
    readonly to: string
    readonly freed: readonly Tally[]
    readonly added: readonly Tally[]
  }[]
  /** What the highest level leaves, most places first: no floor frees it. */
  readonly left: readonly Tally[]
  /** The libraries whose headers were not read and decide what of the C API is used, by name. */
  readonly libraries: readonly (TargetStatus & { readonly name: string })[]
  /** Findings in doubt, at any target; they do not count as blockers. */
  readonly doubts: number
}

/**
 * Asks about every level from 3.2 on and about abi3t. The project is collected and linked once; each target only
 * decides.
 * @param headers the CPython whose headers are assumed, raised to the level where they are below; null for the newest
 * known
 * @param isAsked whether to count what a file holds
 */
export function surveyTargets(
  project: Project,
  buildFiles: readonly BuildFile[],
  rules: readonly Rule[],
  api: Api,
  replacements: ReadonlyMap<string, Replacement>,
  headers: Minor | null,
  isAsked: (file: string) => boolean,
): TargetSurvey {
  const targets = targetNames.map((name) => parseTarget(name, headers)!)
  const asked = rules.filter(mayBlock)
  const found = targets.map((target) =>
    withoutSuppressed(project, runRules(project, buildFiles, asked, [target], api, replacements, null)).filter(
      ({ file }) => isAsked(file),
    ),
  )
  const blockers = found.map((diagnostics) => diagnostics.filter(isBlocker))
  const inFile = blockers.map((diagnostics) => {
    const counts = new Map<string, number>()
    for (const { file } of diagnostics) counts.set(file, (counts.get(file) ?? 0) + 1)
    return counts
  })
  const names = targets.map(showTarget)
  const standings = (files: Iterable<string>): TargetStatus => {
    const all = [...files]
    return targetStatusOf(
      inFile.map((each) => all.reduce((sum, file) => sum + (each.get(file) ?? 0), 0)),
      names,
    )
  }
  const levels = targets.filter(({ abi3t }) => !abi3t)
  const fileNames = project.files.map(({ file }) => file).filter(isAsked)
  // Build files have findings too.
  const everywhere = new Set([...fileNames, ...inFile.flatMap((each) => [...each.keys()])])
  return {
    targets: names,
    headers: showVersion(headers ?? newest),
    project: standings(everywhere),
    modules: modulesOf(project, buildFiles).flatMap(({ name, definedIn, files }) => {
      const asked = files.map((file) => project.files[file]!.file).filter(isAsked)
      return asked.length === 0
        ? []
        : [{ name, definedIn: project.files[definedIn]!.file, files: asked, ...standings(asked) }]
    }),
    files: [...everywhere].sort().map((file) => ({ file, ...standings([file]) })),
    steps: levels.slice(1).map((_, index) => {
      const [lower, higher] = [blockers[index]!, blockers[index + 1]!]
      return { from: names[index]!, to: names[index + 1]!, freed: tally(lower, higher), added: tally(higher, lower) }
    }),
    left: tally(blockers[levels.length - 1]!, []),
    libraries: librariesIn(found, names),
    doubts: new Set(
      found.flatMap((all) =>
        all.filter((each) => mayBlock(each) && each.severity === 'warning' && !isBlocker(each)).map(place),
      ),
    ).size,
  }
}

/** How something with so many blockers at each target stands. @param targets by name, abi3t the last */
export function targetStatusOf(blockers: readonly number[], targets: readonly string[]): TargetStatus {
  const lowest = blockers.indexOf(0)
  return {
    blockers,
    lowest: lowest < 0 || lowest === targets.length - 1 ? null : targets[lowest]!,
    abi3t: blockers.at(-1) === 0,
  }
}

/** What says that headers decide which were not read: nobody can say that such a file is free of blockers. */
const ofLibrary = ({ rule }: Pick<Diagnostic, 'rule'>): boolean => rule === 'unavailable-third-party-header'

function librariesIn(found: readonly (readonly Diagnostic[])[], targets: readonly string[]): TargetSurvey['libraries'] {
  const all = found.map((diagnostics) => diagnostics.filter(ofLibrary))
  const names = [...new Set(all.flat().map(({ symbol }) => symbol))].sort()
  return names.map((name) => {
    const blockers = all.map(
      (each) => each.filter(({ symbol, severity }) => symbol === name && severity !== 'info').length,
    )
    return { name, ...targetStatusOf(blockers, targets) }
  })
}

/** Whether findings of a rule can be blockers, or in doubt whether they are. */
const mayBlock = ({ effect }: Pick<Rule, 'effect'>): boolean => effect !== 'runtime-bug' && effect !== 'advice'

/** Whether a compiler or a loader would confirm a finding, or headers decide that were not read. */
export const isBlocker = (diagnostic: Pick<Diagnostic, 'rule' | 'severity' | 'effect'>): boolean =>
  (ofLibrary(diagnostic) && diagnostic.severity === 'warning') || breaksForSure(diagnostic)

const breaksForSure = ({ severity, effect }: Pick<Diagnostic, 'severity' | 'effect'>): boolean =>
  severity === 'error' && (effect === 'build-break' || effect === 'import-break' || effect === 'abi-break')

const place = ({ file, start, symbol }: Diagnostic): string => `${file}\n${start}\n${symbol}`

/** The symbols of those diagnostics whose places are not among others. */
function tally(diagnostics: readonly Diagnostic[], others: readonly Diagnostic[]): Tally[] {
  const known = new Set(others.map(place))
  const counts = new Map<string, number>()
  for (const each of diagnostics)
    if (!known.has(place(each))) counts.set(each.symbol, (counts.get(each.symbol) ?? 0) + 1)
  return [...counts]
    .map(([symbol, places]) => ({ symbol, places }))
    .sort((a, b) => b.places - a.places || (a.symbol < b.symbol ? -1 : 1))
}
