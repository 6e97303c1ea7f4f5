import type { ProjectModel } from '../project/model.ts'
import { lastUpTo } from '../source/search.ts'
import type { FileId, Offset } from '../source/text.ts'
import { isPythonHeader } from './python-include.ts'

/** An include of a header that is none of the project's. */
export interface OutsideInclude {
  readonly path: string
  /** Whether it is `Python.h`, or a header of others that includes it. */
  readonly isPython: boolean
  /** Whether it is compiled in every build. */
  readonly isSure: boolean
}

/** The includes of a translation unit in the order in which a preprocessor meets them, each file read once. */
export class UnitIncludes {
  /** Those that are compiled, of headers that are none of the project's, in the order of the preprocessor. */
  readonly outside: readonly OutsideInclude[]
  /** By file: from which offset on how many of them have been met. */
  private readonly met = new Map<FileId, { readonly offsets: Offset[]; readonly counts: number[] }>()

  /** @param root the file that nobody includes */
  constructor(model: ProjectModel, root: FileId) {
    const outside: OutsideInclude[] = []
    // The files that are open, each with the number of its next include.
    const open: { readonly file: FileId; next: number }[] = []
    const enter = (file: FileId): void => {
      this.met.set(file, { offsets: [0], counts: [outside.length] })
      open.push({ file, next: 0 })
    }
    const leave = (file: FileId, offset: Offset): void => {
      const { offsets, counts } = this.met.get(file)!
      offsets.push(offset + 1)
      counts.push(outside.length)
    }
    enter(root)
    for (let at = open.at(-1); at !== undefined; at = open.at(-1)) {
      const { file } = at
      const include = model.files[file]!.includes[at.next]
      if (include === undefined) {
        open.pop()
        const around = open.at(-1)
        if (around) leave(around.file, model.files[around.file]!.includes[around.next - 1]!.offset)
        continue
      }
      const target = model.project.graph.targets[file]![at.next++] ?? null
      const { path, region, offset } = include
      const verdict = model.conditions.verdictIn(root, file, region)
      if (verdict === 'no') continue
      if (target !== null && !this.met.has(target)) {
        enter(target)
        continue
      }
      if (target === null) outside.push({ path, isPython: isPythonHeader(path), isSure: verdict === 'yes' })
      leave(file, offset)
    }
    this.outside = outside
  }

  /** The files of the unit that are compiled, in the order in which they are met. */
  get files(): readonly FileId[] {
    return [...this.met.keys()]
  }

  /** How many of those outside stand before a place. */
  countBefore(file: FileId, offset: Offset): number {
    const { offsets, counts } = this.met.get(file)!
    return counts[lastUpTo(offsets, offset)]!
  }
}
