import posix from 'path-browserify'
import type { IncludeFact } from '../facts/file-facts.ts'
import type { Verdict } from '../preprocess/condition.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset } from '../source/text.ts'

/** An include that brings `Python.h`. */
export interface PythonInclude {
  readonly include: IncludeFact
  /** Whether it is compiled and does bring it. */
  readonly verdict: Exclude<Verdict, 'no'>
  /** The project's header that brings it; -1 for `Python.h` itself or a header outside the project. */
  readonly through: number
}

/** Headers of others that include `Python.h`. */
const bringers = new RegExp(
  `^(?:${[
    String.raw`numpy\/(?:arrayobject|ndarrayobject|ufuncobject)\.h`,
    String.raw`pybind11\/.*\.h`,
    String.raw`nanobind\/.*\.h`,
    String.raw`boost\/python(?:\.hpp|\/.*\.hpp)`,
  ].join('|')})$`,
)

/** Whether a header that is none of the project's is `Python.h`, or one of others that includes it. */
export const isPythonHeader = (path: string): boolean => /(?:^|\/)Python\.h$/.test(path) || bringers.test(path)

/** The file of the project that an include names; -1 for none. */
export function includedFile(model: ProjectModel, file: FileId, { path }: IncludeFact): number {
  const tail = posix.normalize(path).replace(/^(?:\.\.?\/)+/, '')
  return (
    model.project.graph.direct[file]!.find((index) => {
      const name = model.files[index]!.file
      return name === tail || name.endsWith(`/${tail}`)
    }) ?? -1
  )
}

const memos = new WeakMap<ProjectModel, Map<number, PythonInclude | null>>()

/** The first include of a file that brings `Python.h`, itself or through headers; null where none does. */
export function firstPythonInclude(model: ProjectModel, file: FileId): PythonInclude | null {
  let memo = memos.get(model)
  if (!memo) {
    memo = new Map()
    memos.set(model, memo)
  }
  const known = memo.get(file)
  if (known !== undefined) return known
  // Headers that include each other: what is being looked at brings nothing new.
  memo.set(file, null)
  let result: PythonInclude | null = null
  for (const include of model.files[file]!.includes) {
    const active = model.active(file, include.region)
    if (active === 'no') continue
    const outside = isPythonHeader(include.path)
    const through = outside ? -1 : includedFile(model, file, include)
    const inner = through < 0 ? null : firstPythonInclude(model, through)
    if (!outside && inner === null) continue
    result = { include, verdict: active === 'yes' && inner?.verdict !== 'unknown' ? 'yes' : 'unknown', through }
    break
  }
  memo.set(file, result)
  return result
}

/** Whether a file includes `Python.h`, and then defines a macro, before a place, in every build. */
export function isDefinedBehindPython(model: ProjectModel, file: FileId, name: string, place: Offset): boolean {
  const python = firstPythonInclude(model, file)
  return (
    python?.verdict === 'yes' &&
    model.files[file]!.macros.some(
      (macro) =>
        macro.name === name &&
        python.include.offset < macro.offset &&
        macro.offset < place &&
        model.active(file, macro.region) === 'yes',
    )
  )
}
