#include <Python.h>
#include "state.h"
typedef struct { PyObject_HEAD PyObject *x; PyObject *weak; } spam;

static void spam_dealloc(spam *self) {
    PyTypeObject *tp = Py_TYPE(self), *other = NULL;
    PyObject_GC_UnTrack(self);
    Py_CLEAR(self->x);
    tp->tp_free(self);
    Py_DECREF(tp);
}
static int spam_traverse(spam *self, visitproc visit, void *arg) { Py_VISIT(Py_TYPE(self)); return 0; }
static int half_traverse(PyObject *self, visitproc visit, void *arg) { Py_VISIT(((spam *)self)->x); return unknown(self); }
static int base_traverse(PyObject *self, visitproc visit, void *arg) { return Base_Type.tp_traverse(self, visit, arg) || PyDict_Type.tp_traverse(self, visit, arg); }
static void base_dealloc(PyObject *self) { PyList_Type.tp_dealloc(self); }
static void own_dealloc(PyObject *self) { Base_Type.tp_dealloc(self); Py_TYPE(self)->tp_dealloc(self); forget(self, Py_TYPE(self)); }
static void weak_dealloc(PyObject *self) {
    if (((spam *)self)->weak != NULL) PyObject_ClearWeakRefs(self);
    PyObject *o = self, *p = o;
    { PyTypeObject *inner = Py_TYPE(p); Py_DECREF(inner); }
    PyTypeObject *behind = ((PyObject *)p)->ob_type;
    PyObject_Free(p);
    PyTuple_SetItem(t, 0, (PyObject *)behind);
#ifdef _WIN32
    Py_DECREF(o);
#endif
}
static void called(PyObject *self) { PyObject_Free(self); }
static void calls_it(PyObject *self) { called(self); }
static void pointed_at(PyObject *self) { PyObject_Free(self); }
static destructor pointer = pointed_at;
static void prototype(PyObject *self);
static void prototype(PyObject *self) { self->prototype(1); PyObject_Free(self); }
#ifdef _WIN32
static void on_windows(PyObject *self) { PyObject_Free(self); }
#endif
#define KEEPS keeps
static void keeps(PyObject *self) { }
static PyObject *make(PyTypeObject *type, PyObject *args, PyObject *kwds) { return type->tp_alloc(type, 0); }
static PyObject *no_name(PyObject *, PyObject *args) { return 0; }

static PyMemberDef spam_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(spam, weak), READONLY},
    {"__dictoffset__", Py_T_PYSSIZET, 8},
    {"__vectorcalloffset__"},
    {"__weak" "listoffset__", T_INT, 0, 0},
    {.name = "__dictoffset__", .flags = 0, .type = T_PYSSIZET},
    {"x", T_OBJECT, offsetof(spam, x), 0},
    {NULL}
};
static PyMemberDef one_member = {"__weaklistoffset__", T_PYSSIZET, 0, 0};

