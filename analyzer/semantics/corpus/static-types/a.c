#include "types.h"
static void spam_dealloc(PyObject *self) { PyObject_Free(self); }
static int spam_traverse(PyObject *self, visitproc visit, void *arg) { return 0; }
static int spam_clear(PyObject *self) { return 0; }
static PyTypeObject Positional = {
    PyVarObject_HEAD_INIT(NULL, 0)
    "spam.Positional", sizeof(Spam), 0,
    (destructor)spam_dealloc,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    "doc", (traverseproc)spam_traverse, (inquiry)spam_clear,
};
static PyTypeObject OldHead = {PyObject_HEAD_INIT(NULL) 0, "spam.OldHead", sizeof(Spam), 0, spam_dealloc};
static PyTypeObject ByMacro = {HEAD "spam.ByMacro", sizeof(Spam), 0, spam_dealloc};
static PyTypeObject Severaled = {HEAD "spam.Severaled", TAIL, sizeof(Spam), spam_dealloc};
static PyTypeObject Displaced = {HEAD "spam.Displaced", sizeof(Spam), (destructor)spam_dealloc};
static PyTypeObject Designated = {
    .tp_name = "spam.Designated", .tp_basicsize = sizeof(Spam), .tp_flags = GC_FLAGS,
    .tp_traverse = spam_traverse, .tp_dictoffset = offsetof(Spam, dict), .tp_base = &PyList_Type,
};
static PyTypeObject Split = {
    .tp_name = "spam.Split",
#if PY_VERSION_HEX < 0x03080000
    .tp_dealloc = spam_dealloc,
#else
    .tp_flags = Py_TPFLAGS_HAVE_GC,
#endif
};
static TypeAlias Aliased = {.tp_name = "spam.Aliased", .tp_dealloc = spam_dealloc};
static PyTypeObject Assigned;
static PyTypeObject Later;
static PyTypeObject Later = {.tp_name = "spam.Later"};
PyTypeObject Shared_Type = {.tp_name = "spam.Shared", .tp_basicsize = sizeof(Spam)};
static PyTypeObject Unset;
static PyTypeObject Many[2] = {{.tp_name = "spam.Many"}};
int init(int debug)
{
    static PyTypeObject Local = {.tp_name = "spam.Local", .tp_dealloc = spam_dealloc};
    Assigned.tp_name = "spam.Assigned";
    Assigned.tp_basicsize = sizeof(Spam);
    Assigned.tp_flags = Py_TPFLAGS_DEFAULT;
    Assigned.tp_dealloc = Later.tp_dealloc = spam_dealloc;
    if (debug)
        Later.tp_flags |= Py_TPFLAGS_HAVE_GC;
    return PyType_Ready(&Local) + PyType_Ready(&Unset) + PyType_Ready(Many);
}
