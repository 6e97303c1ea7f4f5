import type { CType } from '../knowledge/ctype.ts'
import type { CollectContext } from './context.ts'

/** What an identifier can mean to the collection of facts, as bits: one look-up per token has to do. */
export const Word = {
  api: 1,
  library: 2,
  struct: 4,
  leads: 8,
  fieldMacro: 16,
  macro: 32,
  sizeof: 128,
  pastingMacro: 256,
  tag: 512,
  takesObject: 1024,
  objectMacro: 2048,
} as const

/** Types of CPython for which headers have a `Py..._Check` that is a macro, and those with a `Py..._CheckExact`. */
const checkedTypes = `AnySet Bool ByteArray Bytes CFunction CallIter Complex Dict DictItems DictKeys DictValues
  DictViewSet ExceptionClass ExceptionInstance Float FrozenSet List Long MemoryView Module Range SeqIter Set Slice
  TraceBack Tuple Type Unicode Weakref`.split(/\s+/)
const exactlyCheckedTypes =
  `AnySet ByteArray Bytes CFunction Capsule Complex Dict Float FrozenSet List Long Module Set Tuple Type
  Unicode`.split(/\s+/)

/**
 * Functions whose first operand is an object, and macros that hand it to those, with the type that it must have: it is
 * cast by a macro up to the Limited API 3.10. `Py_DECREF` casts at every level. Source: object.h, refcount.h, and the
 * headers of the types.
 */
export const takesObject: ReadonlyMap<string, CType> = new Map([
  ...[
    ...`Py_INCREF Py_XINCREF Py_XDECREF Py_NewRef Py_XNewRef Py_REFCNT Py_TYPE Py_SIZE Py_IS_TYPE Py_SET_REFCNT
    Py_SET_TYPE PyObject_TypeCheck PyExceptionInstance_Class`.split(/\s+/),
    ...checkedTypes.map((type) => `Py${type}_Check`),
    ...exactlyCheckedTypes.map((type) => `Py${type}_CheckExact`),
  ].map((name): [string, CType] => [name, 'PyObject*']),
  ['Py_SET_SIZE', 'PyVarObject*'],
])

const made = new WeakMap<CollectContext, ReadonlyMap<string, number>>()

/** The words that matter, with their bits. Made once per run and thread. */
export function lexicon(context: CollectContext): ReadonlyMap<string, number> {
  const known = made.get(context)
  if (known) return known
  const words = new Map<string, number>()
  const add = (names: Iterable<string>, bit: number): void => {
    for (const name of names) words.set(name, (words.get(name) ?? 0) | bit)
  }
  const { vocabulary, fieldMacros, objectMacros, pastingMacros, macroNames, structAliases } = context
  add(vocabulary.names, Word.api)
  add(vocabulary.library, Word.library)
  add(vocabulary.structs, Word.struct)
  add(structAliases, Word.struct)
  add(
    [...vocabulary.structs].flatMap((name) => (name.startsWith('struct ') ? [name.slice(7)] : [])),
    Word.tag,
  )
  add(vocabulary.leadsTo.keys(), Word.leads)
  add(fieldMacros, Word.fieldMacro)
  add(pastingMacros, Word.pastingMacro)
  add(objectMacros, Word.objectMacro)
  add(macroNames, Word.macro)
  add(['sizeof'], Word.sizeof)
  add(takesObject.keys(), Word.takesObject)
  made.set(context, words)
  return words
}
