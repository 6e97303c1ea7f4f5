import { addAll } from '../source/lists.ts'
import { addTo } from '../source/multimap.ts'
import { applyEdits } from './edits.ts'
import type { Fix, ProjectEdits } from './fix.ts'
import { mayMake, rememberForeign } from './generated.ts'
import { withIncludes } from './includes.ts'
import { choose, type SettledFileFix, type SettledFix, settle } from './plan.ts'

/** Sources in which fixes are made until none is left. */

/** What has to be known of a finding to fix it. */
export interface Fixable {
  /** Name of the rule. */
  readonly rule: string
  /** The file that it is in, by the name that the snapshot's texts have. */
  readonly file: string
  readonly fix: Fix | null
}

/** One look at the project: its texts by file, what was found in them, and how much of each file is not understood. */
export interface Snapshot<Found extends Fixable> {
  /** One character per byte. */
  readonly texts: ReadonlyMap<string, string>
  readonly diagnostics: Found[]
  /** Bytes that the parser did not understand, by file. */
  readonly unparsed: ReadonlyMap<string, number>
}

/** How many findings were fixed, by the safety of the fix. */
export interface Made {
  readonly safe: number
  readonly unsafe: number
  /** What the unsafe fixes say that they change, each once, in the order in which they were made. */
  readonly differs: readonly string[]
}

/** What fixing came to. */
export interface Fixing<Found extends Fixable> {
  /** Files that were changed: their new texts, one character per byte. */
  readonly changes: ReadonlyMap<string, string>
  /** Findings whose fixes were made, by safety. */
  readonly made: Made
  /** The same by file; those of a change of several files are with the first of them. */
  readonly madeIn: ReadonlyMap<string, Made>
  /** The shims used, by the file that uses them. */
  readonly shims: ReadonlyMap<string, ReadonlySet<string>>
  /** The files that changes of several files at once have changed: they are written together, or not at all. */
  readonly together: ReadonlySet<string>
  /** Those of them that are new, and headers that were there, and are included now. */
  readonly added: ReadonlySet<string>
  /** Fixes that were taken back or left, and what they leave to be done by hand. */
  readonly problems: readonly { readonly file: string; readonly message: string; readonly severity: 'warning' }[]
  /** The project as it is with the changes. */
  readonly last: Snapshot<Found>
}

/** What is to be fixed, and how one sees what came of it. */
export interface FixRequest<Found extends Fixable> {
  /**
   * Whether a fix is to be made.
   * @param shims those that it uses, by the files that use them
   */
  wants(fix: SettledFix, shims: ReadonlyMap<string, Iterable<string>>): boolean
  /** Whether a file, for which there are fixes, may be changed. */
  mayEdit(file: string): boolean
  /** Leaves a file out of changes of several files from now on: it would be harder to read with one. */
  leaveOut(file: string): void
  /** Looks at the project with other texts, by file. */
  look(changes: ReadonlyMap<string, string>): Promise<Snapshot<Found>>
}

/** How often a file is looked at to find the fixes that make it worse. */
const mostLooks = 60

/** Rounds after which fixes that still lead to new ones are given up. */
const mostRounds = 10

/**
 * Makes the fixes of what was found, looks again, and so on until nothing is left to be made. Where a round makes a
 * file worse - more that is not understood, or more findings of a rule whose fix was made - those of its fixes that do
 * are found, taken back and not made any more.
 * @param first the project as it is
 * @throws what looking throws
 */
export async function fixAll<Found extends Fixable>(
  first: Snapshot<Found>,
  request: FixRequest<Found>,
): Promise<Fixing<Found>> {
  const rounds = new Rounds(first, request)
  for (let round = 0; ; round++) {
    for (let tries = round; tries < mostRounds; tries++) {
      const project = rounds.projectFix()
      if (project === null) break
      await rounds.makeProjectFix(project)
    }
    const chosen = rounds.choose()
    if (chosen.size > 0 && round < mostRounds) await rounds.make(chosen)
    else {
      rounds.leave(chosen)
      return rounds.result()
    }
  }
}

/** A fix that was chosen, and the rule that it is for. */
interface Chosen {
  readonly rule: string
  readonly fix: SettledFileFix
}

/** A change of several files, and the findings' fixes that it is. */
interface MadeTogether {
  readonly rule: string
  readonly edits: ProjectEdits
  readonly fixes: readonly SettledFix[]
}

