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
static int more(int n)
{
    f(
#if A
      (a
#else
      (b
#endif
      ), c);
    if (a
#if B
        && b
#endif
        ) c;
    x = y
#if C
        ->c;
#else
        .d;
#endif
    return
#if D
        d;
#else
        e;
#endif
    {
#if E
        e;
    }
    {
#endif
        f;
    }
#if G
    for (;;)
#else
    while (1)
#endif
        h;
#if I
    case 1:
#endif
    i;
#if J
    do {
        j;
    } while (
#if K
        k
#endif
        );
#endif
    PyObject *m[] = {
#if M
        m1,
#if N
        n1, n2,
#elif O
        o1,
#endif
        m2,
#else
        m3
#endif
        , m4,
        m5
#if P
        , p1
#endif
#ifdef Q
        .q = 1, .r =
#if R
        2
#else
        3
#endif
        ,
#endif
    };
    return m[0] ? 1 :
#if S
        0;
}
#else
        2;
}
#endif
#ifdef W
int w(int a) {
#else
int x(int a) {
#endif
    return a;
}
