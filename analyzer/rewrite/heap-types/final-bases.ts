import { codeLine } from './initialiser-lines.ts'
import { entryInsertion } from './members.ts'
import type { TypeFacts } from './type-facts.ts'
import type { TypeObject } from './type-objects.ts'

/**
 * Types that only types of the project are derived from. `PyType_FromSpecWithBases` asks for `Py_TPFLAGS_BASETYPE`,
 * with which classes of Python could be derived from them as well. It calls no `__init_subclass__`, as a class
 * statement does (Objects/typeobject.c: `type_new_init_subclass`): one that raises TypeError keeps them out.
 */

/** The shim that refuses classes of Python. */
export const refusalOfSubclasses = 'PepType_RefuseSubclass'

/** What it is among the methods of a type. */
export const refusalEntry = codeLine(
  `{"__init_subclass__", (PyCFunction)(void (*)(void))${refusalOfSubclasses}, ` +
    'METH_CLASS | METH_VARARGS | METH_KEYWORDS, NULL},',
)

/**
 * Whether a type without the flag is the base of others that become heap types.
 * @param isConverted whether another type does
 */
export function finalBase(facts: TypeFacts, type: TypeObject, isConverted: (other: TypeObject) => boolean): boolean {
  const isBase = facts.derivedFrom(type).some((other) => other !== type && isConverted(other))
  return isBase && !facts.values(type, 'tp_flags').some(({ text }) => /BASETYPE/.test(text))
}

/** Why a method cannot be added to a type, which `finalBase` needs; null where it can. */
export function whyNoMethod(facts: TypeFacts, type: TypeObject): string | null {
  const { sources } = facts
  const { file } = type.homes[0]!
  const [methods, ...others] = facts.values(type, 'tp_methods')
  if (methods === undefined) return null
  const array = facts.arrayOf(type, methods)
  const shown = `its methods, \`${methods.text}\`,`
  if (others.length > 0) return 'it has methods in more than one place'
  if (array === null || entryInsertion(sources.text(file), array, []) === null) return `${shown} are not found`
  return facts.isShared(type, methods) ? `${shown} are used by something else as well` : null
}
