import { createHash } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { dirname, relative, resolve, sep } from 'node:path'
import {
  type Baseline,
  compare,
  type KnownFindings,
  knownFrom,
  knownWith,
  readBaseline,
  showBaseline,
} from '../analyzer/check/baseline.ts'
import type { Located, Problem, Run } from '../analyzer/check/diagnostic.ts'
import { nameOf } from '../analyzer/store/disk.ts'
import { currentDirectory, isIn } from '../analyzer/store/places.ts'
import { reason } from '../analyzer/store/reason.ts'
import { systemPath } from '../analyzer/store/system-path.ts'
import { printable } from '../reports/printable.ts'
import { count } from '../reports/tally.ts'
import { UsageError } from './exit.ts'
import { commonDirectory, directoriesUpFrom, repositoryOf, wouldBe } from './places.ts'
import type { BaseCommit, OtherFiles } from './revisions.ts'
import { writeOutput } from './write/output.ts'
import { bytesAt } from './write/stage.ts'

/** What of the command line says which findings are known. */
export interface BaselineOptions {
  /** `--baseline`; null to look for one. */
  readonly file: string | null
  /** `--no-baseline` */
  readonly isOff: boolean
  /** `--baseline-strict`: what is known and not found any more is a finding. */
  readonly isStrict: boolean
}

/** What it is called where nobody says otherwise. */
export const baselineName = 'abi3lint-baseline.jsonl'

/** A file with findings that are known, not understood yet: who has its answer already does without. */
export interface FoundBaseline {
  /** As messages name it. */
  readonly path: string
  readonly bytes: Buffer
  /** Of the bytes. */
  readonly digest: string
}

/**
 * The baseline that is named, or the nearest one, from what is asked for up to its repository.
 * @param roots what is asked for, by its real paths
 * @param others files that are to be taken as they are elsewhere; one that is named and not there is as on the disk
 * @returns null where none is named and none is there
 * @throws UsageError where the one that is named is not there, and where one cannot be read
 */
export function findBaseline(
  { file, isOff }: Pick<BaselineOptions, 'file' | 'isOff'>,
  roots: readonly string[],
  others: OtherFiles | null,
): FoundBaseline | null {
  const path = isOff ? null : (file ?? nearest(roots, others))
  if (path === null) return null
  const bytes = others?.get(resolve(currentDirectory(), path)) ?? bytesOfBaseline(path)
  if (bytes === null) throw new UsageError(`${path} is not there; \`abi3lint baseline create\` writes it`)
  return { path, bytes: Buffer.from(bytes), digest: createHash('sha256').update(bytes).digest('hex') }
}

/** Findings that are known, in a file. */
export class BaselineFile {
  /** As messages name it. */
  readonly path: string
  /** With names of files relative to the current directory. */
  readonly baseline: Baseline

  /**
   * @param isStrict whether what is gone is an error
   * @throws UsageError where the file is no baseline
   */
  constructor(
    { path, bytes }: FoundBaseline,
    private readonly isStrict: boolean,
  ) {
    const found = readBaseline(bytes.toString('utf8'))
    if (typeof found === 'string') throw new UsageError(`${path}: ${found}`)
    const directory = dirname(resolve(path))
    const root = currentDirectory()
    const entries = found.entries.map((each) => ({ ...each, file: nameOf(root, resolve(directory, each.file)) }))
    this.path = path
    this.baseline = { ...found, entries }
  }

  /**
   * A run without the findings that are known. Of these none is known to be gone where not all of the directory of the
   * baseline was asked for, since code goes from file to file, nor by rules that did not run, nor with other targets.
   * @param roots what was asked for, by its real paths
   */
  apply(run: Run, roots: readonly string[]): AppliedBaseline {
    const { fresh, known, gone } = compare(run.diagnostics, this.baseline.entries)
    const rules = new Set(run.rules.map(({ name }) => name))
    const directory = wouldBe(dirname(resolve(this.path)))
    const isWhole = this.isFor(run) && roots.some((each) => isIn(directory, each))
    const left = gone.reduce((sum, { rule, count }) => sum + (isWhole && rules.has(rule) ? count : 0), 0)
    const stale = this.isStrict && left > 0 ? staleBaseline(this.path, left) : null
    return {
      run: { ...run, diagnostics: fresh, baseline: { name: this.path, known: known.length, gone: left, stale } },
      known,
      unseen: gone.filter(({ rule }) => !isWhole || !rules.has(rule)),
    }
  }

  /** Whether a run has the targets of the baseline. */
  isFor({ targets }: Run): boolean {
    return String(targets) === String(this.baseline.targets)
  }

