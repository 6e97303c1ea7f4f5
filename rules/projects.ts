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
    name: 'a template file that several units include under different macros',
    target: '3.12',
    files: {
      'a.c': '#include "intkey.h"\n#include "template.inc"\n',
      'b.c': '#include "objkey.h"\n#include "template.inc"\n',
      'intkey.h': '#undef KEY_IS_OBJECT\n',
      'objkey.h': '#define KEY_IS_OBJECT\n',
      'template.inc': '#ifdef KEY_IS_OBJECT\nvoid *f(PyObject *o) { return Py_TYPE(o)->tp_bases; } //! PyTypeObject.tp_bases\n#endif\n',
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
    files: { 'a.c': '#include <stddef.h>\nsize_t a = offsetof(PyTypeObject, tp_hash); //! PyTypeObject PyTypeObject.tp_hash\n' },
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
]
