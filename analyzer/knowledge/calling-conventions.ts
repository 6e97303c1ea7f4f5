/**
 * How CPython calls the function of a `PyMethodDef`, by its flags. Sources: Include/methodobject.h,
 * Objects/methodobject.c.
 */

/** What stands for a parameter. `array`: a `PyObject *const *`. `size`: a `Py_ssize_t`. `null`: always `NULL`. */
export type PassedValue = 'object' | 'null' | 'array' | 'size'

/** Flags by name. */
const bits: ReadonlyMap<string, number> = new Map([
  ['METH_VARARGS', 0x1],
  ['METH_KEYWORDS', 0x2],
  ['METH_NOARGS', 0x4],
  ['METH_O', 0x8],
  ['METH_CLASS', 0x10],
  ['METH_STATIC', 0x20],
  ['METH_COEXIST', 0x40],
  ['METH_FASTCALL', 0x80],
  ['METH_METHOD', 0x200],
])

/** Flags that say nothing of parameters: `METH_CLASS`, `METH_STATIC`, `METH_COEXIST`. */
const binding = 0x70

const conventions: ReadonlyMap<number, readonly PassedValue[]> = new Map([
  [0x1, ['object', 'object']],
  [0x3, ['object', 'object', 'object']],
  [0x4, ['object', 'null']],
  [0x8, ['object', 'object']],
  [0x80, ['object', 'array', 'size']],
  [0x82, ['object', 'array', 'size', 'object']],
  [0x282, ['object', 'object', 'array', 'size', 'object']],
])

/** The value of a flag by its name; null for another name. */
export const methodFlag = (name: string): number | null => bits.get(name) ?? null

/** What a function with these flags gets; null where Python refuses them. */
export const passedWith = (flags: number): readonly PassedValue[] | null => conventions.get(flags & ~binding) ?? null

/** The flags that say how a function is called, as one writes them: `METH_VARARGS | METH_KEYWORDS`. */
export const conventionName = (flags: number): string =>
  [...bits]
    .filter(([, bit]) => (bit & flags & ~binding) !== 0)
    .map(([name]) => name)
    .join(' | ') || '0'

/** The flags of each way to call a function, the usual ones first. */
export const conventionFlags: readonly number[] = [...conventions.keys()]
