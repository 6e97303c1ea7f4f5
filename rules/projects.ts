/**
 * Small projects that show what has to be seen across lines, macros and files. A line that the compiler refuses ends in
 * `//! Symbol` for each error; no other line may have one. `npm run judge` asks gcc.
 */
export interface SmallProject {
  readonly name: string
  readonly target: string
  /** By path. Sources are given without `#include <Python.h>`, headers as they are. */
  readonly files: Readonly<Record<string, string>>
  /** What the compiler cannot be asked: it is right to complain, but elsewhere or not on this machine. */
  readonly compiler?: 'silent'
}

export const smallProjects: readonly SmallProject[] = [
  {
    name: 'a macro of a header that uses the C library',
    target: '3.12',
    files: {
      'debug.h': '#define DEBUG(text) do { if (verbose) fprintf(stderr, text); } while (0)\nextern int verbose;\n',
      'a.c': '#include "debug.h"\nvoid f(void) { DEBUG("f"); } //! stderr\n',
      'b.c': '#include <stdio.h>\n#include "debug.h"\nvoid g(void) { DEBUG("g"); }\n',
      'c.c': '#include "debug.h"\nint h(void) { return verbose; }\n',
    },
  },
  {
    name: 'a template file that several units include under different macros',
    target: '3.12',
    files: {
      'a.c': '#include "intkey.h"\n#include "template.inc"\n',
      'b.c': '#include "objkey.h"\n#include "template.inc"\n',
      'intkey.h': '#undef KEY_IS_OBJECT\n',
      'objkey.h': '#define KEY_IS_OBJECT\n',
      'template.inc':
        '#ifdef KEY_IS_OBJECT\nvoid *f(PyObject *o) { return Py_TYPE(o)->tp_bases; } //! ' +
        'PyTypeObject.tp_bases\n#endif\n',
    },
  },
  {
    name: 'a constructor without initialisers, a variable made by one',
    target: '3.12',
    files: {
      'a.cpp': `class Object {
  PyObject *p;
public:
  Object(PyObject *_p) { p = _p; }
  PyObject *Get() { return p; }
  const char *name() { return p->ob_type->tp_name; } //! PyTypeObject.tp_name
};
const char *g(Object encoded) { return encoded.Get()->ob_type->tp_name; } //! PyTypeObject.tp_name
const char *h(PyObject *o) { Object encoded(o); return encoded.Get()->ob_type->tp_name; } //! PyTypeObject.tp_name
const char *i(PyObject *o) { Object encoded(PyCodec_Encode(o, "x", "y")); return encoded.Get()->ob_type->tp_name; } //! PyTypeObject.tp_name
`,
    },
  },
  {
    name: 'sizes by other names',
    target: '3.12',
    files: {
      'a.c': `typedef PyTypeObject my_type;
#define my_ts PyThreadState
struct holder {
  my_type one; //! PyTypeObject
  my_type *many;
};
my_type Foo = { 0 }; //! PyTypeObject
size_t g(void) {
  return sizeof(my_type) //! PyTypeObject
    + sizeof(my_ts); //! PyThreadState
}
`,
    },
  },
  {
    name: 'offsetof needs the size and the field',
    target: '3.12',
    files: {
      'a.c': '#include <stddef.h>\nsize_t a = offsetof(PyTypeObject, tp_hash); //! PyTypeObject PyTypeObject.tp_hash\n',
    },
  },
  {
    name: 'fields of None',
    target: '3.12',
    files: { 'a.c': 'void *f(void) { return Py_None->ob_type->tp_bases; } //! PyTypeObject.tp_bases\n' },
  },
  {
    name: 'a macro that hands its parameter on to one that reads a field',
    target: '3.12',
    files: {
      'a.c': `#define IS_NEG(o) ((o)->tp_flags < 0) //! PyTypeObject.tp_flags
#define BOTH(o) (IS_NEG(o) || IS_NEG(o))
int f(PyTypeObject *t) { return BOTH(t); }
`,
    },
  },
  {
    name: 'a variable whose name a macro makes',
    target: '3.12',
    files: {
      'a.c': `#define NAME(suffix) Vec##suffix
PyTypeObject NAME(IterType); //! PyTypeObject
PyTypeObject *NAME(get)(void);
`,
    },
  },
  {
    name: 'pasted names',
    target: '3.12',
    files: {
      'a.c': `#include "check.h"
int f(PyObject *o) { return CHECK(Tuple, o) + CHECK(List, o); }
`,
      'b.c': `#include "check.h"
#define EXACT(T, o) CHECK(T, o) + SIZE(T, o)
Py_ssize_t g(PyObject *o) { return EXACT(Bytes, o); }
`,
      'check.h': `#define CHECK(T, o) Py##T##_Check(o)
#define SIZE(T, o) Py ## T ## _GET_SIZE(o) //! PyBytes_GET_SIZE
#define UNUSED(T, o) Py##T##_GET_ITEM(o, 0)
`,
    },
  },
  {
    name: 'a table of X macros, in a macro and in a file',
    target: '3.12',
    files: {
      'a.c': `#define SIZES(X) X(Tuple) X(List)
#define SIZE(T) Py_ssize_t T##_size(PyObject *o) { return Py##T##_GET_SIZE(o); } //! PyTuple_GET_SIZE PyList_GET_SIZE
SIZES(SIZE)
#define ITEM(T) PyObject *T##_item(PyObject *o) { return Py##T##_GET_ITEM(o, 0); } //! PyTuple_GET_ITEM PyList_GET_ITEM
#include "types.inc"
`,
      'types.inc': 'ITEM(Tuple)\nITEM(List)\n',
    },
  },
  {
    name: 'a macro that declares what it is called with',
    target: '3.12',
    files: {
      'a.c': `typedef struct { PyObject_HEAD int x; } Foo;
#define DEFINE_TYPE(typename, symbol, csymbol)	\\
PyTypeObject symbol = {                         \\
    PyVarObject_HEAD_INIT(NULL, 0)              \\
    typename,                                   \\
    sizeof(csymbol)                             \\
};
DEFINE_TYPE("m.Foo", Foo_Type, Foo); //! PyTypeObject
DEFINE_TYPE("m.Bar", Bar_Type, PyObject) //! PyTypeObject
int init(void) {
    Foo_Type.tp_flags = Py_TPFLAGS_DEFAULT; //! PyTypeObject.tp_flags
    return PyType_Ready(&Foo_Type);
}
`,
    },
  },
  {
    name: 'a macro whose parameter is a field',
    target: '3.12',
    files: {
      'a.c': `#define GATTR(obj, name) do { if ((PyObject *)(obj) == tgt) return #name; } while (0)
#define ATTR(name) GATTR(v->name, name);
#define CLEAR(o, slot) (o)->slot = NULL
#define SLOT(o, slot) (o)->tp_##slot
const char *f(PyObject *o, PyObject *tgt) {
  PyTypeObject *v = (PyTypeObject *)o;
  ATTR(tp_mro); //! PyTypeObject.tp_mro
  ATTR(tp_cache->ob_type) //! PyTypeObject.tp_cache
  CLEAR(v, tp_free); //! PyTypeObject.tp_free
  return 0;
}
struct mine { void *tp_free; };
void g(struct mine *m) { CLEAR(m, tp_free); }
`,
    },
  },
  {
    name: 'a pasted field',
    target: '3.12',
    files: {
      'a.c': `#define SLOT(o, slot) (o)->tp_##slot //! PyTypeObject.tp_free PyTypeObject.tp_alloc
void *f(PyObject *o) { return (void *)(SLOT(Py_TYPE(o), free)); }
void *g(PyObject *o) { return (void *)(SLOT(Py_TYPE(o), alloc)); }
`,
    },
  },
  {
    name: 'a field of an object whose name is pasted',
    target: '3.12',
    files: {
      'a.c': `extern PyTypeObject *SpamType, *EggType;
#define NAME(cls) cls##Type->tp_name //! PyTypeObject.tp_name
const char *f(void) { return NAME(Spam); }
const char *g(void) { return NAME(Egg); }
`,
    },
  },
  {
    name: 'the size of what a macro is called with',
    target: '3.12',
    files: {
      'a.c': `#define SIZE(T) sizeof(T) //! PyLongObject
size_t f(void) { return SIZE(int) + SIZE(PyLongObject); }
`,
    },
  },
  {
    name: 'declarations that are no definitions, and definitions that look otherwise',
    target: '3.12',
    files: {
      'a.cpp': `#define MY_IMPORT extern
#define MY_EXTERN_C extern "C"
MY_IMPORT PyTypeObject Foo_Type;
MY_EXTERN_C PyTypeObject Bar_Type;
extern "C" PyTypeObject Baz_Type;
PyAPI_DATA(PyTypeObject) Eggs_Type;
#define MY_DATA(T) extern __attribute__((visibility("default"))) T
MY_DATA(PyTypeObject) Ham_Type;
struct S { static PyTypeObject t; };
PyTypeObject S::t = { 0 }; //! PyTypeObject
template <typename T> class Array { public: static PyTypeObject pytype; };
template <> PyTypeObject Array<int>::pytype = { 0 }; //! PyTypeObject
extern "C" { PyTypeObject Spam_Type; } //! PyTypeObject
`,
    },
  },
  {
    name: 'ways to a type in C++',
    target: '3.12',
    files: {
      'a.cpp': `using Type = PyTypeObject;
const char *a(Type *t) { return t->tp_name; } //! PyTypeObject.tp_name
size_t b(void) { return sizeof(Type); } //! PyTypeObject
const char *c(PyObject *o) { if (auto *t = Py_TYPE(o)) return t->tp_name; return nullptr; } //! PyTypeObject.tp_name
const char *d(PyObject *o) { PyTypeObject *u(Py_TYPE(o)); return u->tp_name; } //! PyTypeObject.tp_name
auto e(PyObject *o) -> PyTypeObject * { return Py_TYPE(o); }
const char *f(PyObject *o) { return e(o)->tp_name; } //! PyTypeObject.tp_name
const char *g(PyObject *o) { decltype(Py_TYPE(o)) t = Py_TYPE(o); return t->tp_name; } //! PyTypeObject.tp_name
const char *h(PyObject *o) {
  return static_cast<PyTypeObject *>((void *)o)->tp_name; //! PyTypeObject.tp_name
}
class Tracker { class Frame { public: Frame(PyFrameObject *f); PyTypeObject *type; }; };
Tracker::Frame::Frame(PyFrameObject *f) { type = Py_TYPE((PyObject *)f); (void)type->tp_name; } //! PyTypeObject.tp_name
struct Init { Init() { (void)sizeof(type); None.tp_name = "x"; } static PyTypeObject None; PyTypeObject *type; }; //! PyTypeObject.tp_name
`,
    },
  },
  {
    name: 'ways to a type in C',
    target: '3.12',
    files: {
      'a.c': `const char *a(PyObject *o) { __typeof__(Py_TYPE(o)) t = Py_TYPE(o); return t->tp_name; } //! PyTypeObject.tp_name
size_t b(void) { return sizeof(struct _typeobject); } //! PyTypeObject
struct _ts *c(struct _ts *t) { return t->next; } //! PyThreadState.next
#define v self
#define OF(field) v->field
const char *d(PyTypeObject *self) { return OF(tp_doc); } //! PyTypeObject.tp_doc
`,
    },
  },
  {
    name: 'an includer that does not mention the C API says what macros mean',
    target: '3.12',
    files: {
      'a.c': '#define SLOTS(x) x\n#define WITH_TYPE\n#include "template.inc"\n',
      'template.inc': '#include <Python.h>\n#ifdef WITH_TYPE\nPyTypeObject t; //! PyTypeObject\n#endif\n',
    },
  },
  {
    name: 'the field of PyObject_HEAD',
    target: 'abi3t',
    files: {
      'a.c': `typedef struct { PyObject_HEAD int x; } Foo; //! PyObject_HEAD
PyTypeObject *f(Foo *m) { return m->ob_base.ob_type; } //! PyObject.ob_type
`,
    },
  },
  {
    name: 'calls of macros among declarations, with anything for arguments',
    target: '3.12',
    files: {
      'a.cpp': `#define GET(T, c) template <typename U> int Get_##c(T *a, U *u) { return 0; }
#define VIEW(T) PyObject *CreateView(T *, int)
namespace spam {
GET(float, f)
GET(unsigned char, B)
VIEW(unsigned long long);
VIEW(const char **);
struct S { PyTypeObject *type; };
}
const char *g(spam::S *s) { return s->type->tp_name; } //! PyTypeObject.tp_name
`,
    },
  },
  {
    name: 'a macro in a header that does not mention the C API',
    target: '3.12',
    files: {
      'a.c': '#include <string.h>\n#include "clear.h"\nextern PyTypeObject T;\nvoid f(void) { CLEAR_FIELD(T); }\n',
      'clear.h': '#define CLEAR_FIELD(field) memset(&(field), 0, sizeof(field)) //! PyTypeObject\n',
    },
  },
  {
    name: 'a macro that only dead code expands',
    target: '3.12',
    files: {
      'a.c': `#define SPAM_GIL Py_MOD_GIL_USED
#define SIZE(o) PyTuple_GET_SIZE(o)
#define SIZE_OF_IT(o) SIZE(o)
#define LIVE(o) PyList_GET_SIZE(o) //! PyList_GET_SIZE
#define LIVE_ONE(o) LIVE(o)
static PyModuleDef_Slot slots[] = {
#if Py_LIMITED_API+0 >= 0x030D0000
  {Py_mod_gil, SPAM_GIL},
#endif
  {0, NULL},
};
#ifndef Py_LIMITED_API
Py_ssize_t f(PyObject *o) { return SIZE_OF_IT(o); }
#endif
Py_ssize_t g(PyObject *o) { return LIVE_ONE(o); }
`,
    },
  },
  {
    name: 'names that macros make in dead code',
    target: '3.12',
    files: {
      'a.c': `#define SIZE(T, o) Py##T##_GET_SIZE(o) //! PyTuple_GET_SIZE
#define SLOT(t, name) ((t)->tp_##name) //! PyTypeObject.tp_doc
Py_ssize_t f(PyObject *o) { return SIZE(Tuple, o); }
const char *g(PyTypeObject *t) { return SLOT(t, doc); }
#ifndef Py_LIMITED_API
Py_ssize_t h(PyObject *o) { return SIZE(List, o); }
const char *i(PyTypeObject *t) { return SLOT(t, name); }
#endif
`,
    },
  },
  {
    name: 'a macro that is called with objects of many types, and one that takes a local variable',
    target: '3.12',
    files: {
      'a.c': `#include <string.h>
struct mine { int tp_name; struct mine *next; } m;
extern PyTypeObject T;
#define CLEAR(x) memset(&(x), 0, sizeof(x)) //! PyTypeObject
#define NAME(x) ((x)->tp_name) //! PyTypeObject.tp_name
#define NEXT(x) ((x)->next) //! PyThreadState.next
#define DOC() (self->tp_doc) //! PyTypeObject.tp_doc
void *f(struct mine *p, PyTypeObject *self, PyThreadState *t) {
  CLEAR(m);
  CLEAR(T);
  if (NAME(p) && NAME(self) && NEXT(p)) return NEXT(t);
  return (void *)DOC();
}
`,
    },
  },
  {
    name: 'an argument that is only a part of names and strings',
    target: '3.12',
    files: {
      'a.c': `#define METHOD(type, name) { #name, (PyCFunction) type##_##name, METH_O, "" }
#define BOTH(name) #name, name
static PyObject *t_digit(PyObject *s, PyObject *o) { return NULL; }
static PyObject *t_PyTuple_GET_ITEM(PyObject *s, PyObject *o) { return NULL; }
static PyMethodDef m[] = { METHOD(t, digit), METHOD(t, PyTuple_GET_ITEM), {NULL} };
struct { const char *name; int value; } c[] = { { BOTH(CO_MAXBLOCKS) } }; //! CO_MAXBLOCKS
`,
    },
  },
  {
    name: 'typedefs that repeat those of CPython',
    target: '3.12',
    files: {
      'a.c': `#include "fwd.h"
const char *f(PyTypeObject *t) { return t->tp_name; } //! PyTypeObject.tp_name
PyTypeObject T; //! PyTypeObject
`,
      'b.cpp': `#include "fwd.hpp"
const char *g(PyTypeObject *t) { return t->tp_name; } //! PyTypeObject.tp_name
size_t n = sizeof(PyTypeObject); //! PyTypeObject
`,
      'fwd.h': 'typedef struct _typeobject PyTypeObject;\ntypedef struct _object PyObject;\n',
      'fwd.hpp': 'using PyTypeObject = struct _typeobject;\nusing PyObject = _object;\n',
    },
  },
]
