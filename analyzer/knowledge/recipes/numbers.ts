import { type Recipe, recipe } from '../recipe.ts'
import { shimmed } from './build.ts'

/** int, float, complex, hashes. */
export const numbers: readonly Recipe[] = [
  recipe('PyFloat_AS_DOUBLE(f)', 'PyFloat_AsDouble((PyObject *)f)'),
  recipe('PyFloatObject.ob_fval', 'PyFloat_AsDouble((PyObject *)it)'),
  recipe('PyComplexObject.cval.real', 'PyComplex_RealAsDouble((PyObject *)it)'),
  recipe('PyComplexObject.cval.imag', 'PyComplex_ImagAsDouble((PyObject *)it)'),

  ...shimmed('PyComplex_AsCComplex', 'PyComplex_FromCComplex', 'Py_complex'),

  ...shimmed('PyLong_AsInt'),
  recipe('_PyLong_AsInt', 'PyLong_AsInt'),
  ...['2', '4', '8'].flatMap((size) => [
    recipe(`PyFloat_Pack${size}`, `PepFloat_Pack${size}`),
    recipe(`PyFloat_Unpack${size}`, `PepFloat_Unpack${size}`),
    recipe(`_PyFloat_Pack${size}(x, p, le)`, `PepFloat_Pack${size}(x, (char *)p, le)`),
    recipe(`_PyFloat_Unpack${size}(p, le)`, `PepFloat_Unpack${size}((const char *)p, le)`),
  ]),
  recipe('_PyLong_AsInt', 'PepLong_AsInt'),
  recipe(
    '_PyLong_AsByteArray(v, bytes, size, little, signs)',
    'PepLong_AsByteArray((PyObject *)v, bytes, size, little, signs)',
  ),
  recipe(
    '_PyLong_AsByteArray(v, bytes, size, little, signs, raises)',
    'PepLong_AsByteArray((PyObject *)v, bytes, size, little, signs)',
    '',
    { literals: [[5, /^1$/]] },
  ),
  ...shimmed('_PyLong_FromByteArray', '_PyLong_Sign', '_PyLong_NumBits'),
  recipe('PyLong_FromUnicodeObject(s, base)', 'PyObject_CallFunction((PyObject *)&PyLong_Type, "Oi", s, base)', '', {
    literals: [[1, /^\d+$/]],
  }),
  recipe('PyLong_FromUnicodeObject(s, base)', 'PyObject_CallFunction((PyObject *)&PyLong_Type, "Oi", s, (int)(base))'),
  recipe('_PyLong_Format', 'PyNumber_ToBase', 'what is no int is asked for its `__index__`'),
  recipe('_PyLong_FromTime_t(t)', 'PyLong_FromLongLong(t)'),
  recipe('_PyLong_Zero', 'Py_GetConstantBorrowed(Py_CONSTANT_ZERO)'),
  recipe('_PyLong_One', 'Py_GetConstantBorrowed(Py_CONSTANT_ONE)'),

  recipe('Py_HashPointer', 'PepHash_Pointer'),
  recipe('_Py_HashPointer', 'PepHash_Pointer'),
  recipe('PyObject_GenericHash', 'PepHash_Pointer'),
  recipe('Py_HashBuffer', 'PepHash_Bytes'),
  recipe('_Py_HashBytes', 'PepHash_Bytes'),
  recipe('_Py_HashDouble(o, number)', 'PepHash_Double(o, number)'),
]
