namespace ns { int f(int a) { return ns::f(a), ::f(1), T<int>::f(2), (ns::T::g)(3), ns::V; } }
void lambdas(PyObject *self)
{
    auto l = [self](int a) { f(a); return g(a); };
    call([&] { f(1); if (x) g(2); }, f(3));
    T t = f(4), u(g(5)), v{h(6)};
    delete f(7), new T(g(8)), static_cast<T *>(f(9))->x, T{g(10)}, throw_it(f(11));
    for (auto &x : f(12)) g(13);
    try { f(14); } catch (T &e) { g(15); }
    if (auto x = f(16)) g(17);
    return f(18);
}
struct S { int f(int a) { return a; } int m; };
int S::method() { return m + f(1); }
namespace a::b { inline namespace c { int d() { return 1; } namespace { int e() { return 2; } struct N { int f() { return 3; } }; } } int g() { { return 4; } } }
extern "C" { int h() { return 5; } namespace i { int j() { return 6; } } }
namespace zoo {
#ifdef NOT
else {
#endif
static int cat(void) { return 1; }
}
static int dog(void) { return 2; }
