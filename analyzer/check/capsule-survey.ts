import type { ProjectModel } from '../project/model.ts'
import { type CapsuleMade, type CapsuleUsed, capsulesOf } from '../semantics/capsules.ts'
import { addTo } from '../source/multimap.ts'
import { type FileId, Lines } from '../source/text.ts'

/** A capsule that code makes, or that it asks for. */
export interface SurveyedCapsule {
  /** The place of the call: line and column are from 1, the column in characters. */
  readonly file: string
  readonly line: number
  readonly column: number
  /** `made`: by `PyCapsule_New`. `used`: what it holds is asked for. */
  readonly what: 'made' | 'used'
  /** The function of CPython's that is called. */
  readonly by: string
  /** The function or the macro that the call stands in. */
  readonly function: string
  /** What its name may be, empty for `NULL`; no item where that is not known. */
  readonly names: readonly string[]
  /** Of one that is made what it is for; else null. */
  readonly kind: CapsuleMade['kind'] | null
  /** Of one that is made where its pointer may point to; else nothing. */
  readonly memory: readonly string[]
  /** Of one that is made what frees that: `none`, `unknown` or the name of a function; else null. */
  readonly destructor: string | null
  /** Of one that is made where it goes: `attribute _C_API`, `returned`; else nothing. */
  readonly goals: readonly string[]
  /** Why the target may not compile it. */
  readonly doubts: readonly string[]
}

/** The capsules of a project, by the file that the calls stand in. */
export function surveyCapsules(model: ProjectModel): ReadonlyMap<FileId, readonly SurveyedCapsule[]> {
  const found = new Map<FileId, SurveyedCapsule[]>()
  const { made, used } = capsulesOf(model)
  const lines = new Map<FileId, Lines>()
  const all: readonly (CapsuleMade | CapsuleUsed)[] = [...made, ...used]
  for (const each of [...all].sort((a, b) => a.file - b.file || a.call.span.start - b.call.span.start)) {
    const { file, call, around, names, doubts } = each
    if (!lines.has(file)) lines.set(file, new Lines(model.project.code(file).text))
    const shared = {
      ...{ file: model.files[file]!.file, ...lines.get(file)!.position(call.span.start) },
      function: around.name,
      names,
      doubts,
    }
    addTo(
      found,
      file,
      'called' in each
        ? { ...shared, what: 'used', by: each.called, kind: null, memory: [], destructor: null, goals: [] }
        : {
            ...shared,
            what: 'made',
            by: 'PyCapsule_New',
            kind: each.kind,
            memory: [...new Set(each.origins.map(({ kind }) => kind))],
            destructor: typeof each.destructor === 'string' ? each.destructor : each.destructor.code.name,
            goals: [...new Set(each.goals.map(({ kind, names: keys }) => [kind, ...keys].join(' ')))],
          },
    )
  }
  return found
}
