import { assignedTo, callsIn, inCasts } from '../code/placement.ts'
import type { CallValue, FunctionCode } from '../code/tree.ts'
import { calleeName } from '../code/values.ts'
import type { ProjectModel } from '../project/model.ts'
import { isComparedWithNull } from './null-tests.ts'
import { asksForType, type LookupOrigin, type StateLookup, stateLookups } from './state-lookups.ts'

/** A look-up of a module by the type of an object that need not be of a type of the module, so that it may fail. */
export interface ForeignLookup {
  readonly lookup: StateLookup
  readonly origin: LookupOrigin
  /** The slot of whose function the object is a parameter: `nb_add`. */
  readonly slot: string
  /**
   * What is done with what it gives. `unchecked`: it is used, whether it is `NULL` or not; `tested`: it is compared
   * with `NULL`; `unknown`: where it goes is not followed.
   */
  readonly result: 'unchecked' | 'tested' | 'unknown'
}

/** Slots that are called for two objects either of which may be the own one. */
export const isBinarySlot = (slot: string): boolean => binary.test(slot)

const binary = new RegExp(
  '^nb_(?:add|subtract|multiply|remainder|divmod|power|lshift|rshift|and|xor|or|floor_divide|true_divide|' +
    'matrix_multiply)$',
)

/** The look-ups by the type of what slots get besides an instance of their own type. */
export function* foreignLookups(model: ProjectModel): Iterable<ForeignLookup> {
  for (const name of ['PyType_GetModuleByDef', 'PyType_GetModuleByToken'])
    for (const lookup of stateLookups(model, name))
      for (const origin of lookup.origins) {
        const slot = origin.roles.find(({ kind }) => kind === 'slot')?.name
        if (slot === undefined || origin.as !== 'type' || origin.roles.some(({ kind }) => kind !== 'slot')) continue
        const isForeign = isBinarySlot(slot)
          ? origin.parameter < 2
          : slot === 'tp_richcompare' && origin.parameter === 1
        if (!isForeign || [origin.body, ...origin.through].some((each) => asksForType(model, each))) continue
        yield { lookup, origin, slot, result: resultOf(model, lookup, origin) }
      }
}

/** What becomes of the result of a look-up, in the function with it or in one that it is returned to. */
function resultOf(model: ProjectModel, lookup: StateLookup, origin: LookupOrigin): ForeignLookup['result'] {
  const { file, around, call } = lookup
  const [, ...outer] = [...origin.through, origin.body]
  const own = useOf(model, file, around, call)
  if (own !== 'returned') return own
  return outer.length === 1 ? useAbove(model, origin) : 'unknown'
}

function useAbove(model: ProjectModel, { body, call }: LookupOrigin): ForeignLookup['result'] {
  const found = useOf(model, body.file, body.code, call)
  return found === 'returned' ? 'unknown' : found
}

/** What a function does with what a call gives. */
function useOf(
  model: ProjectModel,
  file: number,
  code: FunctionCode,
  call: CallValue,
): ForeignLookup['result'] | 'returned' {
  const { parent } = inCasts(code, call)
  if (parent?.kind === 'return') return 'returned'
  // A macro gives what its only expression does.
  if (code.kind === 'macro' && parent?.kind === 'expression') return 'returned'
  if (parent?.kind === 'member') return 'unchecked'
  // CPython looks into the module.
  if (parent?.kind === 'call') return calleeName(parent) === 'PyModule_GetState' ? 'unchecked' : 'unknown'
  if (code.kind === 'macro') return 'unknown'
  if (isComparedWithNull(model, file, call.span.start)) return 'tested'
  const asks = callsIn(code).some((each) => calleeName(each) === 'PyErr_Occurred')
  return assignedTo(code, call) !== null && !asks ? 'unchecked' : 'unknown'
}
