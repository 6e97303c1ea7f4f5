import { greatest } from '../source/lists.ts'
import type { Minor } from './version.ts'

/** When a recipe is for a place. */
export interface Conditions {
  /** Only where the value is not used: what replaces it has another one, or none. */
  readonly statement?: true
  /** Only where no field of it is read. */
  readonly whole?: true
  /** Only where the container is known to be fresh: see `UseContext`. */
  readonly fresh?: true
  /** Only where the function does not set the size of the container itself: see `UseContext`. */
  readonly keepsSize?: true
  /** Only where what it gives is compared with `NULL`: see `isComparedWithNull`. */
  readonly tested?: true
  /** Only where it is compared with `NULL` or handed on: see `isOnlyAsked`. */
  readonly asked?: true
  /** Only where nothing releases what was there before: see `formerItem`. */
  readonly unreleased?: true
  /** Only where the statement before releases what was there before, which goes: see `formerItem`. */
  readonly released?: true
  /** Only for data of which characters are read one by one, and nothing else: see `isTextDataAt`. */
  readonly characters?: true
  /** Only for data of a str that tests say is ASCII, and that is only read: see `isAsciiDataAt`. */
  readonly ascii?: true
  /** Only for the state of the thread that runs: see `isOfCurrentThread`. */
  readonly current?: true
  /** Only where it is called by its name: what takes its place is a macro with arguments. */
  readonly called?: true
  /** Only where a function takes its address, and not for a constant: see `isAddressInFunction`. */
  readonly address?: true
  /** Where elements of it are assigned to, too: both point to the same memory. */
  readonly elements?: true
  /** Only where these operands, by number, are written so: see `Operand.literal`. */
  readonly literals?: readonly (readonly [operand: number, written: RegExp])[]
  /** From this level on nothing differs. */
  readonly sameFrom?: Minor
  /** Headers that the file needs for it, as they are included: `<string.h>`. */
  readonly includes?: readonly string[]
}

/**
 * What a function of CPython, or a shim under the Limited API, checks, takes or gives that the macro, the field or the
 * function does not for which recipes write it.
 */
export interface FunctionFact {
  /** The rest of a sentence on what differs. */
  readonly says: string
  /** From this level on it is not so. */
  readonly until?: Minor
  /** A condition of recipes under which it makes no difference. */
  readonly unless?: keyof Conditions
}

const outside: FunctionFact = { says: 'an index outside of it raises IndexError, and the item is released' }
const shared: FunctionFact = { says: 'a tuple that has more than one owner raises SystemError and stays as it is' }
const released: FunctionFact = { says: 'what was there before is released' }
const freshOnly = (...facts: readonly FunctionFact[]): FunctionFact[] =>
  facts.map((fact) => ({ ...fact, unless: 'fresh' }))
const behind: FunctionFact = { says: 'an item behind the last one raises IndexError', unless: 'keepsSize' }
const noItem: FunctionFact = { says: 'an item behind the last one is `NULL`', unless: 'keepsSize' }
const currentThread = 'it is that of the current thread'
const audited = 'it raises an audit event'
const named = 'from Python 3.10 on it has the name and the docstring of the function'
const utf8: FunctionFact = { says: 'the UTF-8 of each different text is kept until the interpreter ends', until: 10 }
const rawMemory = 'memory that CPython itself gives or takes, as that of `Py_DecodeLocale`, must not go through it'

/**
 * By the name of the function or the shim. Sources, all of CPython 3.11: Objects/tupleobject.c, listobject.c,
 * abstract.c (`PySequence_GetItem`), funcobject.c and frameobject.c (`PySys_Audit`, `sm_init`, `cm_init`),
 * classobject.c (`method_new`), pystate.c; of `PyType_GetSlot` Objects/typeobject.c of 3.9. Each is seen to be so by
 * `npm run recipes:proof`, or listed in `fixtures/recipes/uncovered.ts` with the reason why not.
 */