/** How far it is found out which fixes of a file make it worse. */
interface Search {
  readonly file: string
  readonly fixes: readonly Chosen[]
  /** Those that together do not. */
  good: readonly Chosen[]
  /** Those that are still to be tried, the last ones first. */
  readonly groups: (readonly Chosen[])[]
}

type ChosenByFile = ReadonlyMap<string, readonly Chosen[]>

class Rounds<Found extends Fixable> {
  private readonly changes = new Map<string, string>()
  private readonly shims = new Map<string, Set<string>>()
  private readonly madeIn = new Map<string, Made>()
  private readonly together = new Set<string>()
  private readonly added = new Set<string>()
  /** Fixes that would have made their files worse. */
  private readonly taken = new Set<string>()
  private readonly problems: { file: string; message: string; severity: 'warning' }[] = []
  private readonly foreign = rememberForeign()
  /** Files that changes of several files leave out, since they would be harder to read. */
  private readonly leftOut = new Set<string>()
  /** Whether no change of several files is made any more. */
  private isRefused = false

  constructor(
    private now: Snapshot<Found>,
    private readonly request: FixRequest<Found>,
  ) {}

  /** The findings that are fixed together, in several files; null where there are none. */
  projectFix(): MadeTogether | null {
    if (this.isRefused) return null
    const wanted = this.now.diagnostics.flatMap(({ rule, fix }) =>
      fix?.kind === 'project' && this.request.wants(fix, fix.change.shims) ? [{ rule, fix, edits: fix.change }] : [],
    )
    const [first] = wanted
    const closed = [...(first?.edits.edits.keys() ?? [])].find((file) => !this.request.mayEdit(file))
    if (closed !== undefined) {
      this.isRefused = true
      this.report(closed, 'a change of several files would have changed it: a fault of abi3lint, please report it')
      return null
    }
    if (!first) return null
    const fixes = wanted.flatMap(({ edits, fix }) => (edits === first.edits ? [fix] : []))
    return { rule: first.rule, edits: first.edits, fixes }
  }

  /** Makes a change of several files; where one would be harder to read, it is to be asked for again without that. */
  async makeProjectFix({ rule, edits, fixes }: MadeTogether): Promise<void> {
    const next = new Map(this.changes)
    for (const [file, list] of edits.edits) next.set(file, applyEdits(this.now.texts.get(file)!, list))
    const made = [...(edits.files ?? [])]
    for (const [file, text] of made) next.set(file, text)
    const after = await this.request.look(next)
    const worse = [...edits.edits.keys()].find((file) => isLessUnderstood(file, this.now, after))
    if (worse !== undefined) {
      this.isRefused = this.leftOut.has(worse)
      this.leftOut.add(worse)
      this.report(
        worse,
        `what a change of several files (${rule}) would have done here was taken back, with what goes with it, since ` +
          `the file would have been harder to read; this is a fault of abi3lint, please report it`,
      )
      this.request.leaveOut(worse)
      this.now = await this.request.look(this.changes)
      return
    }
    for (const file of edits.edits.keys()) this.changes.set(file, next.get(file)!)
    for (const [file, text] of made) this.changes.set(file, text)
    for (const file of [...made.map(([each]) => each), ...(edits.included ?? [])]) this.added.add(file)
    for (const [file] of made) this.together.add(file)
    for (const [file, message] of edits.byHand ?? []) this.report(file, message)
    for (const [file, names] of edits.shims) this.addShims(file, names)
    for (const file of edits.edits.keys()) this.together.add(file)
    for (const fix of fixes) this.count([...edits.edits.keys()][0]!, fix)
    this.now = after
  }

  /** For each file the fixes that can be made at once. */
  choose(): ChosenByFile {
    const chosen = new Map<string, readonly Chosen[]>()
    for (const [file, found] of byFile(this.now.diagnostics)) {
      const text = this.now.texts.get(file)
      if (text === undefined) continue
      const foreign = this.foreign(file, text)
      const wanted = found.flatMap(({ rule, fix }) => {
        const settled = fix === null ? null : settle(fix, text)
        return settled?.kind === 'file' &&
          !this.taken.has(keyOf(file, { rule, fix: settled })) &&
          mayMake(settled, foreign) &&
          this.request.wants(settled, shimsOf(file, settled))
          ? [{ rule, fix: settled }]
          : []
      })
      if (wanted.length === 0 || !this.request.mayEdit(file)) continue
      for (const { fix } of wanted) if (isShimAlone(fix)) this.addShimAlone(file, fix)
      const edits = wanted.filter(({ fix }) => !isShimAlone(fix))
      if (edits.length > 0) chosen.set(file, choose(edits))
    }
    return chosen
  }

