import { type Recipe, recipe } from '../recipe.ts'

/**
 * What a shim of the same name does in the same way: `PyRun_String` becomes `PepRun_String`, called or not. For
 * functions whose shims are functions, since a macro with arguments is nothing where it is not called.
 */
export const shimmed = (...names: readonly string[]): readonly Recipe[] =>
  names.map((name) => recipe(name, shimOf(name)))

/** The same for calls with one argument, an object that macros cast themselves. */
export const shimmedCalls = (...names: readonly string[]): readonly Recipe[] =>
  names.map((name) => recipe(`${name}(o)`, `${shimOf(name)}((PyObject *)o)`))

const shimOf = (name: string): string => name.replace(/^_?Py/, 'Pep')
