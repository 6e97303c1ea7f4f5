#define CHECK(T) static int is_##T(PyObject *o) { return Py##T##_Check(o); }
#define CHECK_ALIAS(T) CHECK(T)
#define TYPES(X) X(int, Long) X(float, Float)
#define ONE(n, kind) static PyObject *n##_type = (PyObject *)&Py##kind##_Type;
#define OBJECT(name, size) PyTypeObject name##_Type = { PyVarObject_HEAD_INIT(NULL, 0) #name, size }; PyTypeObject name = { 0 };
#define FIELD(o, f) ((o)->tp_##f != 0)
#define SLOT(o, f) FIELD(o, f)
#define TYPE_OF(s) ((s)->type)
#define SIZE_OF(T) (int)sizeof(T)
#define LOCAL(f) t->tp_##f
#define TWICE(M, x) (M##_ALIAS(x) 0)
#define CALL(a, b, c) a##b##c
struct spam { PyTypeObject *type; int n; };
