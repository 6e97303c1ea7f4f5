typedef struct { PyObject ob_base; PyObject *x, *y; PyObject *items[3]; } T;
#define OBJECT(o) ((T *)(o))
#define RELEASE(t) do { Py_DECREF((t)->x); Py_TYPE(t)->tp_free(t); } while (0)
#define RELEASE_MEMBER(t, m) Py_CLEAR((t)->m)
#define CHAIN(o) RELEASE(OBJECT(o))
#define BEGIN(o) { PyTypeObject *tp = Py_TYPE(o); Py_DECREF(tp); }
#define SELF_FREE PyObject_Free(self)
#define WITH_FUNCTION(f, x) f(x)
#define ALIAS PyObject_GC_Del
#define ALIAS_TWICE ALIAS
#define CYCLE(x) CYCLE(x); Py_DECREF((x)->again)
#define EXPRESSION(x) (Py_DECREF(x), 0)
#define LOCAL_SHADOW(o) { T *t = OBJECT(o); Py_DECREF(t->y); }
#define NOTHING(o)
void elsewhere(PyObject *o);
static inline void in_header(PyObject *o) { Py_DECREF(((T *)o)->x); }
