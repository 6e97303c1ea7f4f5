import { slotTypes } from '../../knowledge/slots.ts'

/** The C of a value in a slot. @param isCxx whether a function has to be cast to go into a `void *` */
export function slotValue(field: string, written: string, isCxx: boolean): string {
  const value = written.trim()
  const [, cast, rest] = /^\(\s*(\w+)\s*\)\s*([\s\S]*)$/.exec(value) ?? []
  const isFunctionCast = cast !== undefined && slotTypes.has(cast)
  if (isCxx) {
    // A lambda is no pointer to a function before somebody asks for one.
    if (value.startsWith('[')) return `(void *)+${value}`
    if (field === 'tp_methods' || field === 'tp_members' || field === 'tp_getset') return value
    if (/[?|+]/.test(value.replace(/<[^<>]*>|"[^"\\]*(?:\\.[^"\\]*)*"/g, '')) && !value.startsWith('"'))
      return `(void *)(${value})`
    // Headers before 3.12 declare these types to the full API alone.
    if (cast === 'getbufferproc' || cast === 'releasebufferproc') return `(void *)${rest!}`
    const type = value.includes('<') && !isFunctionCast ? functionTypes[field] : undefined
    return `(void *)${type ? `(${type})` : ''}${value}`
  }
  if (field === 'tp_doc') return docValue(value)
  return isFunctionCast ? rest! : value
}

/** Documentation, which is `const`, as a value that goes into a `void *`. */
function docValue(value: string): string {
  if (/^"[^"\\]*(?:\\[\s\S][^"\\]*)*"(?:\s*"[^"\\]*(?:\\[\s\S][^"\\]*)*")*$|^PyDoc_STR\b/.test(value)) return value
  return /^\w+$|^\([^()]*\)$/.test(value) ? `(void *)${value}` : `(void *)(${value})`
}

/** For values that C++ cannot turn into a `void *` at once: templates. */
const functionTypes: Readonly<Record<string, string>> = {
  tp_dealloc: 'destructor',
  tp_repr: 'reprfunc',
  tp_str: 'reprfunc',
  tp_hash: 'hashfunc',
  tp_call: 'ternaryfunc',
  tp_getattro: 'getattrofunc',
  tp_setattro: 'setattrofunc',
  tp_traverse: 'traverseproc',
  tp_clear: 'inquiry',
  tp_richcompare: 'richcmpfunc',
  tp_iter: 'getiterfunc',
  tp_iternext: 'iternextfunc',
  tp_init: 'initproc',
  tp_new: 'newfunc',
  tp_alloc: 'allocfunc',
  tp_free: 'freefunc',
  sq_length: 'lenfunc',
  mp_length: 'lenfunc',
  sq_item: 'ssizeargfunc',
  mp_subscript: 'binaryfunc',
  mp_ass_subscript: 'objobjargproc',
  sq_contains: 'objobjproc',
  nb_bool: 'inquiry',
}
