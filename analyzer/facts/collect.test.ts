import { expect, test } from 'vitest'
import { factsOf } from '../../fixtures/in-memory.ts'
import type { FileFacts, UseContext } from './file-facts.ts'

const facts = (text: string, file = 'a.c'): FileFacts => factsOf({ [file]: text })[0]!
const uses = (text: string): string[] => facts(text).uses.map(({ name }) => name)

const sample = [
  '#include <Python.h>',
  '#define KIND(o) (Py_TYPE(o)->tp_name)',
  'typedef struct { PyObject_HEAD int n; } Spam;',
  'static PyTypeObject Spam_Type;',
  'static PyObject *f(PyObject *self)',
  '{',
  '#ifdef OLD',
  '  PyTypeObject *t = Py_TYPE(self);',
  '  t->tp_free(self);',
  '#else',
  '  PyUnicode_GET_LENGTH(self);',
  '#endif',
  '  return PyTuple_GET_ITEM(self, \\',
  '    sizeof(PyTypeObject));',
  '}',
  '',
].join('\n')

/** All facts, with every place replaced by the text that stands there. */
function inWords(text: string) {
  const { uses, members, completeTypeUses, declarations, structs, macros, includes, regions, unparsed } = facts(text)
  const at = (start: number, end = start + 5): string => text.slice(start, end).replace(/\r\n/g, '\n')
  const formInWords = (form: UseContext | undefined): unknown =>
    form && [
      at(form.start, form.end),
      form.role,
      form.operands.map(({ start, end, needsParentheses }) => [at(start, end), needsParentheses]),
    ]
  return {
    uses: uses.map(({ start, context, ...use }) => ({
      ...use,
      form: formInWords(context),
      at: at(start, start + use.name.length),
    })),
    members: members.map(({ start, context, ...member }) => ({
      ...member,
      form: formInWords(context),
      at: at(start, start + member.field.length),
    })),
    sizes: completeTypeUses.map(({ start, end, ...size }) => ({ ...size, at: at(start, end) })),
    declarations: declarations.map(({ offset, type, ...declaration }) => ({
      ...declaration,
      type: type.replace(/@\d+/, '@'),
      at: at(offset),
    })),
    structs: structs.map(({ offset, fields }) => ({ fields, at: at(offset) })),
    macros: macros.map(({ offset, bodyStart, bodyEnd, ...macro }) => ({
      ...macro,
      at: at(offset),
      body: at(bodyStart, bodyEnd),
    })),
    includes: includes.map(({ path, offset }) => ({ path, at: at(offset) })),
    regions: regions.slice(1).map(({ start, end, ...region }) => ({ ...region, at: at(start, end) })),
    unparsed,
  }
}

test('the facts are those of the text, whatever ends its lines and whatever bytes its comments hold', () => {
  const plain = inWords(sample)
  expect(plain.uses.map(({ name }) => name)).toEqual([
    'Py_TYPE',
    'PyObject_HEAD',
    'Py_TYPE',
    'PyUnicode_GET_LENGTH',
    'PyTuple_GET_ITEM',
  ])
  expect(plain.members.map(({ field, macro }) => [field, macro])).toEqual([
    ['tp_free', -1],
    ['tp_name', 0],
  ])
  expect(plain.sizes.map(({ how, at }) => [how, at])).toEqual([
    ['variable', 'Spam_Type'],
    ['sizeof', 'PyTypeObject'],
  ])
  expect(plain.declarations.map(({ name }) => name)).toEqual(expect.arrayContaining(['Spam', 'Spam_Type', 'f']))
  expect([plain.structs.length, plain.includes.length, plain.unparsed]).toEqual([1, 1, []])
  expect(inWords(sample.replaceAll('\n', '\r\n'))).toEqual(plain)
  const comment = Buffer.from('/* é → 🐍 */', 'utf8').toString('latin1')
  expect(facts(comment + sample).uses.map(({ start }) => start)).toEqual(
    facts(sample).uses.map(({ start }) => start + comment.length),
  )
  expect(inWords(`/* \xe9\xff */\n${sample}`)).toEqual(plain)
  expect(inWords(`${comment}\n${sample}`)).toEqual(plain)
})

test('nothing is collected where no target compiles', () => {
  for (const [open, close] of [
    ['#ifndef Py_LIMITED_API', '#endif'],
    ['#ifdef Py_LIMITED_API\n#else', '#endif'],
    ['#if PY_MAJOR_VERSION < 3', '#endif'],
    ['#if 0', '#endif'],
  ]) {
    const { uses, members, completeTypeUses } = facts(
      `void f(PyTypeObject *t) {\n${open}\nPyTuple_GET_ITEM(t->tp_name, sizeof(PyTypeObject));\n` +
        `${close}\nPyList_GET_ITEM(t, 0);\n}`,
    )
    expect([uses.map(({ name }) => name), members, completeTypeUses], open).toEqual([['PyList_GET_ITEM'], [], []])
  }
})

test('a name in a comment, a string, a condition, a field or after a tag is no use', () => {
  expect(
    uses(
      '/* PyList_SET_ITEM */ // PyList_SET_ITEM\nchar *s = "PyList_SET_ITEM";\n#ifdef PyList_SET_ITEM\n#endif\n' +
        'int x = a->PyList_SET_ITEM + b.PyList_SET_ITEM;\nstruct PyListObject *l;',
    ),
  ).toEqual([])
  expect(uses('#define GET PyList_GET_ITEM\nvoid f(void) { PyList_SET_ITEM(a, 0, b); }')).toEqual([
    'PyList_GET_ITEM',
    'PyList_SET_ITEM',
  ])
})

