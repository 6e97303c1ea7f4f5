#include <Python.h>
#include "effects.h"
void elsewhere(PyObject *o) { Py_DECREF(((T *)o)->x); helper(o); PyObject_Free(o); }
static void helper(PyObject *o) { Py_TYPE(o)->tp_free(o); }
static void only_there(PyObject *o) { PyObject_Free(o); }