export const functionFacts: Readonly<Record<string, readonly FunctionFact[]>> = {
  PyTuple_GetItem: [behind],
  PyList_GetItem: [behind],
  PepTuple_GET_ITEM: [noItem],
  PepList_GET_ITEM: [noItem],
  PepSequence_Fast_GET_ITEM: [behind],
  PyTuple_SetItem: freshOnly(shared, outside, released),
  PyList_SetItem: freshOnly(outside, released),
  PepTuple_SET_ITEM: [shared, outside],
  PepList_SET_ITEM: [outside],
  PySequence_GetItem: [{ says: 'a negative index counts from the end', unless: 'literals' }],
  PyType_GetSlot: [{ says: 'it fails with SystemError for a static type, as those of CPython are', until: 10 }],
  PyErr_SetObject: [
    { says: 'of a key that is a tuple the items become the arguments of the exception, and of None there are none' },
  ],
  PyThread_get_thread_ident: [{ says: currentThread }],
  PyThreadState_GetDict: [{ says: `${currentThread}, and is made where there is none yet` }],
  PyEval_GetFrame: [{ says: currentThread }],
  PyErr_Occurred: [{ says: currentThread }],
  PepThreadState_GetUnchecked: [{ says: 'it is that of the thread, also where it does not hold the GIL' }],
  PepErr_FormatUnraisable: [{ says: 'the hook gets the message as the object' }],
  PepException_SetArgs: [{ says: 'of a subclass of tuple a tuple is made' }],
  PepMethod_New: [{ says: 'what cannot be called, or None as the object, raises TypeError' }],
  PepStaticMethod_New: [{ says: named }],
  PepClassMethod_New: [{ says: named }],
  PepFunction_GET_CODE: [{ says: audited }],
  PepFunction_GET_DEFAULTS: [{ says: audited }],
  PepFunction_GET_KW_DEFAULTS: [{ says: audited }],
  PepFunction_GetCode: [{ says: audited }],
  PepFunction_GetDefaults: [{ says: audited }],
  PepFunction_GetKwDefaults: [{ says: audited }],
  PepFunction_GET_MODULE: [{ says: 'a module that is None comes as NULL' }],
  PepFunction_GetModule: [{ says: 'a module that is None comes as NULL' }],
  PepFunction_New: [{ says: `${audited}, and code that needs a closure is an error` }],
  PepFrame_GetCode: [{ says: audited, until: 10 }],
  PepObject_IS_GC: [{ says: 'it does not ask the `tp_is_gc` of other objects than types' }],
  PepObject_Dump: [{ says: 'it runs Python code and writes less' }],
  PepObject_CheckBuffer: [{ says: 'it asks for a buffer: an object that has them and refuses this one has none' }],
  PepWeakref_GetRef: [{ says: 'it refuses proxies with TypeError' }],
  PepUnicode_AsUTF8: [utf8],
  PepMem_RawMalloc: [{ says: rawMemory }],
  PepMem_RawCalloc: [{ says: rawMemory }],
  PepMem_RawRealloc: [{ says: rawMemory }],
  PepMem_RawFree: [{ says: rawMemory }],
}

/**
 * What differs where code calls functions and shims instead of what it called before.
 * @param names of the functions and shims
 * @param conditions under which that is done
 * @returns the rest of a sentence, empty for nothing, and the level from which on there is nothing any more
 */
export function factsOf(
  names: readonly string[],
  conditions: Conditions,
): { readonly differs: string; readonly sameFrom?: Minor } {
  const found = names
    .flatMap((name) => (Object.hasOwn(functionFacts, name) ? functionFacts[name]! : []))
    .filter(({ unless }) => unless === undefined || conditions[unless] === undefined)
  const untils = found.map(({ until }) => until ?? null)
  const differs = [...new Set(found.map(({ says }) => says))].join(', ')
  return found.length === 0 || untils.includes(null)
    ? { differs }
    : { differs, sameFrom: greatest(untils.filter((until) => until !== null)) }
}
