#include <Python.h>
#include "effects.h"

/* What values are to the object. */
static void through_variables(PyObject *self) {
    T *t = (T *)self, *u = t, *v;
    v = u;
    Py_DECREF(v->x);
    PyObject_Free(v);
    PyTypeObject *type = Py_TYPE(t), *other = t->ob_base.ob_type, *third = ((PyObject *)t)->ob_type;
    Py_DECREF(type); Py_XDECREF(other); Py_CLEAR(third);
}
static void through_comma_and_assignment(PyObject *self) {
    T *t;
    Py_DECREF((log("x"), self));
    PyObject_GC_Del(t = (T *)self);
    Py_DECREF((&t->ob_base));
    Py_DECREF(&t->head);
    Py_DECREF(*&self);
    Py_DECREF(-1);
    Py_DECREF(&*self);
    Py_DECREF(t->items[0].value);
    Py_DECREF(Py_TYPE(self)->tp_base);
    Py_DECREF(!self);
}
static void either(PyObject *self, int n) {
    PyObject *a = n ? self : (PyObject *)Py_TYPE(self);
    PyObject *b = n ? self : self;
    PyObject *c = n ? ((T *)self)->x : ((T *)self)->y;
    PyObject *d = n ? NULL : ((T *)self)->x;
    PyObject *e = n ? other : other;
    PyObject *l = l ? l : self;
    Py_DECREF(a); Py_DECREF(b); Py_DECREF(c); Py_DECREF(d); Py_DECREF(e); Py_DECREF(l);
}
static void references(PyObject *self, PyObject *second) {
    Py_INCREF(self);
    Py_XINCREF(Py_NewRef(second));
    PyObject_GC_Track(_PyObject_CAST(self));
    PyObject_GC_UnTrack(Py_XNewRef(second));
    PyObject_ClearWeakRefs(self);
    if (PyObject_CallFinalizerFromDealloc(self) < 0) return;
    Py_SETREF(self, second);
    PyList_SetItem(list, 0, self);
    PyList_SetItem(list, 0, (PyObject *)Py_TYPE(self));
    PyTuple_SetItem(self, 0, second);
    PyDict_SetItem(dict, self, second);
    PyModule_AddObject(module, "x", ((T *)self)->x);
    PyErr_SetObject(self, second);
    memset(self, 0, sizeof(*self));
    assert(self != NULL);
}
/* What is called. */
static void by_pointer(PyObject *self, freefunc function, freefunc two, void *x) {
    freefunc f = PyObject_Free, g;
    g = PyObject_Del; g = PyObject_GC_Del;
    f(self);
    g(self);
    function(self);
    two(self, x);
    (*function)(self);
    Py_TYPE(self)->tp_free(self);
    self->ob_type->tp_dealloc(self);
    Py_TYPE(self)->tp_base->tp_dealloc(self);
    Py_TYPE(self)->tp_as_number->nb_add(self, self);
    Base_Type.tp_dealloc(self);
    PyDict_Type.tp_traverse(self, visit, arg);
    types[1]->tp_clear(self);
    ((freefunc)PyType_GetSlot(Py_TYPE(self), Py_tp_free))(self);
    ((destructor)PyType_GetSlot(base, Py_tp_dealloc))(self);
    ((destructor)PyType_GetSlot(Py_TYPE(self), which))(self);
    ((inquiry)PyType_GetSlot((PyTypeObject *)state->base, Py_tp_clear))(self);
    unknown(self);
    state->hook(self, Py_TYPE(self), ((T *)self)->x);
    Py_UNREAD_MACRO(self);
}
static void through_macros(PyObject *self) {
    T *t = OBJECT(self);
    RELEASE(t);
    RELEASE_MEMBER(t, x);
    CHAIN(self);
    BEGIN(self)
    SELF_FREE;
    WITH_FUNCTION(PyObject_Del, self);
    ALIAS(self);
    ALIAS_TWICE(self);
    CYCLE(self);
    EXPRESSION(self);
    LOCAL_SHADOW(self);
    NOTHING(self);
}
static PyObject *same(PyObject *o) { if (!o) return o; return (o); }
static PyObject *not_same(PyObject *o, PyObject *p) { if (!o) return p; return o; }
static PyObject *second(int n, PyObject *o) { return o; }
static void *no_value(PyObject *o) { return; }
static void release_all(T *t, PyTypeObject *type, PyObject *other) {
    Py_CLEAR(t->x);
    Py_DECREF(type);
    Py_XDECREF(other);
    Py_DECREF(global);
    type->tp_free(t);
}
static void recursive(PyObject *self, int n) {
    if (n) recursive(self, n - 1);
    mutual(self);
    Py_DECREF(self);
}
static void mutual(PyObject *self) { recursive(self, 1); PyObject_Free(self); }
static void through_functions(PyObject *self) {
    Py_DECREF(same(self));
    Py_DECREF(not_same(self, self));
    Py_DECREF(second(1, self));
    Py_DECREF(no_value(self));
    release_all((T *)self, Py_TYPE(self), ((T *)self)->x);
    release_all(find(self), NULL, NULL);
    release_all(NULL, NULL, NULL);
    cast_to_spam(self);
    Py_DECREF(pyobject_cast(self));
    Py_DECREF(my_cast(self, 1));
    elsewhere(self);
    only_there(self);
    in_header(self);
    twice_defined(self);
}
static int traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((T *)self)->x);
    if (((T *)self)->y) { int e = visit(((T *)self)->y, arg); if (e) return e; }
    visit(self, arg, 1);
    return Base_Type.tp_traverse(self, visit, arg);
}
static void conditions(PyObject *self) {
#if PY_VERSION_HEX < 0x03080000
    PyObject_Free(self);
#elif defined(_WIN32)
    PyObject_Del(self);
#else
    PyObject_GC_Del(self);
    if (1) {
#ifdef Py_LIMITED_API
        Py_DECREF(Py_TYPE(self));
#else
        Py_DECREF(((T *)self)->x);
#endif
    }
#endif
    switch (1) { case 1: Py_DECREF(((T *)self)->a); break; default: Py_DECREF(((T *)self)->b); }
    for (Py_DECREF(((T *)self)->c); Py_IncRef(self), 0; Py_DECREF(((T *)self)->d)) Py_DECREF(((T *)self)->e);
    do { Py_DECREF(((T *)self)->f); } while (Py_DECREF(((T *)self)->g));
    x = sizeof(Py_DECREF(self)) + (Py_DECREF(((T *)self)->h), 1);
}
#if PY_VERSION_HEX < 0x03080000
static void twice_defined(PyObject *o) { PyObject_Free(o); }
#else
static void twice_defined(PyObject *o) { PyObject_Del(o); }
#endif
static void shadow(PyObject *self) {
    void (*PyObject_Free)(void *) = forget;
    PyObject_Free(self);
    { PyObject *self = other; Py_DECREF(self); }
}
static void unnamed(PyObject *, PyObject *self) { PyObject_Free(self); }
static void statement_expression(PyObject *self) { int n = ({ Py_DECREF(self); 1; }); }
static void bodies_behind_conditions(PyObject *self) {
#if PY_VERSION_HEX < 0x03080000
    if (Py_TYPE(self)) {
        PyObject_Free(self);
    }
    else
#endif
    {
        PyObject_GC_Del(self);
    }
#if PY_VERSION_HEX < 0x03080000
    while (PyObject_ClearWeakRefs(self))
#endif
        Py_DECREF(Py_TYPE(self));
}
