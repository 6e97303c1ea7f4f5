import { recipe, type Recipe } from '../recipe.ts'

/** str, bytes, bytearray. */
export const textAndBytes: readonly Recipe[] = [
  recipe('PyBytes_AS_STRING(b)', 'PyBytes_AsString((PyObject *)b)'),
  recipe('PyBytes_GET_SIZE(b)', 'PyBytes_Size((PyObject *)b)'),
  recipe('PyByteArray_AS_STRING(b)', 'PyByteArray_AsString((PyObject *)b)'),
  recipe('PyByteArray_GET_SIZE(b)', 'PyByteArray_Size((PyObject *)b)'),
  recipe('PyUnicode_AsUTF8(s)', 'PyUnicode_AsUTF8AndSize((PyObject *)s, NULL)'),
  recipe('_PyUnicode_AsString(s)', 'PyUnicode_AsUTF8AndSize((PyObject *)s, NULL)'),
  recipe('PyUnicode_GET_LENGTH(s)', 'PyUnicode_GetLength((PyObject *)s)'),
]
