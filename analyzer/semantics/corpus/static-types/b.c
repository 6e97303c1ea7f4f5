#include "types.h"
static void shared_dealloc(PyObject *self) { Py_TYPE(self)->tp_free(self); }
static void helper(PyObject *self) { shared_dealloc(self); }
void init_b(void) { Shared_Type.tp_dealloc = shared_dealloc; }
