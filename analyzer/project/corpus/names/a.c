#include <Python.h>
#include "compat.h"
static PyObject *PyList_GetItemRef(PyObject *o, Py_ssize_t i);
#ifdef _WIN32
static int PyObject_GetOptionalAttr(PyObject *a);
#endif
#if defined(__GNUC__)
#define PyTuple_GET_SIZE(o) 1
#else
#define PyTuple_GET_SIZE(o) 2
#endif
#define DROP(x) 0
#define KEEP(x) x
#define NAME(x) #x
#define PASTE(x) x##_suffix
#define LAST(a, ...) __VA_ARGS__
#define ONLY_FIRST(a, ...) a
#if PY_MAJOR_VERSION >= 3
#define SOME(x) x
#else
#define SOME(x) 0
#endif
#ifdef _WIN32
#define MAY(x) x
#else
#define MAY(x) 0
#endif
void f(PyObject *o) {
    PyList_GetItemRef(o, 0);
    PyObject_GetOptionalAttr(o);
    PyTuple_GET_SIZE(o);
    PyDict_SetDefaultRef(o, o, o, 0);
    PyModule_Add(o, "", o);
    PyBytes_AS_STRING(o);
    DROP(PyTuple_GET_ITEM(o, 1));
    KEEP(PyTuple_GET_ITEM(o, 2));
    NAME(PyTuple_GET_ITEM(o, 3));
    PASTE(PyTuple_GET_ITEM);
    LAST(PyList_GET_ITEM(o, 1), PyList_GET_ITEM(o, 2), PyList_GET_ITEM(o, 3));
    ONLY_FIRST(PyList_GET_ITEM(o, 4), PyList_GET_ITEM(o, 5), PyList_GET_ITEM(o, 6));
    SOME(PyTuple_GET_ITEM(o, 4));
    MAY(PyTuple_GET_ITEM(o, 5));
    KEEP(DROP(PyTuple_GET_ITEM(o, 6)));
    CAIRO_CALL(PyTuple_GET_ITEM(o, 7));
    OWN_TYPE x;
    USED(o);
}
#ifdef CAIRO_HAS_FT_FONT
int cairo = PyTuple_GET_ITEM(0, 8);
#endif
#ifdef SPAM_EXTRAS
int extras = PyTuple_GET_ITEM(0, 9);
#endif
#ifdef HAVE_SPAM
int have = PyTuple_GET_ITEM(0, 10);
#endif
#if SPAM_DEBUG > 2
int debug = PyTuple_GET_ITEM(0, 11);
#endif
#ifdef SPAM_NOT_HERE
# ifdef _WIN32
int both = PyTuple_GET_ITEM(0, 12);
# endif
#endif
