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
