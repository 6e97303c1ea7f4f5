import { expect, test } from 'vitest'
import { modelOf } from '../../fixtures/in-memory.ts'

/** The type of the object of the only access to a field named `tp_...` in a project. */
function typeOfObject(files: Readonly<Record<string, string>>): string | null {
  const model = modelOf(files)
  const found = model.files.flatMap(({ members }, file) =>
    members.filter(({ field }) => field.startsWith('tp_')).map((member) => ({ ...member, file })),
  )
  expect(found).toHaveLength(1)
  const [{ file, object, start, macro }] = found as [(typeof found)[0]]
  const type = model.typeOf(file, object, start, macro)
  return type === null ? null : model.apiType(file, type)
}

const inFunction = (statements: string, before = ''): string =>
  `${before}\nvoid f(PyObject *self, PyTypeObject *type, void *p)\n{\n  ${statements}\n}\n`

test.each([
  ['a parameter', 'type->tp_free(self);', ''],
  ['a local variable', 'PyTypeObject *t = p; t->tp_free(self);', ''],
  ['a local variable in an outer block', 'PyTypeObject *t = p; { int x; if (x) { t->tp_free(self); } }', ''],
  ['a variable of a for statement', 'for (PyTypeObject *t = p; t; t++) t->tp_name;', ''],
  ['a variable of the file', 'T->tp_free(self);', 'static PyTypeObject *T;'],
  ['an address', '(&T)->tp_free(self);', 'static PyTypeObject T;'],
  ['Py_TYPE', 'Py_TYPE(self)->tp_free(self);', ''],
  ['ob_type', 'self->ob_type->tp_free(self);', ''],
  ['a cast', '((PyTypeObject *)p)->tp_free(self);', ''],
  ['a cast without parentheses around it', '(*(PyTypeObject **)p)->tp_free(self);', ''],
  ['a dereference twice', '(*pp)->tp_free(self);', 'PyTypeObject **pp;'],
  ['an element of an array', 'types[1]->tp_free(self);', 'static PyTypeObject *types[3];'],
  ['an element reached by arithmetic', '(*(types + 1))->tp_free(self);', 'static PyTypeObject *types[3];'],
  ['a choice', '(p ? type : 0)->tp_free(self);', ''],
  ['a choice whose first part is unknown', '(p ? unknown : type)->tp_free(self);', ''],
  ['an assignment', '(type = p)->tp_free(self);', ''],
  ['a comma', '(p, type)->tp_free(self);', ''],
  [
    'a chain of fields',
    's->inner.type->tp_free(self);',
    'struct I { PyTypeObject *type; };\nstruct S { struct I inner; } *s;',
  ],
  [
    'an anonymous struct and union',
    's->type->tp_free(self);',
    'struct S { int a; union { int b; struct { PyTypeObject *type; }; }; } *s;',
  ],
  ['a typedef of a pointer', 't->tp_free(self);', 'typedef PyTypeObject *TypePtr;\nTypePtr t;'],
  ['a typedef of a typedef', 't->tp_free(self);', 'typedef PyTypeObject T1;\ntypedef T1 T2;\nT2 *t;'],
  ['a typedef of a struct', 's->type->tp_free(self);', 'typedef struct { PyTypeObject *type; } S;\nS *s;'],
  ['a tag', 't->tp_free(self);', 'struct _typeobject *t;'],
  ['a macro that casts', 'TYPE(p)->tp_free(self);', '#define TYPE(o) ((PyTypeObject *)(o))'],
  ['a macro of a macro', 'TYPE2(p)->tp_free(self);', '#define TYPE(o) ((PyTypeObject *)(o))\n#define TYPE2 TYPE'],
  ['a macro with an argument of the type', 'SAME(type)->tp_free(self);', '#define SAME(o) (*(&(o)))'],
  ['a macro for a name', 'MY_TYPE(self)->tp_free(self);', '#define MY_TYPE Py_TYPE'],
  ['a macro for a type', 't->tp_free(self);', '#define TYPEOBJECT PyTypeObject\nTYPEOBJECT *t;'],
  ['a macro over two lines', 'TYPE(p)->tp_free(self);', '#define TYPE(o) \\\n  ((PyTypeObject *) \\\n   (o))'],
  ['a body of a macro', 'FREE(self);', '#define FREE(o) Py_TYPE(o)->tp_free(o)'],
  ['a parameter of a macro', 'FREE(type, self);', '#define FREE(t, o) (t)->tp_free(o)'],
  ['a result of a function', 'find(self)->tp_free(self);', 'static PyTypeObject *find(PyObject *o);'],
  ['a result of a function of the C API', 'PyStructSequence_NewType(p)->tp_free(self);', ''],
  [
    'a result through a pointer to a function',
    's->find(self)->tp_free(self);',
    'struct S { PyTypeObject *(*find)(PyObject *); } *s;',
  ],
  [
    'a result through a typedef of a pointer to a function',
    'g(self)->tp_free(self);',
    'typedef PyTypeObject *(*Find)(PyObject *);\nFind g;',
  ],
  ['a new object', 'PyObject_New(PyTypeObject, p)->tp_free(self);', ''],
  ['K&R parameters', '}\nint g(t) PyTypeObject *t; { t->tp_free(t);', ''],
  ['a function that a macro heads', '}\nMY_API(int) g(PyTypeObject *t) { t->tp_free(t);', '#define MY_API(x) extern x'],
])('C: %s', (_, statements, before) => {
  expect(typeOfObject({ 'a.c': inFunction(statements, before) })).toMatch(/^(?:PyTypeObject|struct _typeobject)\*$/)
})

