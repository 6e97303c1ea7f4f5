import { similar } from '../knowledge/similar.ts'
import type { Project } from '../project/model.ts'
import { addTo } from '../source/multimap.ts'
import type { FileId, Offset } from '../source/text.ts'
import { readSuppressions } from '../suppressions/read.ts'
import { address, type FileSuppressions, type Suppression } from '../suppressions/suppression.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { Finding, Rule } from './rule.ts'
import type { SuppressionContext, SuppressionUse } from './suppression-use.ts'

/** What was found, told apart. */
export interface Sorted {
  /** What is not suppressed, in the order in which it was found. */
  readonly diagnostics: Diagnostic[]
  /** Of each suppression what came of it, by file and offset. */
  readonly uses: readonly SuppressionUse[]
}

/** What has to be known of rules to say that a suppression is not needed. */
export interface RulesRun {
  /** The names of all rules that there are. */
  readonly known: ReadonlySet<string>
  /** Whether a rule ran over a file, and what it would need was read. */
  ran(rule: string, file: string): boolean
  /** The same of all rules that run where none are named. */
  ranAll(file: string): boolean
  /** Whether a place of a file is compiled for any target. */
  isCompiled(file: FileId, offset: Offset): boolean
}

/** So many characters around a comment are what it is about, as far as it matters whether they were understood. */
const around = 200

/** Whether the parser was lost where findings would be that a suppression is for: there may be some. */
function isUnclear(project: Project, file: FileId, { kind, comment }: Suppression): boolean {
  const { unparsed } = project.files[file]!
  if (kind === 'file' || kind === 'region') return unparsed.length > 0
  return unparsed.some(({ start, end }) => start < comment.end + around && comment.start - around < end)
}

/** A project is the same as long as the texts of its files are. */
const ofProjects = new WeakMap<Project, ReadonlyMap<FileId, FileSuppressions>>()

/** What the comments of the files of a project say, by file; files that say nothing are left out. */
function suppressionsOf(project: Project): ReadonlyMap<FileId, FileSuppressions> {
  const known = ofProjects.get(project)
  if (known !== undefined) return known
  const found = new Map<FileId, FileSuppressions>()
  project.files.forEach((_, file) => {
    const code = project.code(file)
    if (code.text.includes(address)) found.set(file, readOnce(code))
  })
  ofProjects.set(project, found)
  return found
}

/** The code of a file is the same as long as its text is. */
const readings = new WeakMap<object, FileSuppressions>()

function readOnce(code: { readonly text: string }): FileSuppressions {
  let read = readings.get(code)
  if (read === undefined) {
    read = readSuppressions(code.text)
    readings.set(code, read)
  }
  return read
}

/** Tells whether a comment suppresses what a rule finds at an offset of a file. */
export function suppressionIn(project: Project): (rule: string, file: string, offset: Offset) => boolean {
  const byName = new Map([...suppressionsOf(project)].map(([id, said]) => [project.files[id]!.file, said.suppressions]))
  return (rule, file, offset) =>
    byName.get(file)?.some((each) => each.covers(rule, { start: offset, end: offset + 1 })) === true
}

/** Takes what comments suppress from what was found. What several suppress needs all of them. */
export function withoutSuppressed(project: Project, found: Diagnostic[]): Diagnostic[] {
  const said = suppressionsOf(project)
  return said.size === 0 ? found : divide(project, said, found).kept
}

/**
 * Takes what comments suppress from what was found, and adds what rules have to say of these comments.
 * @param rules that ran
 * @param complete makes of what a rule found what is told of it, empty where that is not to be told
 */
