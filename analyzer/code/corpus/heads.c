static int one(void) { return 1; }
int *two() { return 0; }
const struct item *three(struct item *a, const char b[], int c[2][3], ...) { return a; }
static inline unsigned long four(unsigned, PyObject *, Spam *Py_UNUSED(x)) { return 4; }
PyMODINIT_FUNC PyInit_five(void) { return 0; }
extern "C" int six(int (*f)(int, int), void (*g[2])(void)) { return 6; }
void (*seven(int a))(int) { return 0; }
static int eight(a, b) int a; char *b; { return 8; }
static PyObject *NINE(nine)(PyObject *self) { return 0; }
DEFINE(ten) { return 10; }
DEFINE_FUNCTION(eleven, (PyObject *self)) { return 11; }
static int EXPORT twelve(int a) { return 12; }
__attribute__((noreturn)) static void thirteen(void) { for (;;); }
static void fourteen(int a) __attribute__((unused)) { }
static Py_ssize_t
#ifdef WIDE
fifteen(PyObject *self, Py_ssize_t n)
#else
fifteen(PyObject *self, int n)
#endif
{
    return n;
}
int prototype(int a);
static int prototypes(void), more(int);
typedef int (*callback)(PyObject *, void *);
typedef struct item { int a; } item_t, *item_p;
typedef unsigned char byte;
struct forward;
struct whole { int a, b; char *c[3]; struct { int d; } e; int f : 3; void (*g)(int); union { int h; }; };
union either { int a; float b; };
enum colour { RED, GREEN = 2, BLUE };
int variable, *pointer = &variable, array[2] = {1, 2}, matrix[2][2] = {{1, 2}, {3, 4}};
static const char doc[] = "a" "b";
extern PyTypeObject Spam_Type;
PyAPI_DATA(PyTypeObject) Egg_Type;
static PyTypeObject Spam_Type = {PyVarObject_HEAD_INIT(NULL, 0) "spam.Spam", sizeof(Spam), .tp_flags = A | B,};
static struct { const char *name; int value; } table[] = {{"a", 1}, {"b", 2}, {NULL}};
static PyMethodDef methods[] = {
    {"a", (PyCFunction)(void (*)(void))one, METH_NOARGS, PyDoc_STR("a, b")},
#ifdef X
    {"x", two, METH_NOARGS, NULL},
#elif defined(Y)
    {"y", two, METH_NOARGS, NULL},
    {"z", two, METH_NOARGS, NULL},
#else
#endif
    SENTINEL
    {NULL, NULL, 0, NULL}
};
int split[] = {
    1 +
#if X
    2,
    3
#else
    4
#endif
};
int broken[] = {
#if X
    f(1,
#else
    f(
#endif
    2), 3
};
PyDoc_STRVAR(text, "one\n\
two");
MACRO(a, b)
MACRO(&one);
int last
;
int knr(a, b, c) struct s *a; int b[], (*c)(); { return 1; }
int after_macro MACRO(a) { return 1; }
static MACRO_HEAD { return 1; }
int array_of(void)[3] { return 1; }
static const struct s *const volatile *pointers(const struct s *const *a, int (*const b)(void), register int c) { return a; }
int defaults(int a = 1, T b = {1, 2}, T *c = f(1, 2)) { return a; }
int empty_parameter(int a, ) { return a; }
int not_types(1, "a") { return 1; }
PyObject *unused(PyObject *UNUSED(a), PyObject *Py_UNUSED(b), NPY_UNUSED(int c), int d __attribute__((unused))) { return a; }
EXTERN_C int extern_c(void) { return 1; }
extern int extern_body(void) { return 1; }
extern_spam int named_extern;
DL_EXPORT(int) exported;
SPAM_DATA(T) data;
NOT_A_DATA_MACRO(T) not_data;
T macro_value = MACRO(1, 2), other_value = {MACRO(1)}, third(1);
int bits : 3, plain;
struct { int a; } *pointer_to, array_[3], (*function_)(void);
struct tagged { int a; } __attribute__((packed)) attributed = {1};
struct tagged only_declared, *and_pointer;
const char *strings[] = {"a" "b", "c" MACRO "d", MACRO "e", "f" MACRO};
int (*pointers_[2])(int) = {one, &two};
void (*signal_(int a, void (*b)(int)))(int);
int nested_braces[2][2] = {{1}, {2,}, };
int computed[] = {1 + 2, a ? b : c, (d), -e, f(g), h[i], j.k, l->m, n = o, sizeof(p), &q, *r, !s, (T)t, (T){u}};
static int odd[] = {1 2, .a, .b =, [3], = 4, {}, , 5};
static struct whole designated = {.a.b = 1, .c[2] = "x", [0] = {1}, {.d = 2}, (struct item){3}, f(4, 5), -6, g};

#if PY_MAJOR_VERSION >= 3
PyMODINIT_FUNC PyInit_two(void) {
    PyObject *module = PyModule_Create(&two);
    if (!module)
        return NULL;
#else
void inittwo(void) {
    PyObject *module = Py_InitModule("two", methods);
#endif
    add(module);
#if PY_MAJOR_VERSION >= 3
    return module;
#endif
}
static PyObject *by_condition(PyObject *self,
#if FAST
PyObject *const *args, Py_ssize_t nargs
#else
PyObject *args
#endif
) { return self; }
static PyObject *by_version(PyObject *self,
#if PY_MAJOR_VERSION >= 3
PyObject *args
#else
char *args
#endif
) { return self; }
