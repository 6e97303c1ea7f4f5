#include "first.h"
#include "brings.h"
#include <Python.h>
#if PY_VERSION_HEX >= 0x03090000
int a;
#elif PY_VERSION_HEX >= 0x03080000 && Py_LIMITED_API+0 < 0x030A0000
int b;
#elif !(0x03070000 <= PY_VERSION_HEX) || Py_LIMITED_API == 3
int c;
#else
int d;
#endif
#if OTHER > 3 || Py_TARGET_ABI3T + 0 != 0x030F0000
int e;
#endif
#if (PY_VERSION_HEX & 0xFF) == 0 || PY_VERSION_HEX + 1 > 3 || PY_VERSION_HEX < NUMBER || defined(PY_VERSION_HEX)
int f;
#endif
#if PY_VERSION_HEX > 0x030A0000
# if PY_VERSION_HEX > 0x030A0000
int g;
# endif
#endif
int slot(int id, int version, PyTypeObject *t) {
    if (id == Py_tp_vectorcall || Py_am_send != id) return 1;
    switch (id) { case Py_tp_token: return 2; case 3: return Py_bf_getbuffer; }
    if (runtime_version >= 3) use(Py_tp_vectorcall);
    else use(Py_am_send);
    int n = Py_Version > 3 ? Py_tp_token : 0;
    if (PY_VERSION_HEX > 3) use(Py_tp_token);
    if (PY_MAJOR_VERSION > 3) use(Py_tp_token);
    if (use(Py_tp_token)) state->version = 1;
    while (state->version) use(Py_tp_token);
    if (state->version) { for (;;) use(Py_tp_token); }
    return n + Py_tp_token;
}
PyTypeObject variable;
PyTypeObject *pointer;
struct holder { PyTypeObject type; PyObject object; PyHeapTypeObject heap; PyTypeObject *pointer; PyThreadState state; };
size_t sizes(PyTypeObject *t, PyObject **list) {
    return sizeof(PyTypeObject) + sizeof(*t) + sizeof(t) + sizeof t->tp_name + sizeof(struct _typeobject) + sizeof(list[0])
        + sizeof(PyHeapTypeObject) + sizeof(PyTypeObject *) + sizeof(Py_buffer) + sizeof(PyVarObject) + sizeof(variable);
}
#ifdef _WIN32
PyTypeObject on_windows;
#endif
