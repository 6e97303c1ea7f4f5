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
  private readonly outside: OutsideInclude[] = []
  /** By file: from which offset on how many of them have been met. */
  private readonly met = new Map<FileId, { readonly offsets: Offset[]; readonly counts: number[] }>()

  /** @param root the file that nobody includes */
  constructor(
    private readonly model: ProjectModel,
    private readonly root: FileId,
  ) {
    this.read(root)
  }

  /** The files of the unit that are compiled, in the order in which they are met. */
  get files(): readonly FileId[] {
    return [...this.met.keys()]
  }

  /** Those of others that stand before a place, in the order of the preprocessor. */
  before(file: FileId, offset: Offset): readonly OutsideInclude[] {
    const { offsets, counts } = this.met.get(file)!
    return this.outside.slice(0, counts[lastUpTo(offsets, offset)])
  }

  private read(file: FileId): void {
    const met = { offsets: [0], counts: [this.outside.length] }
    this.met.set(file, met)
    const { model, root } = this
    const targets = model.project.graph.targets[file]!
    model.files[file]!.includes.forEach(({ path, region, offset }, index) => {
      const verdict = model.conditions.verdictIn(root, file, region)
      if (verdict === 'no') return
      const target = targets[index] ?? null
      if (target === null) this.outside.push({ path, isPython: isPythonHeader(path), isSure: verdict === 'yes' })
      else if (!this.met.has(target)) this.read(target)
      met.offsets.push(offset + 1)
      met.counts.push(this.outside.length)
    })
  }
}
