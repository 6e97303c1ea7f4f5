import { recipe, type Recipe } from '../recipe.ts'

/** What a shim of the same name does in the same way: `PyRun_String` becomes `PepRun_String`. Functions only, whose arguments need no cast. */
export const shimmed = (...names: readonly string[]): readonly Recipe[] => names.map((name) => recipe(name, shimOf(name)))

/** The same for macros with one argument, an object that they cast themselves. */
export const shimmedMacros = (...names: readonly string[]): readonly Recipe[] => names.map((name) => recipe(`${name}(o)`, `${shimOf(name)}((PyObject *)o)`))

const shimOf = (name: string): string => name.replace(/^_?Py/, 'Pep')
