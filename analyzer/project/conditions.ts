import type { Expansion, FileFacts, RegionOfFile } from '../facts/file-facts.ts'
import type { Api } from '../knowledge/api.ts'
import type { Target } from '../knowledge/target.ts'
import type { Environment, Verdict } from '../preprocess/condition.ts'
import { addAll } from '../source/lists.ts'
import type { FileId, Offset, RegionId } from '../source/text.ts'
import type { IncludeGraph } from './includes.ts'
import type { PreprocessedProject } from './macro-states.ts'
import { type Reading, UnitReader } from './unit-reader.ts'

/** Where something stands that may be compiled; what a macro makes has the expansion that makes it. */
export interface Conditional {
  readonly region: RegionId
  readonly expansion?: Expansion
}

const opposite: Readonly<Record<Verdict, Verdict>> = { yes: 'no', unknown: 'unknown', no: 'yes' }

/** What is true only of two things together. */
export const worse = (a: Verdict, b: Verdict): Verdict =>
  a === 'no' || b === 'no' ? 'no' : a === 'unknown' || b === 'unknown' ? 'unknown' : 'yes'

/** What is true of one of two things. */
export const better = (a: Verdict, b: Verdict): Verdict => opposite[worse(opposite[a], opposite[b])]

/** The best of several verdicts, asked for until one is `yes`. */
function best<T>(items: Iterable<T>, ask: (item: T) => Verdict): Verdict {
  let result: Verdict = 'no'
  for (const item of items) {
    const verdict = ask(item)
    if (verdict === 'yes') return 'yes'
    if (verdict === 'unknown') result = 'unknown'
  }
  return result
}

/**
 * Answers, for one target, which code of the project is compiled: reads each translation unit as a preprocessor does,
 * from its first directive to its last, with macros that are defined, not defined or unknown.
 */
export class Conditions {
  private readonly units = new Map<number, Reading>()
  private readonly environments = new Map<FileId, (offset: Offset) => Environment>()
  private started = false

  private readonly reader: UnitReader
  private readonly files: readonly FileFacts[]
  private readonly graph: IncludeGraph

  /**
   * @param absent which macros that nothing is known of are taken as not defined, instead of as unknown
   * @param isRead which translation units are read, by their first files; nothing is known of the others
   */
  constructor(
    project: PreprocessedProject,
    api: Api,
    target: Target,
    absent: (name: string) => boolean = () => false,
    private readonly isRead: (root: FileId) => boolean = () => true,
  ) {
    this.reader = new UnitReader(project, api, target, absent)
    this.files = project.files
    this.graph = project.graph
  }

  /** Whether a region of a file is compiled for the target, in some translation unit. */
  verdict(file: FileId, region: RegionId): Verdict {
    this.start()
    return this.reader.verdicts[file]![region]!
  }

  /** Whether a region of a file is compiled where a translation unit, given by its first file, reads that file. */
  verdictIn(root: number, file: FileId, region: RegionId): Verdict {
    this.start()
    return best(this.readingsIn(root).get(file) ?? [], (reading) => reading.verdicts[region]!)
  }

  /** The first files of the translation units that are read and that a file is part of. */
  rootsOf(file: FileId): readonly FileId[] {
    return this.graph.roots(file).filter(this.isRead)
  }

  /** Whether a fact of a file is compiled, in some translation unit: its region, and what makes it. */
  verdictOf(file: FileId, { region, expansion }: Conditional): Verdict {
    const verdict = this.verdict(file, region)
    if (verdict === 'no' || expansion === undefined) return verdict
    let made = this.made.get(expansion)
    if (made === undefined) {
      made = best(this.rootsOf(expansion.file), (root) => this.madeIn(root, expansion))
      this.made.set(expansion, made)
    }
    return worse(verdict, made)
  }

  /** The same where a translation unit, given by its first file, reads the file. */
  verdictOfIn(root: number, file: FileId, { region, expansion }: Conditional): Verdict {
    const verdict = this.verdictIn(root, file, region)
    return verdict === 'no' || expansion === undefined ? verdict : worse(verdict, this.madeIn(root, expansion))
  }

  /** Whether a translation unit makes what an expansion makes. */
  private madeIn(root: number, { file, region, definitions, undefinitions }: Expansion): Verdict {
    const read = this.readingsIn(root)
    // A header may not have been found where it is included; one that was, in a branch that is left out, is not read.
    const found = this.graph.closure(root)
    const verdictOf = (place: RegionOfFile): Verdict =>
      read.has(place.file) || found.has(place.file)
        ? this.verdictIn(root, place.file, place.region)
        : this.verdict(place.file, place.region)
    let result = this.verdictIn(root, file, region)
    for (const place of definitions) {
      if (result === 'no') return 'no'
      result = worse(result, verdictOf(place))
    }
    for (const place of undefinitions) {
      if (result === 'no') return 'no'
      result = worse(result, opposite[verdictOf(place)])
    }
    return result
  }

  private start(): void {
    if (this.started) return
    this.started = true
    const reached = new Set<number>()
    const read = (root: number): void => {
      if (!this.isRead(root)) return
      this.units.set(root, this.reader.readUnit(root))
      reached.add(root)
      for (const file of this.graph.closure(root)) reached.add(file)
    }
    this.files.forEach((_, file) => {
      if (this.graph.includers[file]!.length === 0) read(file)
    })
    // Headers that include each other and are included by nobody else.
    this.files.forEach((_, file) => {
      if (!reached.has(file)) read(this.graph.roots(file)[0]!)
    })
  }

  private readonly made = new Map<Expansion, Verdict>()
  private readonly flat = new Map<number, ReadonlyMap<number, ReadonlySet<Reading>>>()

  /** All readings of one translation unit, by file. */
  private readingsIn(root: number): ReadonlyMap<number, ReadonlySet<Reading>> {
    const known = this.flat.get(root)
    if (known) return known
    const found = new Map<number, Set<Reading>>()
    const unit = this.units.get(root)
    const todo = unit ? [unit] : []
    while (todo.length > 0) {
      const reading = todo.pop()!
      const set = found.get(reading.file) ?? new Set()
      if (set.has(reading)) continue
      found.set(reading.file, set.add(reading))
      addAll(todo, reading.within)
    }
    this.flat.set(root, found)
    return found
  }

  /**
   * What macros mean at a place of a file, in the first translation unit that it is part of.
   * @param offset in bytes
   */
  environmentAt(file: FileId, offset: Offset): Environment {
    this.start()
    let environments = this.environments.get(file)
    if (!environments) {
      environments = this.reader.environmentsOf(file, this.rootsOf(file)[0] ?? file)
      this.environments.set(file, environments)
    }
    return environments(offset)
  }
}