test('what two views hold is one fact', () => {
  const both = facts(
    [
      'typedef struct { PyObject_HEAD PyTypeObject type; } S;',
      'PyTypeObject T;',
      'void f(PyTypeObject *t) {',
      '  t->tp_free(0);',
      '#ifdef A',
      '  t->tp_alloc(0);',
      '#elif defined(B)',
      '  t->tp_init(0);',
      '#else',
      '  t->tp_new(0);',
      '#endif',
      '  t->tp_name[0] = sizeof(PyTypeObject);',
      '}',
    ].join('\n'),
  )
  expect(both.members.map(({ field }) => field).sort()).toEqual(['tp_alloc', 'tp_free', 'tp_init', 'tp_name', 'tp_new'])
  expect(both.members.every(({ object }) => JSON.stringify(object) === '["type","PyTypeObject*"]')).toBe(true)
  expect(both.completeTypeUses.map(({ how }) => how).sort()).toEqual(['field', 'sizeof', 'variable'])
  expect(both.declarations.filter(({ name }) => name === 'T' || name === 'f')).toHaveLength(2)
  expect(both.structs).toHaveLength(1)
  expect(both.unparsed).toEqual([])
})

test('branches that only together with their group make sense are read one by one', () => {
  const { members, unparsed } = facts(
    'int f(PyTypeObject *t)\n#ifdef A\n{ if (t->tp_name) {\n#else\n{ if (t->tp_free) {\n#endif\n} return 1; }\n',
  )
  expect([members.map(({ field }) => field), unparsed]).toEqual([['tp_name', 'tp_free'], []])
})

test('where a type must be complete', () => {
  const { completeTypeUses } = facts(
    [
      'PyTypeObject a = { 0 };',
      'extern PyTypeObject b;',
      'PyTypeObject *c;',
      'struct S { PyTypeObject d; PyTypeObject *e; };',
      'void f(PyTypeObject *g) { PyTypeObject h[2]; x = sizeof(PyTypeObject) + sizeof(PyTypeObject *); }',
    ].join('\n'),
  )
  expect(completeTypeUses.map(({ how, of, initialised }) => [how, of, initialised])).toEqual([
    ['variable', 'PyTypeObject', true],
    ['field', 'PyTypeObject', false],
    ['variable', 'PyTypeObject', false],
    ['sizeof', 'PyTypeObject', false],
  ])
})

test('a base class must be complete', () => {
  expect(facts('class A : public PyTypeObject { };', 'a.cpp').completeTypeUses).toMatchObject([
    { how: 'base', of: 'PyTypeObject' },
  ])
})

test('20,000 nested parentheses, calls or blocks are no reason to fail', () => {
  const many = 20_000
  const nested = (open: string, inner: string, close: string): string =>
    `void f(PyObject *o) { ${open.repeat(many)}${inner}${close.repeat(many)}; PyList_GET_ITEM(o, 0); }`
  for (const text of [
    nested('(', 'Py_TYPE(o)->tp_free', ')'),
    nested('g(', 'Py_TYPE(o)->tp_free', ')'),
    nested('{', 'Py_TYPE(o)->tp_free;', '}'),
    nested('(', 'o', ''),
  ]) {
    expect(facts(text).uses.map(({ name }) => name)).toContain('PyList_GET_ITEM')
  }
})

test('any scrap of a source gives facts', () => {
  for (let end = 0; end < sample.length; end += 7) {
    expect(facts(sample.slice(0, end)).size).toBe(end)
    expect(facts(sample.slice(end)).size).toBe(sample.length - end)
  }
})

test('names without the prefix of the C API are also parameters of prototypes and variables in a list', () => {
  const text = `#include <Python.h>
void split(unsigned *sign, unsigned *digit);
typedef void (*splitter)(unsigned *digit);
struct splitters { int (*one)(void *self, unsigned digit); };
unsigned f(void) { unsigned sign, digit; split(&sign, &digit); return sign + digit; }
static digit *d;
`
  const { uses: found, shadows } = facts(text)
  const open = found.filter(({ start }) => !shadows.some((shadow) => shadow.start <= start && start < shadow.end))
  expect(open.map(({ name, start }) => text.slice(start - 7, start) + name)).toEqual(['static digit'])
})

test.each(['a.c', 'a.cpp'])('what stands behind a macro that opens a loop hides no name: %s', (file) => {
  const { uses: found, shadows } = facts(
    `#include <Python.h>
#define LOOP for (int i = 0; i < 3; i++)
void f(PyObject *t, PyObject *x) { LOOP PyTuple_SET_ITEM(t, i, x); LOOP PyTuple_GET_SIZE(t); }
`,
    file,
  )
  expect(found.map(({ name }) => name)).toEqual(['PyTuple_SET_ITEM', 'PyTuple_GET_SIZE'])
  expect(shadows).toEqual([])
})

test('C++: a struct given a name of the C API is no class behind a macro', () => {
  const { declarations } = facts(
    '#include <Python.h>\ntypedef struct _pycfunc PyCFunctionObject;\nclass SPAM_API Eggs;\n',
    'a.cpp',
  )
  expect(declarations.map(({ kind, name, type }) => [kind, name, type])).toEqual([
    ['typedef', 'PyCFunctionObject', 'struct _pycfunc'],
  ])
})
