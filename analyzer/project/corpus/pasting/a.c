#include <Python.h>
#include "macros.h"

CHECK(List)
CHECK(Tuple) CHECK_ALIAS(Dict)
TYPES(ONE)
OBJECT(Ham, 0)

static int slots(PyTypeObject *self, struct spam *s) {
    int n = FIELD(self, name) + SLOT(self, free) + SLOT(TYPE_OF(s), base);
    n += FIELD(s->type, flags) + SIZE_OF(PyHeapTypeObject) + SIZE_OF(struct spam);
    { PyTypeObject *t = self; n += LOCAL(itemsize); }
    n += TWICE(CHECK, Set) + CALL(Py, Long, _Check)(0);
    return n;
}
#undef ONE
#define ONE(n, kind) PyObject *get_##n(void) { return (PyObject *)&Py##kind##_Type; }
TYPES(ONE)
#if PY_MAJOR_VERSION < 3
CHECK(String)
#else
CHECK(Bytes)
#endif
#ifdef _WIN32
#define KIND(n) Py##n##_AS_STRING
#else
#define KIND(n) Py##n##_GET_SIZE
#endif
int k = KIND(Bytes)(o);
#undef KIND
#define KIND(n) n
int l = KIND(PyTuple_GET_ITEM)(o, 1);
#define NOT_CALLED(x) Py##x##_New
