#include <Python.h>
#include "state.h"
static PyType_Slot far_slots[] = {{Py_tp_dealloc, spam_dealloc}, {Py_tp_traverse, shared_traverse}, {0}};
PyType_Spec far_spec = {"mod.far", 0, 0, Py_TPFLAGS_DEFAULT, far_slots};
void *far(PyObject *m) { return PyType_FromModuleAndSpec(m, &far_spec, NULL); }
static PyGetSetDef getset[] = {{"__module__", get, NULL}, {NULL}};
static PyType_Slot whole_slots[] = {{Py_tp_dealloc, far_dealloc}, {Py_tp_bases, NULL}, {0}};
static PyType_Spec with_bases_spec = {"mod.with_bases", 0, 0, Py_TPFLAGS_DEFAULT, whole_slots};
static PyType_Spec helped_spec = {"mod.helped", 0, 0, Py_TPFLAGS_DEFAULT, whole_slots};
static PyType_Spec both_spec = {"mod.both", 0, 0, Py_TPFLAGS_DEFAULT, whole_slots};
static PyType_Spec unmade_spec = {"mod.unmade", 0, 0, Py_TPFLAGS_DEFAULT, whole_slots};
static PyType_Spec named_spec = {
#ifdef LONG_NAMES
    "mod.with.a.long.name",
#else
    "mod.short",
#endif
    0,
#ifdef SIZED
    sizeof(int),
#else
    0,
#endif
    Py_TPFLAGS_DEFAULT,
#ifdef OTHER_SLOTS
    other_slots
#else
    whole_slots
#endif
};
static PyType_Slot empty_slots[] = {};
static PyType_Slot odd_slots[] = {{Py_tp_dealloc}, {.slot = Py_tp_init}, {Py_nb_add, &far_add}, {Py_tp_new, (newfunc)(void *)far_new}, {PyTpNew, 1}};
static PyType_Spec odd_spec = {"mod.odd", .slots = odd_slots, .flags = Py_TPFLAGS_DEFAULT | 0, };
static PyTypeObject *with_bases_type;
static void far_dealloc(PyObject *self)
{
    PyTypeObject *unset, *tp = Py_TYPE(self);
    PyObject *again = self;
    PyTypeObject *third = Py_TYPE(again), *of_other = Py_TYPE(other);
    if (self) { PyTypeObject *inner = (PyTypeObject *)PyObject_Type(self); use(inner); }
    unset = Py_TYPE(self);
    Py_DECREF(unset), Py_DECREF(of_other);
    PyObject_Free(self);
    use(third, tp);
}
int make_others(PyObject *m)
{
    with_bases_type = (PyTypeObject *)PyType_FromSpecWithBases(&with_bases_spec, bases);
    helper(m, &helped_spec);
    m = PyType_FromSpec(&both_spec);
    m = PyType_FromModuleAndSpec(m, &both_spec, (PyObject *)&PyLong_Type);
    global.type = PyType_FromMetaclass(NULL, m, &named_spec, NULL);
    self->state.type = other->state.type = PyType_FromSpec(&odd_spec);
    return m != 0;
}
