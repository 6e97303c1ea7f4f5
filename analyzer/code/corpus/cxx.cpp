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
