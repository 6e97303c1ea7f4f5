#include <Python.h>
#define CALL(f, x) do { f(x); (void)g(x); } while (0)
#define VALUE ((T *)self->type)
#define NOTHING
#define SEVERAL a; b
#define TYPE_OF(o) \
    (Py_TYPE(o)->tp_free)
#ifdef WIDE
#define FIELD wide
#endif
struct s { int a, b; PyObject *c[2]; struct { int d; }; int e : 3; };
struct t {
    int a;
#ifdef X
    int b;
#endif
};
static int file_level = 1, *other = &file_level, (*third)(int) = f;
static struct s table[] = {{1, .b = file_level, {g(1), NULL}}, {.c[0] = f, .a = h()}};
int where(PyObject *self, int n)
{
    int a = f(n), b, *c = (int *)g(&a), d[] = {h(1), n};
    f(1);
    (void)f(2);
    ((void)(f(3)));
    x = f(4);
    x = (T *)(n ? f(5) : g(6));
    x.y->z = y = f(7), g(8);
    x += f(9);
    if (f(10)) g(11); else h(12);
    if (a && f(13)) { g(14); }
    while (f(15) || g(16)) h(17);
    for (f(18); g(19); h(20)) f(21);
    for (int i = f(22); i < g(23); i++) { h(24); }
    do f(25); while (g(26));
    switch (f(27)) { case 1: g(28); default: h(29); }
    return f(30) ? g(31) : (h(32), f(33)) && g(34);
label: f(35);
    { f(36); { g(37); } }
    f(g(h(38)), h(39)[f(40)]->x(g(41)));
    ({ f(42); x = g(43); });
#if A
    f(44);
#elif B
    if (n) g(45);
#else
# if C
    h(46);
# endif
#endif
    if (n)
#ifdef D
        f(47);
#else
        g(48);
#endif
    MACRO(f(49)) g(50);
    *f(51) = g(52);
    sizeof f(53), -f(54), !g(55), f(56) == g(57);
    goto label;
    CALL(f, VALUE);
}
/* Plain texts, names, null pointers. */
void texts(void)
{
    a; (a); ((T *)a); &a; (T *)&a; *a; (void *)(T)a; &(a); &*a;
    a.b; a->b; (a)->b; ((T *)a)->b.c; (*a).b; a[0]; a[i + 1].b; (a)[(i)]; f(a); f (a, (T *)b); f(a)->b; (f)(a);
    cast(a); void_cast(&a); CAST(T, a); reinterpret(a); forecast(1);
    0; (0); NULL; (T *)NULL; (void *)0; 0L; 0x0; 00; '0'; nullptr; 1; {0}; a, 0; "0"; 0.0; 0UL; ((T *)(0)); NULL + 0;
    a + b; a ? b : c; -a; !a; a = b; a++; ++a; sizeof(a); sizeof(T); "x"; 'c'; (T){1}; a == b; ~a; a, b;
}
