#include <Python.h>
#include "internal/pycore_frame.h"
#include "shared.h"
int g(PyObject *o) { return PyList_GetItemRef(o, 0) && PyModule_Add(o, "", o) && SHARED(o); }
static int PyWeakref_GetRef(PyObject *o) { return 0; }
