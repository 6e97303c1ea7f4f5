#include <Python.h>
namespace {
struct Spam { PyObject_HEAD PyObject *x; void clear() { Py_CLEAR(x); } };
void dealloc(PyObject *self) {
    auto *spam = reinterpret_cast<Spam *>(self);
    spam->clear();
    PyTypeObject *tp = Py_TYPE(self);
    delete spam->x;
    delete spam;
    spam->~Spam();
    ::PyObject_Free(self);
    Py_DECREF(static_cast<PyObject *>(static_cast<void *>(tp)));
}
int traverse(PyObject *self, visitproc visit, void *arg) {
    auto each = [&](PyObject *o) { Py_VISIT(o); return 0; };
    for (auto &item : items(self)) Py_VISIT(item);
    try { Py_VISIT(Py_TYPE(self)); } catch (...) { return -1; }
    return each(reinterpret_cast<Spam *>(self)->x);
}
PyType_Slot slots[] = {
    {Py_tp_dealloc, reinterpret_cast<void *>(dealloc)},
    {Py_tp_traverse, (void *)&traverse},
    {Py_tp_new, static_cast<void *>([]() { })},
    {0, nullptr},
};
PyType_Spec spec{"n.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT, slots};
}
template <typename T> void release(T *object) { Py_DECREF(object->x); delete object; }
class Module { PyObject *type; public: int init() { type = PyType_FromSpec(&spec); this->type = PyType_FromSpec(&spec); return release(this), 0; } };
static void through_template(PyObject *self) { release<Spam>((Spam *)self); Wrapper(self).free(); }
