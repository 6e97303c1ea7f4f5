#include <Python.h>
#include "types.h"
typedef PyTypeObject my_type;
typedef my_type *my_pointer;
typedef struct { PyObject_HEAD PyTypeObject *type; my_pointer more[4]; struct { PyTypeObject *deep; } in; } spam;
struct eggs { spam *s; spam inner; union { PyTypeObject *either; long n; }; PyTypeObject *(*find)(int); };
#define CAST(o) ((spam *)(o))
#define TYPE(o) CAST(o)->type
#define ALIAS spam
#define CURRENT the_type
#define FUNCTION make
#define LOOP LOOP2
#define LOOP2 LOOP
static my_type *the_type;
static my_type *make(spam *s);
static spam *(*maker)(void);
extern spam many[];
enum { A_CONSTANT };
void f(PyObject *self, struct eggs *e, my_pointer p, spam **list, ALIAS *alias, int flag, const PyObject *c)
{
    self->ob_type->tp_name;
    Py_TYPE(self)->tp_free(self);
    e->s->type->tp_basicsize;
    e->inner.type->tp_itemsize;
    e->either->tp_dealloc;
    e->find(1)->tp_vectorcall_offset;
    p->tp_getattr;
    (*p).tp_setattr;
    list[0]->type->tp_as_async;
    (*list)->more[1]->tp_repr;
    (**list).in.deep->tp_as_number;
    TYPE(self)->tp_as_sequence;
    alias->type->tp_as_mapping;
    CURRENT->tp_hash;
    FUNCTION(0)->tp_call;
    make(NULL)->tp_str;
    maker()->type->tp_getattro;
    (*maker)()->type->tp_setattro;
    many[2].type->tp_as_buffer;
    (flag ? p : 0)->tp_flags;
    (&e->inner)->type->tp_doc;
    ((PyTypeObject *)self)->tp_traverse;
    LOOP->tp_clear;
    unknown->tp_richcompare;
    unknown_function(1)->tp_weaklistoffset;
    c->ob_type->tp_iter;
    from_header()->tp_iternext;
    header_type->tp_methods;
    header_struct.type->tp_members;
    SINCE(self)->tp_getset;
    ((PyHeapTypeObject *)self)->ht_type.tp_base;
    PyObject_New(spam, p)->type->tp_dict;
    many->type->tp_descr_get;
    nested.outer.first->tp_descr_set;
    (p, p)->tp_dictoffset;
    (p = the_type)->tp_init;
    p++->tp_alloc;
    DEPENDS(self)->tp_new;
    elsewhere->tp_is_gc;
    (e->s + 1)->type->tp_bases;
    MAYBE(self)->tp_mro;
#ifdef _WIN32
#define LAST(o) CAST(o)
#endif
    LAST(self)->type->tp_cache;
#undef CAST
    CAST(self)->type->tp_subclasses;
    wrong.type->tp_weaklist;
}
#define LATER(o) ((spam *)o)
static void before(PyObject *o) { AGAIN(o)->tp_del; }
#define AGAIN(o) ((PyTypeObject *)(o))
static void between(PyObject *o) { AGAIN(o)->tp_version_tag; }
#undef AGAIN
#define AGAIN(o) ((PyObject *)(o))
static void behind(PyObject *o) { AGAIN(o)->ob_type; }