  /** Why a run says little beside the baseline; to go after `note: ` or `error: `. */
  mismatch({ targets }: Run): string {
    const [own, others] = [this.baseline.targets, targets].map((each) => each.join(', '))
    return `${this.path} is for ${own}, and this run for ${others}: --target says what is meant`
  }

  /** What is known from now on. */
  with(found: readonly Located[], unseen: readonly KnownFindings[]): Baseline {
    return { ...this.baseline, entries: knownWith(found, unseen) }
  }
}

/** What is told of entries that nothing needs where that is an error. */
const staleBaseline = (file: string, gone: number): Problem => ({
  file,
  message: `has ${count(gone, 'finding')} that ${gone === 1 ? 'is' : 'are'} no longer there: ${pruning(gone)}`,
  severity: 'error',
})

const pruning = (gone: number): string => `\`abi3lint baseline prune\` takes ${gone === 1 ? 'it' : 'them'} out`

/**
 * A run without the findings of a commit.
 * @param run without those of the baseline
 * @param before the run on the commit, without those of the baseline: what both have counts once
 * @param roots what was asked for, by its real paths
 */
export function besideCommit(run: Run, { name }: BaseCommit, before: Run, roots: readonly string[]): Run {
  const { fresh, known, gone: away } = compare(run.diagnostics, knownFrom(before.diagnostics))
  // What was elsewhere may have gone anywhere.
  const gone = away.filter(({ file }) => roots.some((each) => isIn(resolve(file), each)))
  const left = gone.reduce((sum, each) => sum + each.count, 0)
  const all = (run.baseline?.known ?? 0) + known.length
  const stale = run.baseline?.stale ?? null
  return { ...run, diagnostics: fresh, baseline: { name, known: all, gone: left, stale } }
}

/** What a run is beside what is known. */
export interface AppliedBaseline {
  /** With the findings that are not known. */
  readonly run: Run
  readonly known: readonly Located[]
  /** What is known, and was not found since it was not looked for. */
  readonly unseen: readonly KnownFindings[]
}

/** What is to be said of what is gone; empty for nothing. */
export function noteOnGone({ baseline }: Run): string {
  if (baseline === null || baseline.gone === 0) return ''
  const what = `${count(baseline.gone, 'finding')} of ${printable(baseline.name)}`
  const are = baseline.gone === 1 ? 'is' : 'are'
  return `${baseline.stale ? 'error' : 'note'}: ${what} ${are} no longer there: ${pruning(baseline.gone)}\n`
}

/**
 * Writes a baseline, whole or not at all.
 * @param baseline with names of files relative to the current directory
 * @throws UsageError where it cannot be
 */
export function writeBaseline(path: string, { targets, entries }: Baseline): void {
  const directory = dirname(resolve(path))
  const root = currentDirectory()
  const slashed = (name: string): string => relative(directory, resolve(root, name)).split(sep).join('/')
  const text = showBaseline({ targets, entries: entries.map((each) => ({ ...each, file: slashed(each.file) })) })
  try {
    writeOutput(path, () => [text])
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${reason(error)}`)
  }
}

/** The findings of a run as what is known from now on. */
export const knownIn = ({ targets, diagnostics }: Run): Baseline => ({ targets, entries: knownFrom(diagnostics) })

/** The nearest baseline, as messages name it; null for none. */
function nearest(roots: readonly string[], others: OtherFiles | null): string | null {
  const current = currentDirectory()
  const start = startOf(roots)
  const repository = repositoryOf(start)
  for (const directory of directoriesUpFrom(start)) {
    const path = resolve(directory, baselineName)
    const other = others?.get(path)
    if (other === undefined ? existsSync(systemPath(path)) : other !== null) return relative(current, path)
    if (repository === null || directory === repository) break
  }
  return null
}

/** Where a baseline for what is asked for is written: in the current directory, if that is of the same repository. */
export const newBaseline = (roots: readonly string[]): string =>
  relative(currentDirectory(), resolve(startOf(roots), baselineName))

/** The current directory, if what is asked for is below it or in its repository; else the one that holds all of it. */
function startOf(roots: readonly string[]): string {
  const current = currentDirectory()
  if (roots.length === 0) return current
  const common = commonDirectory(roots.map((each) => (isDirectory(each) ? each : dirname(each))))
  const isHere = isIn(common, current) && repositoryOf(common) === repositoryOf(current)
  const isOfSame = repositoryOf(current) !== null && repositoryOf(common) === repositoryOf(current)
  return isHere || isOfSame ? current : common
}

const isDirectory = (path: string): boolean =>
  statSync(systemPath(path), { throwIfNoEntry: false })?.isDirectory() === true

/** What stands in a file; null where there is none. @throws UsageError where it cannot be read */
export function bytesOfBaseline(path: string): Buffer | null {
  try {
    return bytesAt(path)
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${reason(error)}`)
  }
}
