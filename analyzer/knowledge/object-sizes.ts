/**
 * How much room the objects of concrete types take, in pointers, by the name of their struct: the largest
 * `__basicsize__` from CPython 3.3 to 3.15 on machines with 64 bits. Only types without items behind their struct, whose
 * `__itemsize__` is 0: a subtype's own fields stand where a struct of its own has them.
 */
export const pointersIn: Readonly<Record<string, number>> = {
  PyBaseExceptionObject: 9,
  PyByteArrayObject: 8,
  PyComplexObject: 4,
  PyDictObject: 6,
  PyFloatObject: 3,
  PyImportErrorObject: 13,
  PyListObject: 5,
  PyOSErrorObject: 14,
  PySetObject: 25,
  PyStopIterationObject: 10,
  PySyntaxErrorObject: 18,
  PySystemExitObject: 10,
  PyUnicodeErrorObject: 14,
  PyUnicodeObject: 10,
}
