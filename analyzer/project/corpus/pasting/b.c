#include <Python.h>
#define CHECK(T) (Py##T##_CheckExact(o))
int f(PyObject *o) { return CHECK(Unicode); }
#define DECLARE(T, name, n) T name##_object; T *name##_pointer; static T name##_array[n]; struct name##_s { T t; };
DECLARE(PyTypeObject, eggs, 3)
DECLARE(long, ham, 3)
#define WRAP(T, name) DECLARE(T, name, 1) size_t name##_size = sizeof(T);
WRAP(PyThreadState, state)
long g(void) { return eggs_object.tp_hash == 0 && eggs_pointer->tp_call && eggs_array[1].tp_iter; }
#define GET(v, m) v->m.ob_type
#define GETP(v, m) (v).m->ob_type
struct holder { PyObject o; PyObject *p; };
void *h(struct holder *a) { return GET(a, o) ? GETP(*a, p) : GETP((*a), p); }