  async make(chosen: ChosenByFile): Promise<void> {
    const next = new Map(this.changes)
    for (const [file, fixes] of chosen) next.set(file, this.textWith(file, fixes))
    const after = await this.request.look(next)
    const worse = [...chosen].filter(([file, fixes]) => isWorse(file, fixes, this.now, after))
    const made = new Map(chosen)
    for (const { file, fixes, good } of await this.goodOf(worse)) {
      made.set(file, good)
      const kept = new Set(good)
      next.set(file, this.textWith(file, good))
      this.takeBack(
        file,
        fixes.filter((each) => !kept.has(each)),
      )
    }
    for (const [file, fixes] of made) {
      if (fixes.length === 0) continue
      this.changes.set(file, next.get(file)!)
      for (const { fix } of fixes) {
        this.count(file, fix)
        if (fix.shims.length > 0) this.addShims(file, fix.shims)
      }
    }
    this.now = worse.length > 0 ? await this.request.look(this.changes) : after
  }

  /**
   * Of fixes of files that together make these worse those that do not: halves are tried, and halves of these, for all
   * files at a time, so that many take as many looks as one.
   */
  private async goodOf(worse: readonly (readonly [string, readonly Chosen[]])[]): Promise<readonly Search[]> {
    const searches = worse.map(([file, fixes]): Search => ({ file, fixes, good: [], groups: halvesOf(fixes) }))
    const texts = new Map(this.changes)
    for (let looks = 0; looks < mostLooks; looks++) {
      const open = searches.filter(({ groups }) => groups.length > 0)
      if (open.length === 0) break
      const tries = open.map((search) => {
        const group = search.groups.pop()!
        const kept = new Set([...search.good, ...group])
        return { search, group, tried: search.fixes.filter((each) => kept.has(each)) }
      })
      for (const { search, tried } of tries) texts.set(search.file, this.textWith(search.file, tried))
      const after = await this.request.look(texts)
      for (const { search, group, tried } of tries) {
        const { file, good, groups } = search
        if (isWorse(file, tried, this.now, after)) {
          addAll(groups, halvesOf(group))
          texts.set(file, this.textWith(file, good))
        } else search.good = tried
      }
    }
    return searches
  }

  /** The text of a file with fixes of what was found last. */
  private textWith(file: string, fixes: readonly Chosen[]): string {
    return withFixes(this.now.texts.get(file)!, fixes)
  }

  /** Fixes that would have made a file worse are not made any more. */
  private takeBack(file: string, fixes: readonly Chosen[]): void {
    for (const each of fixes) this.taken.add(keyOf(file, each))
    const list = [...new Set(fixes.map(({ rule, fix }) => `${rule}: ${fix.title}`))].sort()
    const shown = list.length > 3 ? [...list.slice(0, 3), `${list.length - 3} more`] : list
    this.report(
      file,
      `${fixes.length} of its fixes ${fixes.length === 1 ? 'was' : 'were'} taken back, since the file would have ` +
        `been worse with that (${shown.join('; ')}); this is a fault of abi3lint, please report it`,
    )
  }

  /** Gives up fixes that are left after the last round. */
  leave(chosen: ChosenByFile): void {
    for (const [file, fixes] of chosen) {
      const rules = rulesOf(fixes).sort().join(', ')
      this.report(file, `has fixes left after ${mostRounds} rounds (${rules}); run it again`)
    }
  }

  result(): Fixing<Found> {
    const { changes, madeIn, shims, together, added, problems } = this
    return { changes, made: sumOf(madeIn.values()), madeIn, shims, together, added, problems, last: this.now }
  }

  /** What a fix adds that only puts shims into their header, which is written in the end. */
  private addShimAlone(file: string, fix: SettledFileFix): void {
    const { shims } = fix
    if (shims.every((name) => this.shims.get(file)?.has(name))) return
    this.addShims(file, shims)
    this.changes.set(file, this.now.texts.get(file)!)
    this.count(file, fix)
  }

