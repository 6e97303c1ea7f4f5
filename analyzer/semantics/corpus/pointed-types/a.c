#include <Python.h>
static int spam_clear(PyObject *self) { return 0; }
PyTypeObject Spam_Type = {.tp_name = "spam.Spam", .tp_flags = Py_TPFLAGS_DEFAULT, .tp_clear = spam_clear};
void make(PyTypeObject *type) { type->tp_flags |= Py_TPFLAGS_HAVE_GC; }
PyTypeObject Own_Type = {.tp_name = "spam.Own", .tp_flags = Py_TPFLAGS_DEFAULT, .tp_clear = spam_clear};
int init(PyObject *m) { make(&Spam_Type); return PyType_Ready(&Own_Type); }
