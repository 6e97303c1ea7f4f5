import stored from './references.json' with { type: 'json' }

/**
 * What functions of the C API do to the references of objects that they give and get. `references.json` is made by
 * `npm run knowledge` of CPython's `Doc/data/refcounts.dat`, which says of each result whether its reference is new,
 * and of each parameter whether something keeps one. What it says of stolen references its own comment calls
 * confusing: those are listed here.
 */

/**
 * By function a letter for the result and one for each parameter. `n`, `b`, `0`: a new reference, a borrowed one,
 * always `NULL`; `o`, `+`: an object, one that something keeps a reference to; `.`: no object.
 */
export type StoredReferences = Readonly<Record<string, string>>

/** Parameters, from 0, whose reference the function takes over. Source: Doc/c-api, where it says "steals". */
const stolen: Readonly<Record<string, readonly number[]>> = {
  PyBytes_ConcatAndDel: [1],
  PyUnicode_AppendAndDel: [1],
  PyCoro_New: [0],
  PyErr_Restore: [0, 1, 2],
  PyErr_SetExcInfo: [0, 1, 2],
  PyErr_SetRaisedException: [0],
  PyException_SetCause: [1],
  PyException_SetContext: [1],
  PyGen_New: [0],
  PyGen_NewWithQualName: [0],
  PyList_SetItem: [2],
  PyList_SET_ITEM: [2],
  PyModule_Add: [2],
  PyModule_AddObject: [2],
  PyStructSequence_SetItem: [2],
  PyStructSequence_SET_ITEM: [2],
  PyTuple_SetItem: [2],
  PyTuple_SET_ITEM: [2],
}

/** What a function gives back: `none` is no object, or always `NULL`. */
export type ResultReference = 'new' | 'borrowed' | 'none'

const letters: Readonly<Record<string, ResultReference>> = { n: 'new', b: 'borrowed' }

/** Of the parameters of a function whether each is an object; null where nothing is known of the function. */
export const objectParameters = (name: string): readonly boolean[] | null =>
  (stored as StoredReferences)[name]
    ?.slice(1)
    .split('')
    .map((letter) => letter !== '.') ?? null

/** What the result of a function or a macro of the C API is; null for one that nothing is known of. */
export function resultOf(name: string): ResultReference | null {
  const known = (stored as StoredReferences)[name]
  return known === undefined ? null : (letters[known[0]!] ?? 'none')
}

/**
 * What becomes of the reference to an object that a function of the C API gets: `stolen`, the function has it now;
 * `kept`, something has one of its own from then on; `borrowed`, neither.
 * @param parameter from 0
 * @returns null where nothing is known of the function, or the parameter is no object
 */
export function operandReference(name: string, parameter: number): 'stolen' | 'kept' | 'borrowed' | null {
  if (Object.hasOwn(stolen, name) && stolen[name]!.includes(parameter)) return 'stolen'
  const letter = (stored as StoredReferences)[name]?.[parameter + 1]
  return letter === '+' ? 'kept' : letter === 'o' ? 'borrowed' : null
}
