#include <Python.h>
#ifdef _WIN32
typedef PyTypeObject *by_build;
typedef long by_both;
#define Py_TYPE(o) ((PyTypeObject *)(o))
#define Py_REFCNT(o) 1
#define OWN(o) ((PyTypeObject *)(o))
#define BOTH(o) ((PyObject *)(o))
struct by_build_s { PyTypeObject *one; };
static PyTypeObject *by_build_variable;
#else
typedef PyTypeObject *by_both;
#define BOTH(o) ((PyTypeObject *)(o))
struct by_build_s { PyTypeObject *two; };
#endif
#if PY_MAJOR_VERSION < 3
typedef long never_seen;
#define VERSION(o) (o)
#define Py_SIZE(o) (o)
#else
typedef PyTypeObject *never_seen;
#define VERSION(o) ((PyTypeObject *)(o))
#endif
#define VERSION_ALIAS VERSION
typedef struct _object *object_alias;
typedef object_alias again;
void f(PyObject *o, by_build a, by_both b, never_seen c, struct by_build_s *d, again e)
{
    a->tp_name; b->tp_basicsize; c->tp_itemsize; d->one->tp_dealloc; d->two->tp_getattr; e->ob_type->tp_setattr;
    Py_TYPE(o)->tp_as_async; OWN(o)->tp_repr; BOTH(o)->tp_as_number; VERSION(o)->tp_hash; VERSION_ALIAS(o)->tp_call;
    by_build_variable->tp_str; Py_SIZE(o)->tp_getattro;
    ((again)(o))->ob_type->tp_setattro; (again)(o); (never_seen)(o); (by_both)-1; (unknown_t)-1; (f)(o); (o)(1);
    use(sizeof(again), sizeof(o), (again)&o, (unknown_t *)o, (unknown_t)(o));
}
