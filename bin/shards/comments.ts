import type { Located, ReportedSuppression, Run } from '../../analyzer/check/diagnostic.ts'
import { groupBy } from '../../reports/tally.ts'

/** What several runs make of the comments that suppress findings. */

/** The comments of a run, by their files. */
export interface Comments {
  readonly byFile: ReadonlyMap<string, readonly ReportedSuppression[]>
  /** The rules that ran. */
  readonly ran: ReadonlySet<string>
}

/** The comments that a run has seen. */
export const commentsOf = ({ suppressions, rules }: Run): Comments => ({
  byFile: groupBy(suppressions, ({ file }) => file),
  ran: new Set(rules.map(({ name }) => name)),
})

/**
 * Whether another run needs what a finding of `unused-suppression` says is not needed, or did not look for it.
 * @param found by the run of that index
 * @param all the comments of the runs
 */
export function isNeededElsewhere(found: Located, index: number, all: readonly Comments[]): boolean {
  const own = commentAt(found, all[index]!)
  if (own === null) return false
  // What begins where the comment does says it of all of it, else of the rule that stands there.
  const isWhole = own.line === found.line && own.column === found.column
  const rules = isWhole ? own.rules : own.rules.filter((name) => found.message.startsWith(`\`${name}\``))
  const needed = isWhole && rules.length === 0 ? [...all[index]!.ran] : rules
  return all.some((other, at) => {
    if (at === index) return false
    const same = other.byFile.get(own.file)?.find(({ line, column }) => line === own.line && column === own.column)
    if (same === undefined) return false
    return (
      needed.some((name) => !other.ran.has(name)) ||
      (rules.length === 0 ? same.findings.length > 0 : same.findings.some(({ rule }) => rules.includes(rule)))
    )
  })
}

/** The comment that a finding is about: the last that begins before it, or where it does. */
const commentAt = ({ file, line, column }: Located, { byFile }: Comments): ReportedSuppression | null =>
  byFile.get(file)?.findLast((each) => each.line < line || (each.line === line && each.column <= column)) ?? null
