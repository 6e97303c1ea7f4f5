import { type Located, type ReportedSuppression, type Run, severities } from '../../analyzer/check/diagnostic.ts'
import { parseTarget } from '../../analyzer/knowledge/target.ts'
import { parseVersion } from '../../analyzer/knowledge/version.ts'
import { rules as allRules } from '../../rules/index.ts'
import { unusedSuppression } from '../../rules/unused-suppression.ts'
import { type Comments, commentsOf, isNeededElsewhere } from './comments.ts'
import type { Part } from './read.ts'
import { eachOnce, type United, united } from './unite.ts'

/** Runs for other targets, with other macros or on other platforms, joined to one. */

/** What was joined. */
export interface Merged {
  readonly run: Run
  /** What was asked for in any of them, relative to the current directory. */
  readonly paths: readonly string[]
}

/**
 * Joins parts of runs to their runs, and these to one. What is found in several is one finding, with all their targets
 * and headers. A comment is needed that one of them needs. The order of the parts is of no matter.
 * @throws UsageError as `united`
 */
export function merged(parts: readonly Part[]): Merged {
  const runs = [...united(parts)].sort(inOrder)
  const [first] = runs
  const paths = [...new Set(runs.flatMap((each) => each.paths))]
  return { run: runs.length === 1 ? first!.run : joined(runs), paths }
}

/** By what they are for, then by what is of no matter but the same each time. */
function inOrder(a: United, b: United): number {
  return compare(a.run.targets.map(rankOf), b.run.targets.map(rankOf)) || compare([a.key], [b.key])
}

/** Levels come in their order, abi3t behind them. */
const rankOf = (target: string): number => (target === 'abi3t' ? 1000 : (parseTarget(target)?.level ?? 0))

function compare(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (const [index, own] of a.entries()) {
    const other = b[index]
    if (other === undefined || own > other) return 1
    if (own < other) return -1
  }
  return a.length - b.length
}

function joined(all: readonly United[]): Run {
  const runs = all.map(({ run }) => run)
  const targets = union(runs.map((run) => run.targets)).sort((a, b) => rankOf(a) - rankOf(b))
  const headers = union(runs.map((run) => run.headers)).sort((a, b) => (parseVersion(b) ?? 0) - (parseVersion(a) ?? 0))
  const ran = new Set(runs.flatMap(({ rules }) => rules.map(({ name }) => name)))
  const told = new Map(runs.flatMap(({ rules }) => rules.map((each) => [each.name, each] as const)))
  return {
    tool: runs[0]!.tool,
    targets,
    headers,
    diagnostics: joinedDiagnostics(runs, { targets, headers }),
    suppressions: joinedSuppressions(runs, targets),
    problems: eachOnce(runs.flatMap(({ problems }) => problems)),
    fixed: null,
    baseline: null,
    rules: allRules.flatMap(({ name }) => (ran.has(name) ? [told.get(name)!] : [])),
    files: joinedFiles(all),
  }
}

const union = (lists: readonly (readonly string[])[]): string[] => [...new Set(lists.flat())]

/** In the order in which the whole run has them. */
const inOrderOf = (all: readonly string[], some: readonly string[]): readonly string[] =>
  all.filter((each) => some.includes(each))

function joinedDiagnostics(runs: readonly Run[], all: Pick<Run, 'targets' | 'headers'>): readonly Located[] {
  const comments = runs.map(commentsOf)
  const found = new Map<string, Located>()
  for (const [index, run] of runs.entries()) {
    const times = new Map<string, number>()
    for (const each of run.diagnostics) {
      if (isNotUnused(each, index, comments)) continue
      // As a run for several targets knows findings that are the same; of several there the first is the first.
      const place = JSON.stringify([each.file, each.start, each.rule, each.symbol])
      const nth = times.get(place) ?? 0
      times.set(place, nth + 1)
      const key = `${nth} ${place}`
      const before = found.get(key)
      found.set(key, before === undefined ? each : join(before, each, all))
    }
  }
  return [...found.values()].sort(
    (a, b) => compare([a.file, a.start, a.rule, a.symbol], [b.file, b.start, b.rule, b.symbol]) || 0,
  )
}

