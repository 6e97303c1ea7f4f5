import type { Value } from '../code/tree.ts'
import { bare, isNull, plainText, pointedName } from '../code/values.ts'
import { alternativesOf } from '../code/variables.ts'
import type { ProjectModel } from '../project/model.ts'
import type { RegionId, Span } from '../source/text.ts'
import { basesOf, callsWithSpec, entryOf, heapTypes, specsOf, typeBehind } from './heap-types.ts'
import type { HeapType } from './type-definition.ts'

/** A base that a type is given. */
export interface GivenBase {
  /** The type. */
  readonly type: HeapType
  /** The base, where the project makes it of a spec; null for others. */
  readonly base: HeapType | null
  /** What the base is written as, without casts and `&`: `PyList_Type`, `state->Base_Type`. */
  readonly text: string
  /** Where it is written. */
  readonly span: Span
  readonly region: RegionId
  /** Which bases belong together: those of one call, or of one slot. */
  readonly together: Value | null
}

const known = new WeakMap<ProjectModel, readonly GivenBase[]>()

/** The bases that the types of a project are given, by `Py_tp_base` or where a type is made, as far as written out. */
export function givenBases(model: ProjectModel): readonly GivenBase[] {
  let found = known.get(model)
  if (!found) {
    found = heapTypes(model).flatMap((type) => [...ofSlot(model, type), ...ofCalls(model, type)])
    known.set(model, found)
  }
  return found
}

/** `{Py_tp_base, &PyList_Type}` */
function ofSlot(model: ProjectModel, type: HeapType): GivenBase[] {
  const entry = entryOf(type, 'Py_tp_base')
  if (entry === null || entry.isNull || entry.value === null) return []
  const { value: text, span, region } = entry
  return [{ type, base: typeBehind(model, type.file, text), text, span, region, together: null }]
}

/** `PyType_FromModuleAndSpec(module, &spec, (PyObject *)&PyList_Type)` */
const ofCalls = (model: ProjectModel, type: HeapType): GivenBase[] =>
  callsWithSpec(model, type).flatMap((call) => {
    const bases = basesOf(call)
    if (bases === null) return []
    const { around, region } = call
    const [given = bases, ...others] = alternativesOf(around, bases).filter((each) => !isNull(each))
    // Several values are those of several runs: which one counts is not told.
    return (
      others.length > 0 ? [] : (packedIn(model, type, given) ?? [bare(given).kind === 'call' ? bases : given])
    ).map((each): GivenBase => {
      const text = pointedName(each) ?? plainText(each)
      const base = typeBehind(model, type.file, text, around)
      return { type, base, text, span: each.span, region, together: call.call }
    })
  })

/** The bases in a tuple that `PyTuple_Pack` makes; null for anything else. */
function packedIn(model: ProjectModel, { file }: HeapType, bases: Value): readonly Value[] | null {
  const packed = specsOf(model, file).calls.find(({ name, call }) => name === 'PyTuple_Pack' && call === bases)
  return packed?.call.operands.slice(1) ?? null
}
