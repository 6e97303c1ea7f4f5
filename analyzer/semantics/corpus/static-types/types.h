#include <Python.h>
#define HEAD PyVarObject_HEAD_INIT(NULL, 0)
#define TAIL 0, 0, 0
#define GC_FLAGS (Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC)
typedef PyTypeObject TypeAlias;
typedef struct { PyObject_HEAD PyObject *item; PyObject *dict; } Spam;
extern PyTypeObject Shared_Type;
