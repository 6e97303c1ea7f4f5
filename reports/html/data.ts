import type { Located, Run } from '../../analyzer/check/diagnostic.ts'
import type { ModuleSurvey } from '../../analyzer/check/module-survey.ts'
import { isBlocker, type TargetSurvey } from '../../analyzer/check/targets.ts'
import type { FileUses } from '../../analyzer/check/use-survey.ts'
import type { HistoryPoint } from '../history.ts'
import { groupBy } from '../tally.ts'

/** All that a migration report tells, as plain data. */
export interface ReportData {
  /** What the project is called. */
  readonly name: string
  /** With all findings: those that are known, too. */
  readonly run: Run
  /** The level of the Limited API that `run` and `uses` are for. */
  readonly target: string
  readonly targets: TargetSurvey
  readonly modules: ModuleSurvey
  readonly uses: readonly FileUses[]
  /** The findings of the run that a baseline knows, and its name; null where there is none. */
  readonly baseline: { readonly name: string; readonly known: ReadonlySet<Located> } | null
  /** The oldest Python that the build lets install the project: `3.9`; null where it does not say. */
  readonly requires: string | null
  /** What files hold, one character per byte; null for what was not read. */
  readonly text: (file: string) => string | null
  /** The address of a line for a reader on the web; null where none is known. */
  readonly permalink: ((file: string, line: number) => string) | null
  /** When it was made, `2026-11-29 05:00 UTC`, and of which commit; empty where that is not known. */
  readonly time: string
  readonly commit: string
  /** The command line that repeats it. */
  readonly command: string
  /** Earlier runs, the oldest first, and this one. */
  readonly history: readonly HistoryPoint[]
}

/** What it takes to do away with a finding. */
export type Effort = 'safe' | 'unsafe' | 'newer' | 'manual'

/** All of them, the least first, with what they are called and what that means. */
export const efforts: readonly { readonly kind: Effort; readonly title: string; readonly meaning: string }[] = [
  { kind: 'safe', title: 'safe fix', meaning: '`abi3lint check --fix` does it; behaviour stays the same' },
  { kind: 'unsafe', title: 'fix to review', meaning: '`--fix --unsafe-fixes` or a `rewrite` does it; read the diff' },
  { kind: 'newer', title: 'newer floor', meaning: 'no fix, but a higher level of the Limited API has it' },
  { kind: 'manual', title: 'by hand', meaning: 'no program can do it, and no level frees it' },
]

/** What it takes to do away with a finding. */
export const effortOf = ({ fix, since }: Pick<Located, 'fix' | 'since'>): Effort =>
  fix !== null ? fix.safety : since !== null ? 'newer' : 'manual'

/** How many findings take how much. */
export function effortCounts(found: readonly Located[]): Readonly<Record<Effort, number>> {
  const counts = { safe: 0, unsafe: 0, newer: 0, manual: 0 }
  for (const each of found) counts[effortOf(each)]++
  return counts
}

/** The findings that keep files from the target. */
export const blockersOf = ({ diagnostics }: Run): readonly Located[] => diagnostics.filter(isBlocker)

/** Findings in doubt: a compiler might refuse it. */
export const doubtsOf = ({ diagnostics }: Run): readonly Located[] =>
  diagnostics.filter((each) => !isBlocker(each) && each.severity === 'warning' && /-break$/.test(each.effect))

/** How far a module is. */
export interface Readiness {
  readonly name: string
  readonly definedIn: string
  readonly files: readonly string[]
  /** Places that use the C API, and those that have a blocker. */
  readonly all: number
  readonly blocked: number
  /** Blockers in its files. */
  readonly blockers: readonly Located[]
  /** The lowest level that it builds for as it is; null for none. */
  readonly lowest: string | null
  readonly abi3t: boolean
}

/** How far the modules are, those with the most to do first. */
export function readinessOf({ run, targets, uses }: ReportData): readonly Readiness[] {
  const blockers = groupBy(blockersOf(run), ({ file }) => file)
  const byFile = new Map(uses.map((each) => [each.file, each]))
  const sum = (files: readonly string[], key: 'all' | 'blocked'): number =>
    files.reduce((all, file) => all + (byFile.get(file)?.[key] ?? 0), 0)
  return targets.modules
    .map(({ name, definedIn, files, lowest, abi3t }) => ({
      name,
      definedIn,
      files,
      all: sum(files, 'all'),
      blocked: sum(files, 'blocked'),
      blockers: files.flatMap((file) => blockers.get(file) ?? []),
      lowest,
      abi3t,
    }))
    .sort((a, b) => b.blockers.length - a.blockers.length || (a.name < b.name ? -1 : 1))
}

/** A name of the C API with all that is found of it. */
export interface SymbolWork {
  readonly symbol: string
  readonly found: readonly Located[]
  readonly files: number
}

/** The blockers by symbol, most places first. */
export const workOf = (run: Run): readonly SymbolWork[] =>
  [...groupBy(blockersOf(run), ({ symbol, rule }) => symbol || rule)]
    .map(([symbol, found]) => ({ symbol, found, files: new Set(found.map(({ file }) => file)).size }))
    .sort((a, b) => b.found.length - a.found.length || (a.symbol < b.symbol ? -1 : 1))

/** The outcome in one sentence: how many modules are ready for the target, or how many blockers are left. */
export function headline(data: ReportData): string {
  const modules = readinessOf(data)
  const ready = modules.filter(({ blockers }) => blockers.length === 0).length
  const left = blockersOf(data.run).length
  const failed = data.run.problems.filter(({ severity }) => severity === 'error').length
  const but = failed > 0 ? `, but ${failed === 1 ? 'a file' : `${failed} files`} could not be read` : ''
  if (modules.length > 0) {
    const are = modules.length === 1 ? 'module is' : 'modules are'
    return `${ready} of ${modules.length} ${are} ready for ${data.target}${but}`
  }
  return left === 0
    ? `Nothing blocks ${data.target}${but}`
    : `${left} ${left === 1 ? 'place blocks' : 'places block'} ${data.target}${but}`
}
