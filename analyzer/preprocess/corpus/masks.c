#include <Python.h>
#define EXPORT __attribute__((visibility("default")))
#define API(type) EXPORT type
#define DATA(type) extern type
#define BEGIN_C extern "C" {
#define END_C }
#define OPEN if (1) {
#define OPEN_OF(x) while (x) {
#define CLOSE }
#define CHECK(x) if (!(x)) return NULL;
#define STATEMENT call()
#define EMPTY
#define DECLARE(type, name) type name
#define LIST(a) { a }
#define HANDLE
BEGIN_C
API(int) one(void);
DATA(int) two;
PyAPI_FUNC(int) three(void);
PyAPI_DATA(int) four;
EXPORT int five(void) { return 5; }
int EXPORT six(void) { return 6; }
struct EXPORT item { PyObject_HEAD int a; };
struct item EXPORT seven;
Py_LOCAL_INLINE(PyObject *) eight(void);
static UNKNOWN int nine(void) { return 9; }
UNKNOWN struct item *ten(void) { return 0; }
UNKNOWN const struct item *eleven;
UNKNOWN type *twelve;
UNKNOWN type thirteen(int a) UNKNOWN { return a; }
DECLARE(int, fourteen);
DECLARE(, fifteen)
MACRO(int, char *)
typedef struct item other;
END_C
PyTypeObject T = {
    PyVarObject_HEAD_INIT(NULL, 0)
    "name",
};
PyTypeObject U = {
    PyObject_HEAD_INIT(NULL)
    0, "name",
};
PyTypeObject V = { PyVarObject_HEAD_INIT(NULL, 0), "name" };
static PyObject *body(PyObject *self, int n)
{
    int a = va_arg(ap, char *), b = va_arg(ap, int), c = va_arg(ap, struct item *);
    PyObject_New(struct item, &T), PyMem_Resize(self, int, n), PyMem_New(char *, n);
    other *p = PyObject_GC_New(other, &T);
    Py_BEGIN_ALLOW_THREADS
    call(self, n);
    Py_END_ALLOW_THREADS
    CHECK(self)
    OPEN
        call();
    CLOSE
    OPEN_OF(n)
        call();
    CLOSE
    STATEMENT
    if (n) return NULL;
    EMPTY
    for (;;) {
        UNKNOWN_STATEMENT
        return NULL;
        UNKNOWN_STATEMENT
    }
    UNKNOWN_CALL(n)
    UNKNOWN_CALL(n, "a")
    if (UNKNOWN_CALL(n)) return NULL;
    else UNKNOWN_CALL(n)
    do { call(n) } while (n);
    UNKNOWN_CALL(n) { call(); }
    FOREACH (a, b) call();
    a->CHECK(self), self->EMPTY;
    return (UNKNOWN_CALL(n) call(n));
label: STATEMENT
}
static PyObject *idle(PyObject *self)
{
    int a = 1;
    for (;;) { a = a + 1; if (a > 10) break; }
    return 0;
}
static int table[] = {
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17,
};
static PyObject *conditional(PyObject *self)
{
#if X
    int a = 1, b = 2, c = 3, d = 4, e = 5, f = 6;
#else
    int a = 1;
#endif
    return 0;
}
static int opened_twice(int a) {
#if X
    if (a) {
#else
    if (!a) {
#endif
        return 1;
    }
    if (a > 2) {
        a = a + 1; a = a + 2; a = a + 3; a = a + 4;
    }
    return 0;
}
#if X
static int split(int a) {
    int a = 1, b = 2, c = 3, d = 4, e = 5, f = 6;
#else
static int splits(int a) {
    int a = 1, b = 2, c = 3, d = 4, e = 5, f = 6;
#endif
    return a;
}
