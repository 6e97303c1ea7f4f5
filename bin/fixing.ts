import { posix } from 'node:path'
import type { Diagnostic, Problem } from '../analyzer/check/diagnostic.ts'
import { applyEdits } from '../analyzer/fix/edits.ts'
import type { Fix } from '../analyzer/fix/fix.ts'
import { generatedBy } from '../analyzer/fix/generated.ts'
import { includeEdit } from '../analyzer/fix/includes.ts'
import { choose, type SettledFix, settle } from '../analyzer/fix/plan.ts'
import { addTo } from '../analyzer/source/multimap.ts'

/** Sources in which fixes are made until none is left. */

/** One look at the project: its texts by file, what was found in them, and how much of each file is not understood. */
export interface Snapshot {
  readonly texts: ReadonlyMap<string, string>
  readonly diagnostics: readonly Diagnostic[]
  /** Bytes that the parser did not understand, by file. */
  readonly unparsed: ReadonlyMap<string, number>
}

export interface Fixing {
  /** Files that were changed: their new texts. */
  readonly changes: ReadonlyMap<string, string>
  /** Findings whose fixes were made, by safety. */
  readonly made: { readonly safe: number; readonly unsafe: number }
  /** The shims used, by the file that uses them. */
  readonly shims: ReadonlyMap<string, ReadonlySet<string>>
  readonly problems: readonly Problem[]
}

/** Rounds after which fixes that still lead to new ones are given up. */
const mostRounds = 10

/** A fix as it applies to its file. */
export function fixFor(fix: Fix | null, text: string): SettledFix | null {
  return fix === null ? null : settle(fix, text)
}

/** Remembers which files a program made: they are asked for with every finding. */
export function generatedFiles(): (file: string, text: string) => string | null {
  const known = new Map<string, string | null>()
  return (file, text) => {
    let by = known.get(file)
    if (by === undefined) {
      by = generatedBy(text)
      known.set(file, by)
    }
    return by
  }
}

/**
 * Makes the fixes of what was found, looks again, and so on until nothing is left to be made. A file in which a round
 * makes something worse - more that is not understood, or more findings of a rule whose fix was made - gets its text
 * back and is left alone from then on.
 * @param first the project as it is
 * @param wants whether fixes of this kind are to be made
 * @param mayEdit whether a file, for which there are fixes, may be changed
 * @param look at the project with other texts
 */