  private count(file: string, fix: Pick<Fix, 'safety' | 'reason'>): void {
    const known = this.madeIn.get(file)
    this.madeIn.set(file, sumOf([...(known ? [known] : []), countOf(fix)]))
  }

  private addShims(file: string, names: Iterable<string>): void {
    const known = this.shims.get(file) ?? new Set()
    for (const name of names) known.add(name)
    this.shims.set(file, known)
  }

  private report(file: string, message: string): void {
    this.problems.push({ file, message, severity: 'warning' })
  }
}

const countOf = ({ safety, reason }: Pick<Fix, 'safety' | 'reason'>): Made =>
  safety === 'safe'
    ? { safe: 1, unsafe: 0, differs: [] }
    : { safe: 0, unsafe: 1, differs: reason.split('; ').filter((each) => each !== '') }

/** The sum of what was made. */
function sumOf(counts: Iterable<Made>): Made {
  let [safe, unsafe] = [0, 0]
  const differs = new Set<string>()
  for (const each of counts) {
    safe += each.safe
    unsafe += each.unsafe
    for (const reason of each.differs) differs.add(reason)
  }
  return { safe, unsafe, differs: [...differs] }
}

const byFile = <Found extends Fixable>(diagnostics: readonly Found[]): Map<string, Found[]> => {
  const files = new Map<string, Found[]>()
  for (const each of diagnostics) addTo(files, each.file, each)
  return files
}

const isShimAlone = ({ edits, includes, shims }: SettledFileFix): boolean =>
  shims.length > 0 && edits.length === 0 && includes.length === 0

/** The halves of a list, the second one first; none of one that cannot be halved. */
const halvesOf = <T>(list: readonly T[]): (readonly T[])[] =>
  list.length < 2 ? [] : [list.slice(list.length >> 1), list.slice(0, list.length >> 1)]

/** A fix for what a rule found in a file, whatever round makes it. */
const keyOf = (file: string, { rule, fix }: Chosen): string => `${file}\n${rule}\n${fix.title}`

/** The shims of a fix in a file. */
const shimsOf = (file: string, { shims }: SettledFileFix): ReadonlyMap<string, readonly string[]> =>
  new Map(shims.length > 0 ? [[file, shims]] : [])

/** The rules of fixes, each once. */
const rulesOf = (fixes: readonly { readonly rule: string }[]): string[] => [...new Set(fixes.map(({ rule }) => rule))]

/** Edits that several fixes share are made once. */
function withFixes(text: string, fixes: readonly { readonly fix: SettledFileFix }[]): string {
  const edits = new Map(
    fixes.flatMap(({ fix }) => fix.edits.map((edit) => [`${edit.start} ${edit.end} ${edit.text}`, edit] as const)),
  )
  const fixed = applyEdits(text, [...edits.values()])
  return withIncludes(fixed, [...new Set(fixes.flatMap(({ fix }) => fix.includes))].sort())
}

const isLessUnderstood = (file: string, before: Snapshot<Fixable>, after: Snapshot<Fixable>): boolean =>
  (after.unparsed.get(file) ?? 0) > (before.unparsed.get(file) ?? 0)

const ruleCounts = new WeakMap<Snapshot<Fixable>, ReadonlyMap<string, ReadonlyMap<string, number>>>()

/** How many findings of each rule a look at the project has in a file. */
function countsIn(look: Snapshot<Fixable>, file: string): ReadonlyMap<string, number> {
  let known = ruleCounts.get(look)
  if (!known) {
    const counts = new Map<string, Map<string, number>>()
    for (const each of look.diagnostics) {
      const rules = counts.get(each.file) ?? new Map<string, number>()
      counts.set(each.file, rules)
      rules.set(each.rule, (rules.get(each.rule) ?? 0) + 1)
    }
    known = counts
    ruleCounts.set(look, known)
  }
  return known.get(file) ?? new Map()
}

function isWorse(
  file: string,
  fixes: readonly { readonly rule: string }[],
  before: Snapshot<Fixable>,
  after: Snapshot<Fixable>,
): boolean {
  if (isLessUnderstood(file, before, after)) return true
  const count = (look: Snapshot<Fixable>, rule: string): number => countsIn(look, file).get(rule) ?? 0
  return rulesOf(fixes).some((rule) => count(after, rule) >= count(before, rule))
}
