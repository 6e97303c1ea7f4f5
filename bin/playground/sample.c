/* A module with a static type, as most are that were written before 3.12. */
#include <Python.h>

typedef struct {
    PyObject_HEAD
    PyObject *items; /* a tuple */
} Spam;

static PyObject *
Spam_first(Spam *self, PyObject *Py_UNUSED(ignored))
{
    if (PyTuple_GET_SIZE(self->items) == 0) {
        PyErr_SetString(PyExc_IndexError, "no items");
        return NULL;
    }
    PyObject *first = PyTuple_GET_ITEM(self->items, 0);
    Py_INCREF(first);
    return first;
}

static int
Spam_init(Spam *self, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    Py_INCREF(args);
    Py_XSETREF(self->items, args);
    return 0;
}

static void
Spam_dealloc(Spam *self)
{
    Py_XDECREF(self->items);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyMethodDef Spam_methods[] = {
    {"first", (PyCFunction)Spam_first, METH_NOARGS, "The first item."},
    {NULL, NULL, 0, NULL}
};

static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
    .tp_dealloc = (destructor)Spam_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_methods = Spam_methods,
    .tp_init = (initproc)Spam_init,
    .tp_new = PyType_GenericNew,
};

static struct PyModuleDef spam_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "spam",
    .m_size = -1,
};

PyMODINIT_FUNC
PyInit_spam(void)
{
    PyObject *module = PyModule_Create(&spam_module);
    if (module == NULL)
        return NULL;
    if (PyType_Ready(&Spam_Type) < 0) {
        Py_DECREF(module);
        return NULL;
    }
    Py_INCREF(&Spam_Type);
    if (PyModule_AddObject(module, "Spam", (PyObject *)&Spam_Type) < 0) {
        Py_DECREF(&Spam_Type);
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