test.each([
  ['static_cast', 'static_cast<PyTypeObject *>(p)->tp_free(self);', ''],
  ['reinterpret_cast', 'reinterpret_cast<PyTypeObject *>(self)->tp_free(self);', ''],
  ['const_cast', 'const_cast<PyTypeObject *>(type)->tp_free(self);', ''],
  ['dynamic_cast', 'dynamic_cast<PyTypeObject *>(self)->tp_free(self);', ''],
  ['auto', 'auto t = Py_TYPE(self); t->tp_free(self);', ''],
  ['auto *', 'auto *t = Py_TYPE(self); t->tp_free(self);', ''],
  ['const auto', 'const auto t = Py_TYPE(self); t->tp_free(self);', ''],
  ['a reference', 'PyTypeObject *&t = type; t->tp_free(self);', ''],
  ['a field through this', '', 'class A { PyTypeObject *type; void g() { this->type->tp_name; } };'],
  ['a field without this', '', 'class A { PyTypeObject *type; void g() { type->tp_name; } };'],
  ['a field that is declared later', '', 'class A { void g() { type->tp_name; } PyTypeObject *type; };'],
  [
    'a field through this, outside of the class',
    '',
    'class A { PyTypeObject *type; void g(); };\nvoid A::g() { this->type->tp_name; }',
  ],
  [
    'a field of a base',
    '',
    'struct B { PyTypeObject *type; };\nstruct A : public B { void g() { this->type->tp_name; } };',
  ],
  ['a result of a method', 'a.type()->tp_free(self);', 'struct A { PyTypeObject *type() { return 0; } };\nA a;'],
  ['a namespace', 'ns::find()->tp_free(self);', 'namespace ns { PyTypeObject *find(); }'],
  ['extern "C"', 'find()->tp_free(self);', 'extern "C" { PyTypeObject *find(void); }'],
  ['a template', '', 'template <typename T> void g(T x) { Py_TYPE(x)->tp_free(x); }'],
])('C++: %s', (_, statements, before) => {
  expect(typeOfObject({ 'a.cpp': inFunction(statements, before) })).toBe('PyTypeObject*')
})

test.each([
  ['a struct of the project', 's->tp_free(self);', 'struct Mine { int tp_free; } *s;', 'struct Mine*'],
  [
    'a local name goes before one of the file',
    'struct Mine *t; t->tp_free(self);',
    'PyTypeObject *t;\nstruct Mine { int tp_free; };',
    'struct Mine*',
  ],
  ['a name that is not declared', 'unknown->tp_free(self);', '', null],
  ['a pointer to anything', '(&p)->tp_free(self);', '', 'void**'],
  ['a function that is not known', 'unknown(self)->tp_free(self);', '', null],
  ['a block ends the life of a name', '{ PyTypeObject *t; } t->tp_free(self);', '', null],
])('not the C API: %s', (_, statements, before, type) => {
  expect(typeOfObject({ 'a.c': inFunction(statements, before) })).toBe(type)
})

test('a header says what a name is, to those who include it', () => {
  const header =
    '#ifndef S_H\n#define S_H\ntypedef struct { PyTypeObject *type; } S;\n' +
    '#define TYPE(s) ((s)->type)\nS *find(void);\n#endif\n'
  const other = 'typedef struct { struct Mine *type; } S;\n'
  expect(
    typeOfObject({
      'src/a.c': inFunction('find()->type->tp_free(self);', '#include "s.h"'),
      'src/s.h': header,
      'other/s.h': other,
    }),
  ).toBe('PyTypeObject*')
  expect(
    typeOfObject({
      'src/a.c': inFunction('S *s = find(); TYPE(s)->tp_free(self);', '#include "b.h"'),
      'src/b.h': '#include "s.h"\n',
      'src/s.h': header,
    }),
  ).toBe('PyTypeObject*')
  expect(
    typeOfObject({
      'src/a.c': inFunction('S *s = p; s->type->tp_free(self);', '#include "../other/s.h"'),
      'src/s.h': header,
      'other/s.h': other,
    }),
  ).toBe('struct Mine*')
})

test('the branch that the target compiles says what a name is', () => {
  const typed = (condition: string): string | null =>
    typeOfObject({
      'a.c': inFunction(
        'S s; s.type->tp_free(self);',
        `#if ${condition}\ntypedef struct { PyTypeObject *type; } S;\n` +
          '#else\ntypedef struct { struct Mine *type; } S;\n#endif',
      ),
    })
  expect(typed('PY_VERSION_HEX >= 0x03090000')).toBe('PyTypeObject*')
  expect(typed('defined(Py_TARGET_ABI3T)')).toBe('struct Mine*')
})
