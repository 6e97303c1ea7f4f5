#define SHARED(o) PyWeakref_GetRef(o)
static inline int s(PyObject *o) { return PyWeakref_GetRef(o); }