export async function fixAll(
  first: Snapshot,
  wants: (fix: SettledFix) => boolean,
  mayEdit: (file: string) => boolean,
  look: (changes: ReadonlyMap<string, string>) => Promise<Snapshot>,
): Promise<Fixing & { readonly last: Snapshot }> {
  const changes = new Map<string, string>()
  const shims = new Map<string, Set<string>>()
  const made = { safe: 0, unsafe: 0 }
  const frozen = new Set<string>()
  const problems: Problem[] = []
  const generated = generatedFiles()
  let now = first
  let isRefused = false
  for (let round = 0; ; round++) {
    const wanted = isRefused ? [] : now.diagnostics.filter(({ fix }) => fix?.project && wants(settle(fix, '')))
    const project = wanted[0]?.fix?.project
    if (project && round < mostRounds) {
      const next = new Map(changes)
      for (const [file, edits] of project.edits) next.set(file, applyEdits(now.texts.get(file)!, edits))
      const after = await look(next)
      const worse = [...project.edits.keys()].find(
        (file) => (after.unparsed.get(file) ?? 0) > (now.unparsed.get(file) ?? 0),
      )
      if (worse !== undefined) {
        isRefused = true
        problems.push({
          file: worse,
          message:
            `a change of several files was taken back, since this one would have been harder to read ` +
            `(${wanted[0]!.rule}); this is a fault of abi3lint, please report it`,
          severity: 'warning',
        })
        continue
      }
      for (const file of project.edits.keys()) changes.set(file, next.get(file)!)
      for (const [file, names] of project.shims) shims.set(file, new Set([...(shims.get(file) ?? []), ...names]))
      made.unsafe += wanted.filter(({ fix }) => fix?.project === project).length
      now = after
      continue
    }
    const chosen = new Map<string, readonly { readonly rule: string; readonly fix: SettledFix }[]>()
    for (const [file, found] of byFile(now.diagnostics)) {
      const text = now.texts.get(file)
      if (text === undefined || frozen.has(file) || generated(file, text) !== null) continue
      const wanted = found.flatMap(({ rule, fix }) => {
        const settled = fixFor(fix, text)
        return settled && !settled.project && wants(settled) ? [{ rule, fix: settled }] : []
      })
      if (wanted.length > 0 && mayEdit(file)) chosen.set(file, choose(wanted))
    }
    if (chosen.size === 0) break
    if (round === mostRounds) {
      for (const [file, fixes] of chosen) {
        const rules = [...new Set(fixes.map(({ rule }) => rule))].sort().join(', ')
        problems.push({
          file,
          message: `has fixes left after ${mostRounds} rounds (${rules}); run it again`,
          severity: 'warning',
        })
      }
      break
    }
    const next = new Map(changes)
    for (const [file, fixes] of chosen) next.set(file, withFixes(now.texts.get(file)!, fixes))
    const after = await look(next)
    const worse = [...chosen].filter(([file, fixes]) => isWorse(file, fixes, now, after))
    for (const [file, fixes] of worse) {
      frozen.add(file)
      const rules = [...new Set(fixes.map(({ rule }) => rule))].sort().join(', ')
      problems.push({
        file,
        message:
          `its fixes were taken back, since they would have made it worse (${rules}); this is a fault of ` +
          `abi3lint, please report it`,
        severity: 'warning',
      })
    }
    for (const [file, fixes] of chosen) {
      if (frozen.has(file)) continue
      changes.set(file, next.get(file)!)
      for (const { fix } of fixes) {
        made[fix.safety]++
        for (const shim of fix.shims) shims.set(file, (shims.get(file) ?? new Set()).add(shim))
      }
    }
    now = worse.length > 0 ? await look(changes) : after
  }
  return { changes, made, shims, problems, last: now }
}

const byFile = (diagnostics: readonly Diagnostic[]): Map<string, Diagnostic[]> => {
  const files = new Map<string, Diagnostic[]>()
  for (const each of diagnostics) addTo(files, each.file, each)
  return files
}

/** Edits that several fixes share are made once. */
function withFixes(text: string, fixes: readonly { readonly fix: SettledFix }[]): string {
  const edits = new Map(
    fixes.flatMap(({ fix }) => fix.edits.map((edit) => [`${edit.start} ${edit.end} ${edit.text}`, edit] as const)),
  )
  const fixed = applyEdits(text, [...edits.values()])
  return withIncludes(fixed, [...new Set(fixes.flatMap(({ fix }) => fix.includes))].sort())
}

/** A text that includes headers. */
export function withIncludes(text: string, headers: readonly string[]): string {
  const edit = includeEdit(text, headers)
  return edit ? applyEdits(text, [edit]) : text
}

function isWorse(
  file: string,
  fixes: readonly { readonly rule: string }[],
  before: Snapshot,
  after: Snapshot,
): boolean {
  if ((after.unparsed.get(file) ?? 0) > (before.unparsed.get(file) ?? 0)) return true
  const count = (look: Snapshot, rule: string): number =>
    look.diagnostics.filter((each) => each.file === file && each.rule === rule).length
  return [...new Set(fixes.map(({ rule }) => rule))].some((rule) => count(after, rule) >= count(before, rule))
}

/**
 * Where the header with the shims goes: where there is one already, else the directory that all files which use shims
 * have in common.
 * @param present the one that there is
 * @returns its path, and how each of those files includes it
 */
export function shimHeaderPlace(
  files: readonly string[],
  present: string | null,
): { readonly path: string; readonly include: (file: string) => string } {
  const directories = files.map((file) =>
    posix
      .dirname(file)
      .split('/')
      .filter((part) => part !== '.'),
  )
  let common = directories[0] ?? []
  for (const each of directories) {
    const differs = common.findIndex((part, index) => each[index] !== part)
    if (differs >= 0) common = common.slice(0, differs)
  }
  const path = present ?? posix.join(...common, 'pep_shims.h')
  return { path, include: (file) => `"${posix.relative(posix.dirname(file), path)}"` }
}
