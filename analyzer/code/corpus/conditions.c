#define PLAIN 1
#define EMPTY
#define CALL(x, ...) f(x, __VA_ARGS__)
#define BLOCK(x) do { a(x); b(x); } while (0)
#define TWO(x) a(x); b(x)
#define NAME(x) x##_Type
#define STRING(x) #x
#define HEAD(name) static int name(PyObject *self) { return g(self); }
#define TABLE(x) {#x, x, METH_O}
#define UNBALANCED(x) if (x) {
#define LONG(x) \
    one(x), \
    two(x)
static int conditions(int n)
{
#if A
    a;
    b;
#elif B
    c;
#else
#if D
    d;
#endif
#endif
    e(1
#if F
      , 2
#else
      , 3, 4
#endif
      );
    if (g)
#ifdef H
        h;
#else
        i;
#endif
#ifdef J
    if (j) {
#else
    if (k) {
#endif
        l;
    }
#ifdef M
    if (m)
#endif
        o;
    if (p) {
        q;
#ifdef R
    } else {
        r;
#endif
    }
    switch (n) {
#ifdef S
    case 1:
        s;
        break;
#endif
    default:
        t;
    }
    int u =
#ifdef U
        1;
#else
        2;
#endif
#if 0
    never;
#endif
#pragma once
#define LOCAL 1
    return n
#ifdef V
        + v
#endif
        ;
}
#ifdef W
int w(int a) {
#else
int x(int a) {
#endif
    return a;
}
