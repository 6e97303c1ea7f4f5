typedef struct { PyTypeObject *based; struct { PyObject *sized; } inner; } state_t;
static inline int shared_traverse(PyObject *self, visitproc visit, void *arg) { Py_VISIT(Py_TYPE(self)); return 0; }
