static int odd(int a)
{
    (void (*(*)(int))(char))x, (int (*(*)[3])(void))y, (int (*)(int (*)(int)))z, (char (*(*)(void))[2])w;
    (a) ? b : c; (a), (b); (a).b; (a)->c; (a)[1]; (a)++; (a) == b; (a) != c; (a)); (a)] ; (a)? 1 : 2; (a) = b; (a); f((a)+1);
    MACRO(a; b; c), MACRO({ a; b; }, c), f(({ int x = 1; x; }), 2), MACRO(if (a) b; else c);
    x y; f(a) b; f(a) { b; } x { c; } x.y { d; } f(a)
    g(b);
    case a ? b : c: d;
    case f(a ? b : c): d;
    { a; } } { b; }
    struct s { int a; } x = {1}, *y; struct { int b; } z; struct s; struct s w; union u { int c
    ; } v; enum { A, B = 2 } e; const struct s *const *p, q[2], (*r)(int), (*(t))(void), (u), *(v), &w;
    int a1 = b, c1(d), e1[] = "f", g1{h}, (*i1), (*j1[2])(int), *(*k1)(void), (*(*l1)(int))(char);
    unsigned UPPER m; const UPPER n; UPPER o; UPPER UPPER2 p; lower UPPER q; UPPER lower *r; UPPER LOWER *s; EXPORT int t; int EXPORT u; static UPPER(a) v;
    PyObject *a2 UNUSED, *b2 UNUSED = NULL, c2 __attribute__((unused)) = 1, UNUSED d2, *UNUSED e2;
    T a3 = {1}, b3 = {.a = 1}, c3[2] = {{1}, {2}}, *d3 = &(T){1};
    a <b> c; a < b, c > d; a<b>::c; f<a, b>(c); f(a < b, c > d); f(a<b, c>(d)); a<b;
    T<int> x1; T<a, b> *y1; T<(1 > 2)> z1; T<f(a, b)> w1; T<"s"> v1; a<b && c>d; a < -1; T<a &&> u1; T<a &&, b> t1;
    1'000; a ' b; 'ab'; L"x" "y"; u'x'; "a"b; "a" b "c"; 0b11; .5; 1.; 1e5; 0x1p3; 5.f;
    catch (a) b; try { a; } try b; try { a; } catch { b; } try { a; } catch b; try { a; } catch (c) { d; } catch (e) f;
    goto *a; goto a b; return a b; break a; continue; break
}
int unused_parameter(NPY_UNUSED(PyObject *a), UNUSED(int b), Unused(c), UNUSED d, MY_UNUSED_X(e), int UNUSED(f), T *(g), T (*h)(int), T (&i)) { return 1; }
int (f)(int a) { return a; }
int (*g(int a))(int b) { return 0; }
struct s h(struct s { int a; } b) { return b; }
#define EMPTY
#define EMPTY_PARAMETERS()
#define ONE_PARAMETER(a)
#define STATEMENTS(a) a; b; if (a) { c; }
#define DECLARES(T, n) T n = 1; T *n##_p, n##_a[2];
#define HEAD(n) static int n(int a) {
#define STRING(a) #a "b"
#define VARIADIC(a, ...) f(a, __VA_ARGS__, ##__VA_ARGS__)
#define NAMED(a, args...) f(a, args)
#define UNBALANCED (a
#define LAMBDA [](int a) { return a; }
#define CONTINUED a + \
    b + \
    c