export function sortSuppressed(
  project: Project,
  found: Diagnostic[],
  rules: readonly Rule[],
  run: RulesRun,
  complete: (rule: Rule, finding: Finding) => readonly Diagnostic[],
): Sorted {
  const said = suppressionsOf(project)
  if (said.size === 0) return { diagnostics: found, uses: [] }
  const { kept, suppressed } = divide(project, said, found)
  const usesNow = (): SuppressionUse[] =>
    [...said].flatMap(([file, { suppressions }]) =>
      suppressions.map((each) => useOf(project, file, each, suppressed.get(each) ?? [], run)),
    )
  const asking = rules.filter(({ ofSuppressions }) => ofSuppressions !== undefined)
  if (asking.length === 0) return { diagnostics: kept, uses: usesNow() }
  const isTold = (file: FileId, { start }: { readonly start: Offset }): boolean => run.isCompiled(file, start)
  const context: SuppressionContext = {
    project,
    files: new Map(
      [...said].map(([file, { suppressions, misunderstood }]) => [
        file,
        {
          suppressions: suppressions.filter((each) => isTold(file, each)),
          misunderstood: misunderstood.filter((each) => isTold(file, each)),
        },
      ]),
    ),
    uses: usesNow().filter(({ file, suppression }) => isTold(file, suppression)),
  }
  const remarks = asking.flatMap((rule) =>
    [...rule.ofSuppressions!(context)].flatMap((finding) => complete(rule, finding)),
  )
  const second = divide(project, said, remarks)
  for (const [each, list] of second.suppressed) for (const one of list) addTo(suppressed, each, one)
  return { diagnostics: [...kept, ...second.kept], uses: usesNow() }
}

/** What is suppressed, and what is not. */
function divide(
  project: Project,
  said: ReadonlyMap<FileId, FileSuppressions>,
  found: readonly Diagnostic[],
): { readonly kept: Diagnostic[]; readonly suppressed: Map<Suppression, Diagnostic[]> } {
  const byName = new Map([...said].map(([file, { suppressions }]) => [project.files[file]!.file, suppressions]))
  const suppressed = new Map<Suppression, Diagnostic[]>()
  const kept = found.filter((diagnostic) => {
    const { rule, file } = diagnostic
    // What is for all rules would hide what is said of it.
    const isFor = ({ rules }: Suppression): boolean => rules.length > 0 || !isAboutSuppressions(rule)
    const covering = byName.get(file)?.filter((each) => isFor(each) && each.covers(rule, diagnostic)) ?? []
    for (const each of covering) addTo(suppressed, each, diagnostic)
    return covering.length === 0
  })
  return { kept: withoutChangesOf(kept, [...suppressed.values()].flat()), suppressed }
}

/** What is suppressed is not fixed, be it by the fix of another finding. */
function withoutChangesOf(kept: Diagnostic[], suppressed: readonly Diagnostic[]): Diagnostic[] {
  const changes = new Set(suppressed.flatMap(({ fix }) => (fix?.kind === 'project' ? [fix.change] : [])))
  if (changes.size === 0) return kept
  const note = 'there is a fix, which would change what is suppressed, too'
  return kept.map((each) =>
    each.fix?.kind === 'project' && changes.has(each.fix.change)
      ? { ...each, fix: null, notes: [...each.notes, note] }
      : each,
  )
}

function useOf(
  project: Project,
  file: FileId,
  suppression: Suppression,
  suppressed: readonly Diagnostic[],
  run: RulesRun,
): SuppressionUse {
  const needed = new Set(suppressed.map(({ rule }) => rule))
  const name = project.files[file]!.file
  const { rules } = suppression
  const idle = rules.filter((each) => !needed.has(each.name) && !isAboutSuppressions(each.name))
  const isClear = !isUnclear(project, file, suppression)
  const looked = (): boolean => isClear && (needed.size > 0 || run.isCompiled(file, suppression.start))
  const unneeded = idle.length > 0 && looked() ? idle.filter((each) => run.ran(each.name, name)) : []
  return {
    file,
    suppression,
    suppressed,
    unneeded,
    isUnneeded:
      rules.length === 0 ? needed.size === 0 && run.ranAll(name) && looked() : unneeded.length === rules.length,
    unknown: rules.flatMap((rule) => (run.known.has(rule.name) ? [] : [{ rule, near: similar(rule.name, run.known) }])),
  }
}

/** Whether a rule is one on suppressions: whether those are needed is known only when all others are. */
export const isAboutSuppressions = (rule: string): boolean => /(?:^|-)suppression(?:-|$)/.test(rule)
