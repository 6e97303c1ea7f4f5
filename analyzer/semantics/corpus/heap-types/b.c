#include <Python.h>
#include "state.h"
static PyType_Slot far_slots[] = {{Py_tp_dealloc, spam_dealloc}, {Py_tp_traverse, shared_traverse}, {0}};
PyType_Spec far_spec = {"mod.far", 0, 0, Py_TPFLAGS_DEFAULT, far_slots};
void *far(PyObject *m) { return PyType_FromModuleAndSpec(m, &far_spec, NULL); }
static PyGetSetDef getset[] = {{"__module__", get, NULL}, {NULL}};
