#include <Python.h>
#include "types.h"
struct Base { PyTypeObject *type; PyTypeObject *get() const; static Base *instance(); };
class Derived : public Base { public: PyObject *o; void run(); operator PyObject *(); };
namespace n { struct Other { PyTypeObject *t; }; PyTypeObject *find(int); }
template <class T> struct Ptr { T *operator->(); T *get(); };
using Alias = Derived;
void Derived::run() { type->tp_name; o->ob_type->tp_free; get()->tp_basicsize; this->type->tp_itemsize; }
void f(Derived &d, Alias *a, const Base *b, n::Other *x, Ptr<PyTypeObject> p) {
    d.type->tp_dealloc;
    a->type->tp_getattr;
    b->type->tp_setattr;
    x->t->tp_as_async;
    p->tp_repr;
    p.get()->tp_as_number;
    static_cast<PyTypeObject *>(d)->tp_as_sequence;
    reinterpret_cast<PyTypeObject *>(a)->tp_as_mapping;
    auto t = b->type;
    t->tp_hash;
    auto &r = *a;
    r.type->tp_call;
    for (auto each : list) each->tp_str;
    Base::instance()->type->tp_getattro;
    n::find(1)->tp_setattro;
    (new Derived)->type->tp_as_buffer;
    Derived()->tp_flags;
    PyTypeObject *own = t, copy;
    own->tp_doc;
    auto l = [t](PyTypeObject *q) { return q->tp_traverse; };
    if (PyTypeObject *in = find()) in->tp_clear;
    d.o->ob_type->tp_richcompare;
}
struct Deep : Derived { }; struct Deeper : Deep { }; struct D3 : Deeper { }; struct D4 : D3 { }; struct D5 : D4 { }; struct D6 : D5 { };
void g(Deep *a, Deeper *b, D3 *c, D4 *d, D5 *e, D6 *f) { a->type->tp_init; b->type->tp_alloc; c->type->tp_new; d->type->tp_is_gc; e->type->tp_bases; f->type->tp_mro; }
