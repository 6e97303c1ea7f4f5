/**
 * A C type as text: a name (`PyObject`, `struct _ts`, `unsigned long`) and, from the inside out, `*` for a pointer,
 * `[]` for an array, `()` for a function that returns what stands before. `PyObject*()*` is a pointer to a function
 * that returns `PyObject *`. Qualifiers and C++ references are left out.
 */
export type CType = string
