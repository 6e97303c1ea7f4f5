import type { ProjectModel } from '../project/model.ts'
import { deallocationOf } from './deallocation.ts'
import type { Effect } from './effect-list.ts'
import type { Body } from './functions.ts'
import { entryOf, functionOf } from './heap-types.ts'
import { type InstanceMembers, isGivenAnyObject } from './instance-members.ts'
import { type MentionedNames, mentionedNames } from './mentioned-names.ts'
import { isReleased, isSet, isTakenOut, memberUses, memberValues } from './state-members.ts'
import type { TypeDefinition } from './type-definition.ts'
import { fieldsSetByPython, weakListField } from './type-members.ts'

/** A member of instances, and what becomes of its reference where an instance goes. */
export interface MemberAtEnd {
  readonly name: string
  readonly reference: 'new' | 'borrowed' | 'unknown' | 'none'
  /** Whether code in Python may put any object into it. */
  readonly holdsAny: boolean
  /** Whether nothing that was read puts anything into it. */
  readonly isUnset: boolean
  /** Whether a function that ends an instance names it. */
  readonly isReleased: boolean
  /** Whether one of these gives its reference back by `Py_CLEAR` and the like. */
  readonly isClearedAtEnd: boolean
  /** Whether a function other than those, and than the one that sets it, gives its reference back or takes it out. */
  readonly isReleasedElsewhere: boolean
}

/**
 * What is known of the members of the instances of a type, the list of weak references apart; null where not all that
 * is done with them at their end is read.
 * @param dealloc the function that is the `tp_dealloc` of the type
 */
export function membersAtEnd(
  model: ProjectModel,
  type: TypeDefinition,
  held: InstanceMembers,
  dealloc: Body,
): readonly MemberAtEnd[] | null {
  const ends = bodiesOf(model, type, ['Py_tp_clear', 'Py_tp_finalize', 'Py_tp_free'])
  if (ends === null) return null
  const release = mentionedNames(model, [dealloc, ...ends], ownSlots)
  if (release.isOpen || deallocationOf(model, dealloc).effects.some(isOfOtherType)) return null
  const filled = fieldsSetByPython(model, type)
  const weakList = weakListField(model, type)
  return held.members
    .filter((name) => name !== weakList)
    .map((name) => memberOf(model, held, name, release, filled.has(name)))
}

/** Slots that `tp_dealloc` may call of the type itself; the functions in them are read, or see to memory alone. */
const ownSlots: ReadonlySet<string> = new Set(['tp_free', 'tp_clear'])

/** Whether an effect is what a slot of another type does, which may give back members: that of a base. */
const isOfOtherType = ({ what, how, type }: Effect): boolean =>
  what === 'call-slot' && (how !== 'tp_clear' || type !== '')

function memberOf(
  model: ProjectModel,
  held: InstanceMembers,
  name: string,
  release: MentionedNames,
  isFilled: boolean,
): MemberAtEnd {
  const uses = memberUses(model, held, name)
  const setters = new Set(uses.filter(isSet).map(({ around }) => around))
  const own = new Set(release.bodies.map(({ code }) => code))
  const reference = isFilled ? 'new' : memberValues(model, uses).reference
  return {
    name,
    reference,
    // Where the list of weak references begins is known to the base alone, or to a table that was not read.
    isUnset: reference === 'none' && !/weak/i.test(name) && !isSetSomewhere(model, held, name),
    holdsAny: isFilled || uses.some((use) => isGivenAnyObject(model, use)),
    isReleased: release.has(name),
    isClearedAtEnd: uses.some((use) => isReleased(use) && own.has(use.around)),
    isReleasedElsewhere:
      isTakenOut(uses) || uses.some((use) => isReleased(use) && !setters.has(use.around) && !own.has(use.around)),
  }
}

/** Whether a field of a name is set, be it by way of another struct that begins with the same fields. */
const isSetSomewhere = (model: ProjectModel, { files }: InstanceMembers, name: string): boolean =>
  files.some((file) =>
    model.project
      .code(file)
      .occurrences(name)
      .some(({ isField, behind }) => isField && behind === '='),
  )

/** The functions in some slots of a type; null where one of them is not read. */
function bodiesOf(model: ProjectModel, type: TypeDefinition, slots: readonly string[]): readonly Body[] | null {
  const found: Body[] = []
  for (const slot of slots) {
    const all = type.entries.filter((each) => each.slot === slot && !each.isNull)
    const body = functionOf(model, type, slot)
    if (all.length === 0 || (slot === 'Py_tp_free' && entryOf(type, slot)?.value?.startsWith('Py'))) continue
    if (body === null) return null
    found.push(body)
  }
  return found
}
