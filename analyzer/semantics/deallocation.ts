import { eachStatement, valuesInCode } from '../code/statements.ts'
import type { FunctionCode } from '../code/tree.ts'
import { bare, isNull, nameOf } from '../code/values.ts'
import { variablesIn } from '../code/variables.ts'
import { isStaticType } from '../knowledge/object-functions.ts'
import type { ProjectModel } from '../project/model.ts'
import type { Effect } from './effect-list.ts'
import { effectsOf, isOn } from './effects.ts'
import { type Body, functionsOf } from './functions.ts'

/** What a `tp_dealloc` does, as rules and rewrites ask. */
export interface Deallocation {
  readonly effects: readonly Effect[]
  /** The effects by which the memory of the object is given back, in the order of the text. */
  readonly frees: readonly Effect[]
  /** Whether the reference to the type is given back. */
  readonly releasesType: boolean
  /**
   * Whether the object, or who has it then, goes on: it is kept in a list of free objects, brought back to life, or
   * handed to the `tp_dealloc` of a type that is none of CPython's; or whether the process ends.
   */
  readonly leavesObject: boolean
  /** Why something may be done that is not seen, each once; empty for no doubt. */
  readonly doubts: readonly string[]
}

/** The object is the first parameter of a slot's function. */
const self = 0

/** What a function does as the `tp_dealloc` of a type. */
export function deallocationOf(model: ProjectModel, body: Body): Deallocation {
  const effects = effectsOf(model, body)
  const isHandedOver = (effect: Effect): boolean => handsOver(effect) && !isStaticType(effect.type)
  return {
    effects,
    frees: effects.filter(
      (effect) =>
        (effect.what === 'free' && isOn(effect, self, 'object')) || (handsOver(effect) && isStaticType(effect.type)),
    ),
    releasesType: effects.some((effect) => givesBack(effect) && isOn(effect, self, 'type')),
    leavesObject:
      effects.some(
        (effect) =>
          (effect.what === 'call' && /^(?:Py_FatalError|abort|Py_UNREACHABLE)$/.test(effect.how)) ||
          ((effect.what === 'incref' || effect.what === 'store' || effect.what === 'keep' || effect.what === 'steal') &&
            isOn(effect, self, 'object')) ||
          isHandedOver(effect),
      ) || isNeverCalled(body.code),
    doubts: [
      ...new Set([
        ...effects.flatMap((effect) => {
          if (effect.what === 'unknown' && (isOn(effect, self, 'object') || isOn(effect, self, 'type')))
            return [effect.reason]
          return isHandedOver(effect) ? [unknownSlot(effect)] : []
        }),
        ...unreadParts(model, body),
      ]),
    ],
  }
}

/** Whether an effect is that the object is handed to the `tp_dealloc` of a type. */
const handsOver = (effect: Effect): boolean =>
  effect.what === 'call-slot' && effect.how === 'tp_dealloc' && isOn(effect, self, 'object')

/** Whether an effect is a call of the `tp_dealloc` of the object's own type, which finds what is in that slot. */
export const callsOwnDeallocator = (effect: Effect): boolean => handsOver(effect) && effect.type === ''

/** `assert(0)`, `assert(!"never")` */
function isNeverCalled({ body }: FunctionCode): boolean {
  for (const value of valuesInCode(body)) {
    if (value.kind !== 'call' || nameOf(value.callee) !== 'assert') continue
    let asserted = value.operands[0] ? bare(value.operands[0]) : null
    while (asserted?.kind === 'binary' && asserted.operator === '&&') asserted = bare(asserted.left)
    if (asserted === null) continue
    if (isNull(asserted) || nameOf(asserted) === 'false') return true
    if (asserted.kind === 'unary' && asserted.operator === '!' && bare(asserted.operand).kind === 'literal') return true
  }
  return false
}

/** Why not all of a function is read. */
function unreadParts(model: ProjectModel, { file, code }: Body): readonly string[] {
  const variables = new Set([...variablesIn(code), ...code.parameters].map(({ name }) => name))
  for (const statement of eachStatement(code.body)) {
    if (statement.kind === 'unknown') return ['a part of it is not understood']
    // A macro that stands for statements, of a header that was not read.
    const name = statement.kind === 'expression' && statement.value ? nameOf(statement.value) : null
    if (name !== null && !variables.has(name) && functionsOf(model).macrosNamed(file, name).length === 0)
      return [`\`${name}\` is not among the files that were read`]
  }
  return []
}

/**
 * What a function gives a reference back to, or visits, that may be the type of its object and is named otherwise:
 * variables of type `PyTypeObject *`, fields that a type is put into, `state->Spam_Type`. As plain text, each once.
 */
export const namedTypes = (model: ProjectModel, body: Body, what: 'decref' | 'visit'): readonly string[] => [
  ...new Set(effectsOf(model, body).flatMap((effect) => (effect.what === what && effect.type ? [effect.type] : []))),
]

/** What a note says of a slot of a type that is called and not read. */
const unknownSlot = ({ how, type }: Effect): string =>
  `what the \`${how}\` of ${type === '' ? 'the type' : `\`${type}\``} does is not known`

/** Whether an effect gives a reference away: back to its object, or to a function that takes it over. */
export const givesBack = ({ what }: Effect): boolean => what === 'decref' || what === 'steal'

/** Whether an effect gives back a reference to something that the object refers to, by which any code may run. */
export const releasesMember = ({ what, on, how }: Effect): boolean =>
  (what === 'decref' && (on === null || on.as === 'member')) ||
  what === 'clear-weakrefs' ||
  (what === 'call' && /^_?PyObject_ClearManagedDict$/.test(how))

/** The second parameter of `tp_traverse` is the function that visits. */
const visitor = 1

/** What a `tp_traverse` does. */
export interface Traversal {
  readonly visitsType: boolean
  readonly doubts: readonly string[]
}

/** What a function does as the `tp_traverse` of a type. */
export function traversalOf(model: ProjectModel, body: Body): Traversal {
  const effects = effectsOf(model, body)
  const isUnknown = (effect: Effect): boolean =>
    (effect.what === 'unknown' &&
      (isOn(effect, self, 'object') || isOn(effect, self, 'type') || isOn(effect, visitor, 'object'))) ||
    (effect.what === 'call-slot' && isOn(effect, self, 'object') && !isStaticType(effect.type))
  return {
    visitsType: effects.some((effect) => effect.what === 'visit' && isOn(effect, self, 'type')),
    doubts: [...new Set(effects.filter(isUnknown).map((effect) => effect.reason || unknownSlot(effect)))],
  }
}
