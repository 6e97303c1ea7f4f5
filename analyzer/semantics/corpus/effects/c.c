#include <Python.h>
#define ALIAS(x) Py_DECREF(x)
#define SELF_FREE (void)0
#define SELF self
#define TYPE_OF_SELF Py_TYPE(SELF)
#define FREE_BY(function) function(self)
#define CALLS_LOCAL(x) local(x)
static void helper(PyObject *o) { Py_CLEAR(((T *)o)->only); }
static PyObject *cast_it(PyObject *o) { return (PyObject *)(T *)o; }
void uses_own(PyObject *self)
{
    ALIAS(self);
    SELF_FREE;
    helper(self);
    Py_DECREF(TYPE_OF_SELF);
    FREE_BY(PyObject_Free);
    FREE_BY(ALIAS);
    EXPRESSION(self);
    freefunc local = PyObject_GC_Del;
    CALLS_LOCAL(self);
    CALLS_LOCAL(cast_it(self));
    visit(self, arg);
    Py_DECREF(cast_it(self)), Py_DECREF(SELF);
    (void)((T *)self)->items[PyObject_Size(self)];
    Py_DECREF(self->type->tp_free), Py_DECREF(*self->items), Py_DECREF(self->items + 1);
    Py_SETREF(self->x, NULL), Py_XSETREF(x, self->y), PyMem_Free(self->buffer), PyMem_Free(self);
}
void takes_type(PyTypeObject *type, PyObject *self) { type->tp_free(self); Py_DECREF(type); }
void gives_type(PyObject *self) { takes_type(Py_TYPE(self), self); takes_type(Py_TYPE(self->x), self->x); }
