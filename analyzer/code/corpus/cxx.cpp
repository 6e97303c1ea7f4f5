namespace ns {
static int inner(int a) { return a; }
namespace { int deep = 1; }
class Spam : public Base<int>, private Other {
public:
    Spam(int a) : Base(a), b_{a}, c_(new int[3]) { init(); }
    ~Spam() { delete c_; delete[] d; }
    virtual int get() const override { return b_; }
    static PyObject *make(PyObject *self) noexcept;
    int operator()(int a) { return a; }
    bool operator==(const Spam &other) const { return b_ == other.b_; }
    template <typename T> T as() const { return static_cast<T>(b_); }
private:
    int b_ = 1;
    int *c_;
};
}
PyObject *ns::Spam::make(PyObject *self) noexcept
{
    auto *p = reinterpret_cast<Spam *>(self);
    const_cast<Spam *>(p)->get(), dynamic_cast<Other *>(p);
    std::unique_ptr<Spam> owned(new Spam(1));
    std::vector<std::pair<int, int>> list{{1, 2}, {3, 4}};
    Spam local(1), other{2};
    Spam &reference = local;
    auto lambda = [&, p](int a) mutable -> int { return a + p->b; };
    lambda(1), [](PyObject *o) { Py_DECREF(o); }(self);
    for (const auto &each : list) use(each);
    for (auto it = list.begin(); it != list.end(); ++it) { use(*it); }
    try { risky(); } catch (const std::exception &e) { PyErr_SetString(PyExc_RuntimeError, e.what()); } catch (...) { throw; }
    if (auto *q = find(p)) return q;
    a < b, c > d;
    ns::inner(1), ::global(2), ns::T<int>::f(3), f<int, 4>(5);
    nullptr, true, this->a, (*this).b;
    new (place) Spam, new int[3], delete p, delete[] p;
    int(3), float(a), std::string("x");
    a.template get<int>();
    throw std::runtime_error("x");
    using T = int;
    static_assert(sizeof(int) == 4, "int");
    constexpr int k = 1'000;
    R"(raw "string")";
    decltype(a) b = a;
    [[maybe_unused]] int c = a;
    a <=> b;
    Spam<int> a1, *a2 = nullptr, a3(1), a4{2};
    std::map<int, std::vector<std::pair<int, Spam *>>> a5;
    ns::Spam::Inner a6 = ns::Spam::make<1, int>(a5);
    a < b > c, a < b > (c), f<a>(b), f<a>::b, f<a, b>{c}, (a < b) > c, a < 1 && b > 2, a<b>::c(d);
    Spam{1, 2}, Spam{}.get(), Spam(1).get(), ns::Spam{1}, std::string{"a"} + "b", (Spam){1}, int{3};
    auto f1 = [] { return 1; }, f2 = [=]() mutable noexcept { return 2; }, f3 = [this, &a](auto... b) -> T { return b; };
    f([&](int a, int b) { if (a) return b; return 0; }, 1), a[[](int b) { return b; }(1)];
    if (a < 1 && b > 2) c; if (a<b && c>(d)) e; std::function<void(T &&)> a7; std::tuple<T&&, U&&...> a8;
    const auto &[x, y] = pair;
    auto &&z = f(), *w = &z;
    if (int a = f(); a > 0) b; else if constexpr (c) d;
    while (auto a = next()) use(a);
    switch (auto a = f(); a) { case Kind::A: b; }
    for (auto [a, b] : map) use(a, b);
    delete a, delete[] b, new Spam, new Spam(1, 2), new Spam{1}, new Spam[3]{1}, new ns::Spam<int>(a), new (a) Spam(b);
    static_cast<int>(a) + 1, reinterpret_cast<Spam **>(&a), const_cast<const T &>(a), dynamic_cast<ns::T<int> *>(a)->b;
    static_cast<a, static_cast<T>a, typeid(a), decltype(a), noexcept(f()), alignof(T), sizeof...(a), a.*b, a->*b;
    a and b or not c, a bitand b, a xor b, (T)not a, co_await a, co_yield b;
    ::f(1), ::ns::f(1), a.ns::f(1), a->~Spam(), a.operator()(1), Spam::operator=(a), operator+(a, b), this;
    throw; throw a; throw Spam(1), b;
    try { a; } catch (T &b) { c; }
    goto a; using namespace std; using ns::Spam; namespace fs = std::filesystem; friend class A; mutable int b;
    Spam a(b), c(d, e); Spam f(); Spam g(Spam()); Spam *h(i); Spam &j(k); T *l = m, &n = *o;
    return nullptr;
}
template <typename T, int n> static T *shape(T (&a)[n]) { return a; }
template <> int *shape<int, 3>(int (&a)[3]) { return a; }
extern "C" {
PyMODINIT_FUNC PyInit_spam(void) { return PyModule_Create(&def); }
static int in_c(void);
}
int global{1};
constexpr auto table = std::array<int, 2>{1, 2};
Spam::Type Spam::member = {1, 2};
static const auto function = [](int a) { return a; };

void references(Object *o, Object &changed, const Object &kept, Object *const &pointer) {
    auto &a = size(o);
    const auto &b = size(o), &c = size(o);
    auto &&d = size(o);
    const Type *&e{type(o)};
    Type *const &f(type(o));
}
template <typename T> static PyObject *of_template(vec<1, T> *self, std::map<int, std::vector<T>> all, int n = 1 < 2) { return n; }
