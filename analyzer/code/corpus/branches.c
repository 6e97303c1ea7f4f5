int first(void) { return 1; }
static int branches(int a)
{
    do { a; }
#if X
    while (b);
#else
    while (c);
#endif
#if X
    while (a) b;
#else
    while (a) { b; }
#endif
#if X
    while (a)
        ;
#endif
#if A
    if (a) { b; }
#endif
    else { c; }
#if B
    if (a) { b; }
#else
    if (c) { d; }
#endif
    else e;
#if C
    MACRO_ALONE
    OTHER_MACRO(a, b)
    THIRD_MACRO;
    FOURTH_MACRO(c);
#endif
#if D
    MACRO_ALONE lower
#endif
#if E
    OTHER_MACRO(a) + b
#else
    ;
#endif
#if F
    case 1:
#else
    label:
#endif
    a;
#if G
    a;
}
#else
    b;
}
#endif
static int more(int a)
{
#if H
    {
        a;
#else
    {
        b;
#endif
    }
#if I
    , a
#endif
    ;
    x = a
#if J
        + b
#elif K
        + c;
    d
#endif
        ;
    f(a,
#if L
      b
#else
      c
#endif
      );
#if M
    return a;
#elif N
    return b;
#else
    return c;
#endif
#define INSIDE 1
#if O
#elif P
#endif
#if Q
# if R
    a;
# else
    b;
# endif
#else
# if S
# endif
#endif
    switch (a) {
#if T
    case A ? B : C: a; break;
#endif
    case (D): b;
    case E::F: c;
    default: ;
    }
#if U
    } else {
#endif
#ifdef V
    a;
#else
    b;
}
static int split(int a)
#ifdef W
{
    return a;
}
#else
{
    return b;
}
#endif
static int old(a, b)
#ifdef X
    int a;
#endif
    char *b[2];
{
    return a;
}
MACRO(a)(b)
MACRO(a) MACRO(b);
MACRO(a, {1, 2}) static int behind = 1;
static int array[] = {
    f(1
#if A
      , 2
#endif
    ),
    g(
#if B
      1)
#else
      2)
#endif
    , h[
#if C
      1
#elif D
      2
#else
# if E
      3
# endif
#endif
    ],
#if F
    1
#if G
    , 2
#endif
#endif
};
struct unended { int a; struct { int b;
