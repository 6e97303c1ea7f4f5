import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { dirname, relative, resolve, sep } from 'node:path'
import {
  type Baseline,
  compare,
  type KnownFindings,
  knownFrom,
  readBaseline,
  showBaseline,
  without,
} from '../analyzer/check/baseline.ts'
import type { Run } from '../analyzer/check/diagnostic.ts'
import { nameOf } from '../analyzer/store/disk.ts'
import { currentDirectory, isIn } from '../analyzer/store/places.ts'
import { reason } from '../analyzer/store/reason.ts'
import { systemPath } from '../analyzer/store/system-path.ts'
import { printable } from '../reports/printable.ts'
import { count } from '../reports/tally.ts'
import { UsageError } from './exit.ts'
import { directoriesUpFrom, repositoryOf, wouldBe } from './places.ts'
import type { BaseCommit } from './revisions.ts'
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

/** Findings that are known, in a file. */
export class BaselineFile {
  private readonly root = currentDirectory()

  /**
   * @param path as messages name it
   * @param baseline with names of files relative to the current directory
   * @param digest of what stands in it
   */
  private constructor(
    readonly path: string,
    readonly baseline: Baseline,
    readonly digest: string,
  ) {}

  /**
   * The one that is named, or the nearest one from the current directory up to that of the repository.
   * @returns null where none is named and none is there
   * @throws UsageError where the one that is named is not there, and where one is none or cannot be read
   */
  static find({ file, isOff }: Pick<BaselineOptions, 'file' | 'isOff'>): BaselineFile | null {
    const path = isOff ? null : (file ?? nearest())
    if (path === null) return null
    const bytes = read(path)
    if (bytes === null) throw new UsageError(`${path} is not there; \`abi3lint baseline create\` writes it`)
    const found = readBaseline(bytes.toString('utf8'))
    if (typeof found === 'string') throw new UsageError(`${path}: ${found}`)
    const directory = dirname(resolve(path))
    const root = currentDirectory()
    const entries = found.entries.map((each) => ({ ...each, file: nameOf(root, resolve(directory, each.file)) }))
    return new BaselineFile(path, { ...found, entries }, createHash('sha256').update(bytes).digest('hex'))
  }

  /**
   * A run without the findings that are known.
   * @param roots what was asked for, by its real paths: of other files nothing is known to be gone, nor with other
   * targets
   */
  apply(run: Run, roots: readonly string[]): AppliedBaseline {
    const { fresh, known, gone } = compare(run.diagnostics, this.baseline.entries)
    const rules = new Set(run.rules.map(({ name }) => name))
    const isCovered = ({ rule, file }: KnownFindings): boolean =>
      rules.has(rule) && roots.some((each) => isIn(wouldBe(resolve(this.root, file)), each))
    const covered = String(run.targets) === String(this.baseline.targets) ? gone.filter(isCovered) : []
    const left = covered.reduce((sum, each) => sum + each.count, 0)
    return { run: { ...run, diagnostics: fresh, baseline: { name: this.path, known, gone: left } }, gone: covered }
  }

  /** Its entries without some. */
  without(gone: readonly KnownFindings[]): Baseline {
    return { ...this.baseline, entries: without(this.baseline.entries, gone) }
  }
}

/** A run without the findings of a commit. */
export function besideCommit(run: Run, { name }: BaseCommit, before: Run): Run {
  const { fresh, known, gone } = compare(run.diagnostics, knownFrom(before.diagnostics))
  const left = gone.reduce((sum, each) => sum + each.count, 0)
  return { ...run, diagnostics: fresh, baseline: { name, known: (run.baseline?.known ?? 0) + known, gone: left } }
}

/** What a run is beside what is known. */
export interface AppliedBaseline {
  /** With the findings that are not known. */
  readonly run: Run
  /** What is known, was looked for and not found. */
  readonly gone: readonly KnownFindings[]
}

/** What is to be said of what is gone; empty for nothing. */
export function noteOnGone({ baseline }: Run, isStrict: boolean): string {
  if (baseline === null || baseline.gone === 0) return ''
  const what = `${count(baseline.gone, 'finding')} of ${printable(baseline.name)}`
  const [are, them] = baseline.gone === 1 ? ['is', 'it'] : ['are', 'them']
  return `${isStrict ? 'error' : 'note'}: ${what} ${are} there no more: \`abi3lint baseline prune\` takes ${them} out\n`
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
function nearest(): string | null {
  const current = currentDirectory()
  const repository = repositoryOf(current)
  for (const directory of directoriesUpFrom(current)) {
    const path = resolve(directory, baselineName)
    if (existsSync(systemPath(path))) return relative(current, path)
    if (repository === null || directory === repository) break
  }
  return null
}

/** @throws UsageError */
function read(path: string): Buffer | null {
  try {
    return bytesAt(path)
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${reason(error)}`)
  }
}