/** Whether a finding says of a comment that it is not needed, though another run needs it or cannot tell. */
const isNotUnused = (found: Located, index: number, comments: readonly Comments[]): boolean =>
  found.rule === unusedSuppression.name && isNeededElsewhere(found, index, comments)

function join(first: Located, second: Located, all: Pick<Run, 'targets' | 'headers'>): Located {
  const isWorse = severities.indexOf(second.severity) < severities.indexOf(first.severity)
  const [worse, other] = isWorse ? [second, first] : [first, second]
  const isSame = JSON.stringify(fixOf(first)) === JSON.stringify(fixOf(second))
  return {
    ...worse,
    // What is right for one target may not be for another.
    fix: isSame ? worse.fix : null,
    details: worse.details && { ...worse.details, substitution: isSame ? worse.details.substitution : null },
    notes: [...new Set([...worse.notes, ...other.notes])],
    targets: inOrderOf(all.targets, [...first.targets, ...second.targets]),
    headers: inOrderOf(all.headers, [...first.headers, ...second.headers]),
  }
}

/** What a fix does, in so far as it can be compared: for those of several files that is whether they are the same. */
function fixOf({ fix }: Located): unknown {
  if (fix?.kind !== 'project') return fix
  if (!changes.has(fix.change)) changes.set(fix.change, counter.next++)
  return [fix.title, fix.safety, fix.reason, changes.get(fix.change)]
}
const changes = new WeakMap<object, number>()
const counter = { next: 0 }

function joinedSuppressions(runs: readonly Run[], targets: readonly string[]): Run['suppressions'] {
  const found = new Map<string, ReportedSuppression>()
  for (const each of runs.flatMap(({ suppressions }) => suppressions)) {
    const key = JSON.stringify([each.file, each.line, each.column])
    const before = found.get(key)
    found.set(key, before === undefined ? each : { ...before, findings: suppressed(before, each, targets) })
  }
  return [...found.values()].sort((a, b) => compare([a.file, a.line, a.column], [b.file, b.line, b.column]))
}

function suppressed(
  first: ReportedSuppression,
  second: ReportedSuppression,
  all: readonly string[],
): ReportedSuppression['findings'] {
  const found = new Map<string, ReportedSuppression['findings'][number]>()
  for (const each of [...first.findings, ...second.findings]) {
    const key = JSON.stringify([each.line, each.column, each.rule, each.symbol])
    const before = found.get(key)
    const targets = inOrderOf(all, [...(before?.targets ?? []), ...each.targets])
    found.set(key, { ...(before ?? each), targets })
  }
  return [...found.values()].sort((a, b) => compare([a.line, a.column, a.rule], [b.line, b.column, b.rule]))
}

/** A file that several runs are about counts once. */
function joinedFiles(all: readonly United[]): Run['files'] {
  const files = new Map<string, { isChecked: boolean; bytes: number }>()
  for (const { file, isChecked, bytes } of all.flatMap((each) => each.files)) {
    const before = files.get(file) ?? { isChecked: false, bytes: 0 }
    files.set(file, { isChecked: before.isChecked || isChecked, bytes: Math.max(before.bytes, bytes) })
  }
  const unparsed = new Map(
    all.flatMap(({ run }) => run.files.unparsed).map((each) => [JSON.stringify(Object.values(each)), each]),
  )
  return {
    ofBuilds: union(all.map(({ run }) => run.files.ofBuilds)),
    checked: [...files.values()].filter(({ isChecked }) => isChecked).length,
    parsedBytes: [...files.values()].reduce((sum, { bytes }) => sum + bytes, 0),
    unparsedBytes: [...unparsed.values()].reduce((sum, { bytes }) => sum + bytes, 0),
    unparsed: [...unparsed.values()].sort((a, b) => compare([a.file, a.line], [b.file, b.line])),
  }
}
