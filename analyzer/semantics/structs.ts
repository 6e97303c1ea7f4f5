import { operandsAround } from '../code/placement.ts'
import { calleeName } from '../code/values.ts'
import type { CompleteTypeUse, Use } from '../facts/file-facts.ts'
import type { CType } from '../knowledge/ctype.ts'
import type { StructFact } from '../knowledge/table.ts'
import type { Minor } from '../knowledge/version.ts'
import type { ProjectModel } from '../project/model.ts'
import { structBehind } from '../project/typing.ts'
import type { FileId, Offset } from '../source/text.ts'
import { argumentDoubts, structDoubts } from './availability.ts'

/** A place that needs the size of a struct that the target hides. */
export interface HiddenSize {
  readonly file: FileId
  readonly need: CompleteTypeUse
  readonly struct: StructFact
  /** A type object as a variable or a field, which has a rule of its own. */
  readonly isTypeObject: boolean
  /** The level from which on the Limited API shows the struct; null for none. */
  readonly shownFrom: Minor | null
  /** Why a compiler may not object after all; empty for no doubt. */
  readonly doubts: readonly string[]
}

/** All of them that the target compiles. Where not even the struct's name is declared, the name is what to report. */
export function* hiddenSizes(model: ProjectModel): Iterable<HiddenSize> {
  for (const [file, facts] of model.files.entries()) {
    for (const need of facts.completeTypeUses) {
      if (model.activeFact(file, need) === 'no') continue
      const structs = hiddenSizesOf(model, file, need).filter(({ name }) => model.declares(name))
      if (structs.length === 0) continue
      const dropped = argumentDoubts(model, file, callsAround(model, file, need.start))
      if (dropped === 'no') continue
      for (const struct of structs) {
        const isTypeObject = struct.name === 'PyTypeObject' && (need.how === 'variable' || need.how === 'field')
        const shownFrom = model.api.completeFrom(struct, model.target)
        const doubts = [...structDoubts(model, file, struct, need), ...dropped]
        yield { file, need, struct, isTypeObject, shownFrom, doubts }
      }
    }
  }
}

/** The calls that a place is an operand of, with the number of that operand, also in the body of a macro. */
function callsAround(model: ProjectModel, file: FileId, place: Offset): Use['within'] {
  const around = model.project.code(file).codeAt(place)
  return (around ? operandsAround(around, place) : []).flatMap(({ call, index }) => {
    const name = calleeName(call)
    return name === null ? [] : [[name, index] as const]
  })
}

/** The structs whose size something needs: of the parameter of a macro all those that calls of it pass. */
function hiddenSizesOf(model: ProjectModel, file: FileId, need: CompleteTypeUse): readonly StructFact[] {
  if (typeof need.of === 'string') return [hiddenStruct(model, file, need.of) ?? []].flat()
  const found = new Set<StructFact>()
  for (const type of model.typesOf(file, need.of, need.start, need.macro)) {
    const struct = /[*)]$/.test(type) ? null : hiddenStruct(model, file, type)
    if (struct) found.add(struct)
  }
  return [...found]
}

/**
 * The struct of the C API that a type is or points to, if the target hides it: its name may be declared, but not what
 * is in it. Null for all other types, and for structs of that name that the project defines itself.
 */
export function hiddenStruct(model: ProjectModel, file: FileId, type: CType): StructFact | null {
  const name = structBehind(model.apiType(file, type))
  const struct = name === null ? null : model.api.struct(name)
  if (struct === null || model.api.complete(struct, model.target)) return null
  return model.definesStruct(file, struct) === 'yes' ? null : struct
}