static PyType_Slot spam_slots[] = {
    {Py_tp_dealloc, (destructor)spam_dealloc},
    {Py_tp_traverse, spam_traverse}, {Py_tp_members, spam_members},
#ifdef _WIN32
    {Py_tp_finalize, on_windows},
#else
    {Py_tp_clear, NULL},
#endif
#if PY_VERSION_HEX < 0x03080000
    {Py_tp_print, print},
#endif
    {Py_tp_free, PyObject_GC_Del}, {Py_tp_alloc, &PyType_GenericAlloc},
    {0, NULL}
};
static PyType_Spec spam_spec = {
    "mod.spam", sizeof(spam), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC
#ifdef WITH_BASE
    | Py_TPFLAGS_BASETYPE
#endif
    , spam_slots
};
static PyType_Slot twice_slots[] = {{Py_tp_dealloc, base_dealloc}, {Py_tp_dealloc, own_dealloc}, {Py_tp_base, NULL}, {}};
PyType_Spec twice_spec = {.name = "twice", .flags = (Py_TPFLAGS_DEFAULT), .slots = twice_slots, .itemsize = sizeof(int)};
static PyType_Slot based_slots[] = {{Py_tp_base, &PyList_Type}, {Py_tp_alloc, my_alloc}, MORE_SLOTS {Py_tp_new, make}, {0}};
PyType_Spec based_spec = {"based", 0, 0, MY_FLAGS | Py_TPFLAGS_DEFAULT, &based_slots[0]};
static PyType_Slot sized_slots[3] = {{Py_tp_doc, "x"}, {Py_tp_traverse, half_traverse}, {0}};
static PyType_Spec sized_spec = {"sized", -(int)sizeof(spam), 0, Py_TPFLAGS_DEFAULT ^ 1, sized_slots};
static PyType_Slot open_slots[] = {{Py_tp_traverse, base_traverse}, {Py_tp_dealloc, called}, {Py_tp_finalize, pointed_at}};
static PyType_Spec open_spec = {NAME, 0, 0, 0UL, open_slots};
static PyType_Slot written_slots[] = {{Py_tp_dealloc, prototype}, {Py_tp_init, keeps}, {SLOT(x), 0}, {Py_tp_call, 0}, {0}};
static PyType_Spec written_spec = {"written", 0, 0, Py_TPFLAGS_DEFAULT + Py_TPFLAGS_BASETYPE, written_slots};
static PyType_Spec many_specs[] = {{"first", 0, 0, Py_TPFLAGS_DEFAULT, spam_slots}, {"second", 0, 2, 0, twice_slots}};
#if PY_VERSION_HEX < 0x03080000
static PyType_Spec old_spec = {"old", 0, 0, 0, spam_slots};
#endif
#ifdef _WIN32
static PyType_Spec windows_spec = {"windows", 0, 0, Py_TPFLAGS_HAVE_GC, weak_slots};
#endif
static PyType_Slot weak_slots[] = {{Py_tp_dealloc, weak_dealloc}, {.pfunc = no_name, .slot = Py_tp_call}, {[1] = 2}, {0, 0}};
static PyType_Spec weak_spec = {"weak", sizeof(spam), .flags = Py_TPFLAGS_DEFAULT | (Py_TPFLAGS_BASETYPE), .slots = weak_slots};
extern PyType_Spec far_spec;

static PyTypeObject *spam_type, *based_type;
static PyObject *twice_type;
static PyObject *unclear_type;

static int add(PyObject *m, PyType_Spec *spec) { return PyModule_AddType(m, (PyTypeObject *)PyType_FromSpec(spec)); }

static int init(PyObject *m) {
    state_t *state = PyModule_GetState(m);
    written_slots[0].pfunc = own_dealloc;
    open_spec.flags |= Py_TPFLAGS_DEFAULT;
    spam_type = (PyTypeObject *)PyType_FromSpec(&spam_spec);
    if (!(twice_type = PyType_FromSpecWithBases(&twice_spec, NULL))) return -1;
    state->based = (PyTypeObject *)PyType_FromModuleAndSpec(m, &based_spec, bases);
    state->inner.sized = PyType_FromMetaclass(meta, m, &sized_spec, NULL);
    PyObject *local = PyType_FromModuleAndSpec(m, &(open_spec), (PyObject *)0);
    add(m, &weak_spec);
    unclear_type = PyType_FromSpec(&many_specs[0]);
    unclear_type = PyType_FromSpec(&written_spec);
    for (int i = 0; i < 2; i++) types[i] = PyType_FromSpec(&many_specs[i]);
    return use(PyType_FromSpec(&spam_spec)) != 0;
}
static PyObject *create(state_t *state, int n) {
    spam *a = PyObject_New(spam, spam_type), *b;
    a->x = NULL;
    b = PyObject_GC_New(spam, state->based);
    b->x = Py_None;
    spam *c = (spam *)PyObject_NewVar(spam, (PyTypeObject *)twice_type, n);
    c->x = b->x = NULL;
    spam *d = PyObject_New(spam, state->inner.sized);
    fill(&d->x);
    spam *e = PyObject_New(spam, unclear_type);
    e->items[0].x = a;
    spam *f = PyObject_New(spam, local);
    f->x += 1;
    if (n) { PyObject_GC_Track(b); }
#ifdef _WIN32
    PyObject_GC_Track(a);
#endif
    return (PyObject *)(PyObject_New(spam, nothing));
}
