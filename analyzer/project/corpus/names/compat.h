#include <cairo-ft.h>
#include <lib/libxml/tree.h>
#include <vector>
#if PY_VERSION_HEX < 0x030D0000
static inline int PyDict_SetDefaultRef(PyObject *d, PyObject *k, PyObject *v, PyObject **r) { return 0; }
#endif
#ifndef PyModule_Add
#define PyModule_Add(m, n, v) PyModule_AddObject(m, n, v)
#endif
typedef struct _typeobject PyTypeObject;
typedef struct bufferinfo Py_buffer;
#define OWN_TYPE PyTypeObject
#define USED(o) INNER(o)
#define INNER(o) PyTuple_GET_ITEM(o, 13)
#define UNUSED(o) UNUSED_INNER(o)
#define UNUSED_INNER(o) PyTuple_GET_ITEM(o, 14)
