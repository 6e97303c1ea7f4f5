#include <Python.h>
#define EXPORT __attribute__((visibility("default")))
#define CATCH_ALL catch (...) { return nullptr; }
#define BEGIN_NAMESPACE namespace ns {
#define END_NAMESPACE }
#define MAKE(x) x
BEGIN_NAMESPACE
class EXPORT Spam : public Base {
public:
    Spam() : a(1), MAKE(b) { init(); }
    int get() const EXPORT { return a; }
    EXPORT int &reference();
    UNKNOWN std::string name();
    Py_ssize_t std::size();
};
class EXPORT Forward;
enum EXPORT Kind : int { A };
typedef class Spam other;
END_NAMESPACE
namespace { int inner; }
namespace a::b { UNKNOWN_CALL(inner) int also; }
static PyObject *caught(PyObject *self)
{
    try {
        call();
    } CATCH_ALL
    try { call(); } catch (const Error &e) { call(); }
    try { call(); }
    UNKNOWN_CALL(self)
    MAKE(self) { call(); }
    auto x = [](int a) { return a; };
    switch (1) { case 1: CASE_END default: break; }
    co_return self;
}
operator bool() { return true; }
