static PyObject *
statements(PyObject *self, PyObject *args)
{
    int i, *p = &i, list[3] = {1, 2, 3}, (*function)(int) = NULL;
    static const char *const names[] = {"a", "b", NULL};
    register unsigned long long big;
    struct item one, *two = &one;
    struct { int a; int b; } pair = {1, 2};
    enum { A, B } kind = A;
    typedef struct item item_t;
    item_t x = {0};
    Spam *spam = (Spam *)self;
    Spam plain;
    extern int elsewhere;
    size_t n = sizeof(x);
    unknown_t *pointer;
    unknown_t value = 1;
    a * b;
    Py_DECREF(*p);
    ;
    {}
    { a; { b; } }
    if (a) return NULL;
    if (a) { b; } else { c; }
    if (a) b; else if (c) d; else e;
    if (a)
        for (;;) b;
    else
        c;
    for (i = 0; i < n; i++) a;
    for (int j = 0, k = 1; j < k; j++, k--) { a; }
    for (;;) break;
    while (a) b;
    while (a) { if (b) continue; break; }
    do a; while (b);
    do { a; } while (0);
    switch (a) {
    case 1:
    case A ... B:
        b;
        break;
    case 'c': { d; }
    default:
        e;
    }
    switch (a) case 1: b;
    if (a) ; else ;
    if (a) if (b) c; else d;
    while (a) while (b) c;
    for (;;) for (;;) if (a) b; else c;
    for (i = 0, j = 1; ; ) { }
    for (; a; ) { }
    do ; while (a);
    do if (a) b; else c; while (d);
    switch (a) { case 1: { b; } break; case 2: default: c; }
    switch (a) { default: ; }
    a: b: c;
    MACRO(a) { b; }
    MACRO { b; }
    if MACRO(a) b;
    MACRO(a) MACRO(b)
    MACRO(a) if (b) c;
    MACRO(a) = b;
    MACRO(a)->b;
    MACRO(a).b = c;
    MACRO(a) + b;
    WITHOUT_SEMICOLON
    if (a) b;
    int x[] = {1, 2}, y;
    int f(int), g(void);
    const T *t = a, u[2];
    T (*h)(int), (*i[3])(T *);
    T **j;
    a->b * c;
    a * b, c;
    a * b = c;
    f(a) * b;
    T x(1);
    T (x);
    T (*x);
    unsigned x, *y;
    long long int z = 1;
    signed char w;
    struct s { int a; } s, *t = &s;
    union { int a; };
    enum e { A = 1, B } e;
    typedef int (*fn)(int);
    typedef struct s s_t, *s_p;
    static T u;
    auto v = 1;
    volatile int k;
    T const *l;
    goto done;
    Py_BEGIN_ALLOW_THREADS
    a;
    Py_END_ALLOW_THREADS
    FOREACH(x, list) { a; }
    FOREACH(x, list) a;
    MACRO(a)
    MACRO;
    MACRO(a);
    asm("nop");
    __asm__ volatile ("nop" : : : "memory");
    _Static_assert(sizeof(int) == 4, "int");
    __attribute__((unused)) int odd;
    int even __attribute__((unused)) = 1;
    return;
    return a;
    return (PyObject *)(a);
again:
    a;
done: b;
end:
}

void empty(void) {}
void nothing(void)
{
    /* a comment
       and another */
    // a; b;
}
