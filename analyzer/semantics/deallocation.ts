import { isStaticType } from '../knowledge/object-functions.ts'
import type { ProjectModel } from '../project/model.ts'
import { type Effect, effectsOf, isOn } from './effects.ts'
import type { Body } from './functions.ts'

/** What a `tp_dealloc` does, as rules and rewrites ask. */
export interface Deallocation {
  readonly effects: readonly Effect[]
  /** The effects by which the memory of the object is given back, in the order of the text. */
  readonly frees: readonly Effect[]
  /** Whether the reference to the type is given back. */
  readonly releasesType: boolean
  /** Why something may be done that is not seen, each once; empty for no doubt. */
  readonly doubts: readonly string[]
}

/** The object is the first parameter of a slot's function. */
const self = 0

/** What a function does as the `tp_dealloc` of a type. */
export function deallocationOf(model: ProjectModel, body: Body): Deallocation {
  const effects = effectsOf(model, body)
  const handsOver = (effect: Effect): boolean =>
    effect.what === 'call-slot' && effect.how === 'tp_dealloc' && isOn(effect, self, 'object')
  return {
    effects,
    frees: effects.filter(
      (effect) =>
        (effect.what === 'free' && isOn(effect, self, 'object')) || (handsOver(effect) && isStaticType(effect.type)),
    ),
    releasesType: effects.some((effect) => givesBack(effect) && isOn(effect, self, 'type')),
    doubts: [
      ...new Set(
        effects.flatMap((effect) => {
          if (effect.what === 'unknown' && (isOn(effect, self, 'object') || isOn(effect, self, 'type')))
            return [effect.reason]
          return handsOver(effect) && !isStaticType(effect.type) ? [unknownSlot(effect)] : []
        }),
      ),
    ],
  }
}

/** What a note says of a slot of a type that is called and not read. */
const unknownSlot = ({ how, type }: Effect): string =>
  `what the \`${how}\` of ${type === '' ? 'the type' : `\`${type}\``} does is not known`

/** Whether an effect gives a reference away: back to its object, or to a function that takes it over. */
export const givesBack = ({ what }: Effect): boolean => what === 'decref' || what === 'steal'

/** Whether an effect gives back a reference to something that the object refers to, by which any code may run. */
export const releasesMember = ({ what, on, how }: Effect): boolean =>
  (what === 'decref' && (on === null || on.as === 'member')) ||
  /^PyObject_(?:ClearWeakRefs|ClearManagedDict)$/.test(how)

/** What a `tp_traverse` does. */
export interface Traversal {
  readonly visitsType: boolean
  readonly doubts: readonly string[]
}

/** What a function does as the `tp_traverse` of a type. */
export function traversalOf(model: ProjectModel, body: Body): Traversal {
  const effects = effectsOf(model, body)
  const isUnknown = (effect: Effect): boolean =>
    (effect.what === 'unknown' && (isOn(effect, self, 'object') || isOn(effect, self, 'type'))) ||
    (effect.what === 'call-slot' && isOn(effect, self, 'object') && !isStaticType(effect.type))
  return {
    visitsType: effects.some((effect) => effect.what === 'visit' && isOn(effect, self, 'type')),
    doubts: [...new Set(effects.filter(isUnknown).map((effect) => effect.reason || unknownSlot(effect)))],
  }
}
