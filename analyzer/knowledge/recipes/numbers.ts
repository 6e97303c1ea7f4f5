import { recipe, type Recipe } from '../recipe.ts'

/** int, float, complex. */
export const numbers: readonly Recipe[] = [
  recipe('PyFloat_AS_DOUBLE(f)', 'PyFloat_AsDouble((PyObject *)f)'),
  recipe('PyFloatObject.ob_fval', 'PyFloat_AsDouble((PyObject *)it)'),
]
