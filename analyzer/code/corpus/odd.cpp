bool operator==(const A &a, const A &b) { return true; }
A &operator<<=(A &a, int b) { return a; }
int A::operator()(int a) { return a; }
A::operator bool() const { return true; }
void *operator new(size_t n) { return 0; }
void *operator new[](size_t n) noexcept { return 0; }
A operator""_km(long double x) { return 0; }
auto A::operator->() -> B * { return 0; }
A::A() : B(1), c_{2}, d_([] { return 1; }()), e_{} { f(); }
A::A(int a) noexcept : B(a) { }
A::~A() noexcept(false) { }
A::A(A &&) = default; A::A(const A &) = delete; void A::pure() const = 0;
template <class T, class... U> auto A<T>::f(T a, U &&...b) const & noexcept -> decltype(a + 1) { return a; }
struct S final : virtual public A, private B<int, 2> { S() = default; int x{1}, y = 2; using A::A; friend int f(S s) { return s.x; } enum class E : int { a, b }; };
[[nodiscard]] static int attributed [[maybe_unused]] (int a [[maybe_unused]]) { return a; }
[[maybe_unused]] static int attribute = 1; alignas(16) int aligned; int b [[x]] = 1;
int global{1}, other(2), list[]{1, 2}; T<int> made{f(1)}; auto deduced = 1; static const auto pair_ = T{1, 2};
namespace a::b { inline namespace c { int d() { return 1; } } }
extern "C" int e() { return 1; } extern "C" { int f() { return 2; } int g; }
template <typename T> struct V { T t; operator T() { return t; } V &operator++() { return *this; } };
template <> struct V<int> { int f() { return 1; } }; template struct V<char>;
requires C<T> int constrained(T t) { return 1; }
int trailing() try { return 1; } catch (...) { return 2; }
void statements()
{
    T<a, b>::c, g<a, b>(c), h<a, b>{1}, f(i<a, b>(c), j<a, b>::d, k<a, b>{e}, l < a, b > m);
    a = [=] { return 1; }(), b = [&x, y = 1](auto z) mutable -> int { return z; }, c[[] { return 1; }()];
    for (auto [a, b] : c) d; for (int x : {1, 2}) y; for (auto x = f(); auto y : x) z; for (T *t : a) { b; }
    if constexpr (a) b; else if (c) d; if (auto *x = f(); x) y; if consteval { a; } while (T *x = f()) y;
    switch (T x = f(); x) { case A::b: c; [[fallthrough]]; case N::M::d: e; }
    try { a; } catch (T) { b; } catch (const T &) { c; } catch (...) { } throw; throw a;
    T a(1), b{2}, c = {3}, d(T(4)), e(), &f = a, &&g = T(), *h(&a), (*i)(int), T::*j, (T::*k)(int) = &T::f;
    new T, new T(), new T{1}, new T[2], new (a) T, new (a, b) T(c), ::new T, new auto(1), new T *[3], delete a, delete[] b, ::delete c;
    a.*b, a->*b, a.~T(), a->T::~T(), a.template f<int>(), a->operator+(b), a.operator T *(), &T::f, (T::f)(), T::template g<1>();
    static_cast<T &&>(a), (T)a, T(a), T{a}, int(a), unsigned(a), auto(a), (const T &)a, (T &&)a, decltype(a){}, typename T::U(a), typename T::U{b};
    a <=> b, a and b, a or b, not a, a xor b, a bitand b, compl a, a not_eq b, a and_eq b, (a) and b, (a) not_eq b;
    using T = int; using namespace a; typedef int U; namespace b = c; static_assert(1); asm("x"); template <class T> struct X; friend class Y; export int z;
    R"(a)b")", R"x(a)")x", u8"a"_s, 1_km, 'a'_c, 0x1'0; co_return a; co_await b; co_yield c; a ? throw b : c; sizeof...(a); noexcept(a); alignof(T); typeid(T);
}
