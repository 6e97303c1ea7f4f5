#include <Python.h>
extern PyTypeObject *by_build_variable;
#define THREE(T, f, g) T##_##f(g)
#define TWO(T, f) THREE(T, f, x)
#define ONE(f) TWO(PyList, f)
#define PARTS(a, b) a->b + (a)->b + a.b
#define HANDED(a) PARTS(a, tp_name)
#define HANDED_PART(a) PARTS(a + 1, tp_free)
#define OF(o, T) PyObject_TypeCheck(o, &Py##T##_Type)
#define OF_TWO(o, A, B) (OF(o, A) || OF(o, B))
#define NESTED(o) OF_TWO(o, List, Tuple) + OF_TWO(o, Dict, Set)
#define TABLE(X) X(Long) X(Float) X(Bool)
#define ENTRY(T) {#T, &Py##T##_Type},
#define SELF(x) SELF(x) Py##x##_Fini
#define WITH_LOCAL(f) local->f + local->tp_##f
static struct { const char *name; PyTypeObject *type; } table[] = { TABLE(ENTRY) };
static int g(PyObject *o, PyTypeObject *t, PyTypeObject u)
{
    PyTypeObject *local = t;
    return ONE(Size) + HANDED(t) + HANDED(u) + HANDED_PART(t) + NESTED(o) + WITH_LOCAL(hash) + SELF(Long) + by_build_variable->tp_doc;
}
static int h(PyObject *o) { PyObject *local = o; return WITH_LOCAL(ob_type) + TWO(PyTuple, Size) + TWO(Py + 1, x) + ONE() + ONE; }
