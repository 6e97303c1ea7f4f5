import type { Located, Problem, Run } from '../analyzer/check/diagnostic.ts'
import { fingerprintOf } from '../analyzer/check/fingerprint.ts'

/** What stands in the place of a rule's name where a report of findings tells of a problem. No rule has this name. */
export const problemRule = 'problem'

/**
 * What a report for programs tells that knows findings alone: the diagnostics, then the files that could not be read
 * or understood, which nobody may take for clean.
 */
export function findingsOf(run: Run): readonly Located[] {
  const problems = problemsOf(run)
  return problems.length === 0 ? run.diagnostics : run.diagnostics.concat(problems.map((each) => asFinding(each, run)))
}

/** What is told besides findings: files that could not be checked, and a baseline that has more than it should. */
export const problemsOf = ({ problems, baseline }: Run): readonly Problem[] =>
  baseline?.stale ? [...problems, baseline.stale] : problems

const asFinding = ({ file, message, severity }: Problem, { targets, headers }: Run): Located => ({
  rule: problemRule,
  severity,
  effect: 'advice',
  file,
  start: 0,
  end: 0,
  line: 1,
  column: 1,
  endLine: 1,
  endColumn: 1,
  excerpt: [],
  details: null,
  symbol: '',
  message,
  advice: '',
  fix: null,
  notes: [],
  targets,
  headers,
  since: null,
  fingerprint: fingerprintOf({ rule: problemRule, symbol: '' }, { name: '', text: message }),
})

/** What is told of a finding besides its message, each with what it is: `fix (safe)`, `why unsafe`, `help`, `note`. */
export const remarksOf = (
  { fix, advice, notes, targets }: Located,
  { targets: all }: Pick<Run, 'targets'>,
): readonly { readonly label: string; readonly text: string }[] => [
  ...(fix
    ? [{ label: `fix (${fix.safety})`, text: fix.title }]
    : advice === ''
      ? []
      : [{ label: 'help', text: advice }]),
  ...(fix && fix.reason !== '' ? [{ label: 'why unsafe', text: fix.reason }] : []),
  ...notes.map((text) => ({ label: 'note', text })),
  ...(targets.length < all.length ? [{ label: 'targets', text: targets.join(', ') }] : []),
]

/** Findings that stand together and are of one file, one list after the other. Of a run each file is one. */
export function* byFile(findings: readonly Located[]): Generator<readonly Located[]> {
  for (let from = 0; from < findings.length; ) {
    let to = from + 1
    while (findings[to]?.file === findings[from]!.file) to++
    yield findings.slice(from, to)
    from = to
  }
}
