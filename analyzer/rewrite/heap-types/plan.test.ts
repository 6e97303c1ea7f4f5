import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { check, fixed } from '../../../fixtures/rules.ts'
import { staticTypeObject } from '../../../rules/static-type-object.ts'
import { parseTarget } from '../../knowledge/target.ts'

const target = (level: string): NonNullable<ReturnType<typeof parseTarget>> => parseTarget(level)!

/** The texts with all static types rewritten. `Python.h` is included by the first lines of each C file. */
const rewritten = (
  texts: Readonly<Record<string, string>>,
  level = '3.12',
): Promise<Readonly<Record<string, string>>> => fixed(texts, [staticTypeObject], [target(level)], true)

/** Why types are left alone. */
const obstacles = async (texts: Readonly<Record<string, string>>, level = '3.12'): Promise<string[]> =>
  (await check(texts, [staticTypeObject], [target(level)]))
    .flatMap(({ notes }) => notes)
    .map((note) => note.replace(/^abi3lint rewrite types leaves /, ''))

const python = '#include <Python.h>\n'

describe('one type, however it is written', () => {
  const fields: readonly (readonly [field: string, value: string])[] = [
    ['tp_name', '"spam.Spam"'],
    ['tp_basicsize', 'sizeof(PyObject)'],
    ['tp_repr', 'spam_repr'],
    ['tp_hash', '(hashfunc)spam_hash'],
    ['tp_flags', 'Py_TPFLAGS_DEFAULT'],
    ['tp_doc', '"spam"'],
    ['tp_iter', 'PyObject_SelfIter'],
    ['tp_methods', 'spam_methods'],
    ['tp_new', 'PyType_GenericNew'],
  ]
  const order =
    `tp_name tp_basicsize tp_itemsize tp_dealloc tp_vectorcall_offset tp_getattr tp_setattr tp_as_async tp_repr
    tp_as_number tp_as_sequence tp_as_mapping tp_hash tp_call tp_str tp_getattro tp_setattro tp_as_buffer tp_flags
    tp_doc tp_traverse tp_clear tp_richcompare tp_weaklistoffset tp_iter tp_iternext tp_methods tp_members
    tp_getset tp_base tp_dict tp_descr_get tp_descr_set tp_dictoffset tp_init tp_alloc tp_new`.split(/\s+/)
  const before = `${python}static PyObject *spam_repr(PyObject *self) { return PyUnicode_FromString("spam"); }
static Py_hash_t spam_hash(PyObject *self) { return 1; }
static PyMethodDef spam_methods[] = {{NULL, NULL, 0, NULL}};
`
  const init = (late: string): string => `
int spam_init(void)
{
${late}    return PyType_Ready(&Spam_Type);
}
`
  /** The slots and what the spec says, in the order of their names. */
  const meaning = (text: string): readonly string[] =>
    [
      ...[...text.matchAll(/^\s*\{(Py_\w+, [^\n]*)\},$/gm)].map(([, slot]) => slot!),
      ...(/PyType_Spec Spam_Type_spec = \{([\s\S]*?)\};/.exec(text)?.[1] ?? '')
        .split('\n')
        .map((line) => line.trim().replace(/^\.\w+ = |,$/g, ''))
        .filter((line) => line !== '' && line !== '0'),
    ].sort()
  const positional = (upTo: number, comments: boolean): string =>
    order
      .slice(0, upTo)
      .map(
        (field) => `    ${fields.find(([name]) => name === field)?.[1] ?? '0'},${comments ? `  /* ${field} */` : ''}\n`,
      )
      .join('')

  test('positions, designators, both, assignments: the same slots', async () => {
    const wanted = meaning(
      (
        await rewritten({
          'spam.c':
            `${before}static PyTypeObject Spam_Type = {\n    PyVarObject_HEAD_INIT(NULL, ` +
            `0)\n${fields.map(([field, value]) => `    .${field} = ${value},\n`).join('')}};\n${init('')}`,
        })
      )['spam.c']!,
    )
    expect(wanted).toHaveLength(10)
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: order.length }),
        fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }),
        fc.boolean(),
        async (upTo, late, comments) => {
          const byPosition = order.slice(0, upTo)
          const rest = fields.filter(([field]) => !byPosition.includes(field))
          const assigned = rest.filter((_, index) => late[index])
          const designated = rest.filter((each) => !assigned.includes(each))
          const text = `${before}static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
${positional(upTo, comments)}${designated.map(([field, value]) => `    .${field} = ${value},\n`).join('')}};
${init(assigned.map(([field, value]) => `    Spam_Type.${field} = ${value};\n`).join(''))}`
          const [result] = Object.values(await rewritten({ 'spam.c': text }))
          expect(result).not.toMatch(/PyTypeObject Spam_Type|PyType_Ready\(&Spam_Type\)|\/\* tp_/)
          expect(meaning(result!)).toEqual(wanted)
        },
      ),
      { numRuns: 60 },
    )
  })
})

test('a type in a header, made in one file and used in another, follows everywhere', async () => {
  const texts = {
    'spam.h': 'extern PyTypeObject Spam_Type;\n#define Spam_Check(o) PyObject_TypeCheck(o, &Spam_Type)\n',
    'spam.c':
      `${python}#include "spam.h"\n\nPyTypeObject Spam_Type = {\n    PyVarObject_HEAD_INIT(NULL, 0)\n    ` +
      `.tp_name = "spam.Spam",\n};\n`,
    'module.c': `${python}#include "spam.h"

static PyObject *make(PyObject *self, PyObject *args)
{
    PyObject *other;
    if (!PyArg_ParseTuple(args, "O!", &Spam_Type, &other) || Py_TYPE(other) != &Spam_Type)
        return NULL;
    return (PyObject *)PyObject_New(PyObject, &Spam_Type);
}

int spam_exec(PyObject *module)
{
    (void)make;
    if (PyType_Ready(&Spam_Type) < 0)
        return -1;
    Py_INCREF(&Spam_Type);
    return PyModule_AddObject(module, "Spam", (PyObject *)&Spam_Type);
}
`,
  }
  expect(await rewritten(texts)).toEqual({
    'spam.h':
      'extern PyTypeObject *Spam_Type;\nextern PyType_Spec Spam_Type_spec;\n#define Spam_Check(o) ' +
      'PyObject_TypeCheck(o, Spam_Type)\n',
    'spam.c': `${python}#include "spam.h"

static PyType_Slot Spam_Type_slots[] = {
    {0, NULL},
};

PyType_Spec Spam_Type_spec = {
    .name = "spam.Spam",
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = Spam_Type_slots,
};

PyTypeObject *Spam_Type;
`,
    'module.c': texts['module.c']
      .replace('PyType_Ready(&Spam_Type)', 'PepType_Ready(&Spam_Type, &Spam_Type_spec, NULL)')
      .replace('Py_INCREF(&Spam_Type)', 'Py_INCREF((PyObject *)Spam_Type)')
      .replaceAll(/(?<!Ready\()&Spam_Type\b(?!_spec)/g, 'Spam_Type'),
  })
})

test('a type that is made above its definition, in its own file', async () => {
  const after = await rewritten({
    'spam.h': 'extern PyTypeObject Spam_Type;\n',
    'spam.c':
      `${python}#include "spam.h"\nint spam_init(void) { return PyType_Ready(&Spam_Type); }\nPyTypeObject ` +
      `Spam_Type = {PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "spam.Spam"};\n`,
    'egg.c':
      `${python}static PyTypeObject Egg_Type;\nint egg_init(void) { return PyType_Ready(&Egg_Type); ` +
      `}\nstatic PyTypeObject Egg_Type = {PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "spam.Egg"};\n`,
  })
  expect(after['spam.h']).toBe('extern PyTypeObject *Spam_Type;\nextern PyType_Spec Spam_Type_spec;\n')
  expect(after['spam.c']).toContain('\nPyType_Spec Spam_Type_spec = {')
  expect(after['egg.c']).toContain('static PyTypeObject *Egg_Type;\nstatic PyType_Spec Egg_Type_spec;\n')
  expect(after['egg.c']).toContain('\nstatic PyType_Spec Egg_Type_spec = {')
})

test('a comment in front of a type takes nothing of the declaration that follows it', async () => {
  const after = await rewritten({
    'spam.c':
      `${python}static // of its own\nPyTypeObject Spam_Type = {PyVarObject_HEAD_INIT(NULL, 0) .tp_name = ` +
      `"spam.Spam"};\nint spam_init(void) { return PyType_Ready(&Spam_Type); }\n`,
  })
  expect(after['spam.c']).toContain('\nstatic // of its own\nPyTypeObject *Spam_Type;\n')
})

test('a type that is declared without `extern` tells others of its spec', async () => {
  const init = 'int spam_init(void) { return PyType_Ready(&Spam_Type); }\n'
  const definition = 'PyTypeObject Spam_Type = {PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "spam.Spam"};\n'
  const pair = 'PyTypeObject *Spam_Type;\nextern PyType_Spec Spam_Type_spec;\n'
  const other = `${python}#include "spam.h"\n${init}`

  const made = await rewritten({
    'spam.h': 'PyTypeObject Spam_Type;\n',
    'spam.c': `${python}#include "spam.h"\n${definition}`,
    'module.c': other,
  })
  expect(made['spam.h']).toBe(pair)
  expect(made['spam.c']).toContain('\nPyType_Spec Spam_Type_spec = {')

  const early = await rewritten({
    'spam.h': 'PyTypeObject Spam_Type;\n',
    'spam.c': `${other}${definition}`,
  })
  expect(early['spam.h']).toBe(pair)
  expect(early['spam.c']).toContain('\nPyType_Spec Spam_Type_spec = {')

  const both = await rewritten({
    'spam.h': 'extern PyTypeObject Spam_Type;\n',
    'spam.c': `${python}#include "spam.h"\nPyTypeObject Spam_Type;\n${init}${definition}`,
    'module.c': other.replace('spam_init', 'spam_again'),
  })
  expect(both['spam.h']).toBe(`extern ${pair}`)
  expect(both['spam.c']).toContain(pair)
  expect(both['spam.c']).not.toContain('static PyType_Spec')
})

test('a base is made first, and may be a base', async () => {
  const text = (
    await rewritten({
      'spam.c': `${python}static PyTypeObject Base_Type = {PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "spam.Base", .tp_new = PyType_GenericNew};
static PyTypeObject Spam_Type = {PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "spam.Spam", .tp_base = &Base_Type};
static PyTypeObject List_Type = {PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "spam.List"};
int spam_init(void)
{
    List_Type.tp_base = &PyList_Type;
    if (PyType_Ready(&Spam_Type) < 0 || PyType_Ready(&List_Type) < 0)
        return -1;
    return 0;
}
`,
    })
  )['spam.c']!
  expect(text).toContain(
    'PepType_Ready(&Spam_Type, &Spam_Type_spec, PepType_Make(&Base_Type, &Base_Type_spec, NULL)) < 0 || ' +
      'PepType_Ready(&List_Type, &List_Type_spec, &PyList_Type) < 0',
  )
  expect(text).toMatch(/"spam\.Base",\n\s*\.flags = Py_TPFLAGS_DEFAULT \| Py_TPFLAGS_BASETYPE/)
})

test('static tables of types are filled when they are first used, helpers get a type that is made', async () => {
  const text = (
    await rewritten({
      'spam.c': `${python}static PyTypeObject A = {PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "spam.A", .tp_new = PyType_GenericNew};
static PyTypeObject B = {PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "spam.B", .tp_new = PyType_GenericNew};
static struct { const char *name; PyTypeObject *type; } types[] = {
    {"A", &A},
    {NULL, NULL}
};
static int add(PyObject *module, const char *name, PyTypeObject *type)
{
    if (PyType_Ready(type) < 0)
        return -1;
    Py_INCREF((PyObject *)type);
    return PyModule_AddObject(module, name, (PyObject *)type);
}
int spam_exec(PyObject *module)
{
    for (int i = 0; types[i].name; i++)
        if (add(module, types[i].name, types[i].type) < 0)
            return -1;
    return add(module, "B", &B);
}
`,
    })
  )['spam.c']!
  expect(text).toContain('{"A", NULL},')
  expect(text).toContain('if ((types[0].type = PepType_Make(&A, &A_spec, NULL)) == NULL)\n        return -1;')
  expect(text).toContain('    if (types_init() < 0)\n        return -1;\n    for (int i')
  expect(text).toContain('if ((type == NULL ? -1 : PyType_Ready(type)) < 0)')
  expect(text).toContain('return add(module, "B", PepType_Make(&B, &B_spec, NULL));')
})

test('instances give back their type, once, and not those that stay static', async () => {
  const common = `${python}typedef struct { PyObject_HEAD } Spam;
static void spam_free(Spam *self) { PyObject_Del(self); }
static void spam_dealloc(PyObject *self)
{
    if (self == NULL)
        PyObject_Del(self);
    else
        spam_free((Spam *)self);
}
static PyTypeObject Spam_Type = {PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "spam.Spam", .tp_dealloc = spam_dealloc};
int spam_init(void) { return PyType_Ready(&Spam_Type); }
`
  const text = (await rewritten({ 'spam.c': common }))['spam.c']!
  expect(text).toContain(`{
    PyTypeObject *tp = Py_TYPE(self);
    if (self == NULL)
        { PyObject_Del(self); Py_DECREF(tp); }
    else
        { spam_free((Spam *)self); Py_DECREF(tp); }
}`)
  const shared =
    `${common}static PyTypeObject Egg_Type[2] = {{PyVarObject_HEAD_INIT(NULL, 0) .tp_name = ` +
    `"spam.Egg", .tp_dealloc = spam_dealloc}};\n`
  expect((await rewritten({ 'spam.c': shared }))['spam.c']).toContain('static PyTypeObject Egg_Type[2]')
})

test('an offset joins the members that there are, and the documentation does not hide that of instances', async () => {
  const text = (
    await rewritten({
      'spam.c': `${python}#include <structmember.h>
typedef struct { PyObject_HEAD PyObject *weak; PyObject *doc; } Spam;
static PyMemberDef spam_members[] = {
    {"__doc__", T_OBJECT, offsetof(Spam, doc), READONLY},
    {NULL}  /* the end */
};
static PyTypeObject Spam_Type = {PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "spam.Spam", .tp_doc = "hides", .tp_members = spam_members, .tp_weaklistoffset = offsetof(Spam, weak)};
int spam_init(void) { return PyType_Ready(&Spam_Type); }
`,
    })
  )['spam.c']!
  expect(text).toContain(
    'READONLY},\n    {"__weaklistoffset__", T_PYSSIZET, offsetof(Spam, weak), READONLY, NULL},\n    {NULL}  /* the ' +
      'end */\n',
  )
  expect(text).not.toContain('hides')
})

test('C++: templates with several arguments are one value, and functions are cast', async () => {
  const text = (
    await rewritten({
      'spam.cc': `${python}template <int n, typename T> static PyObject *spam_repr(PyObject *self) { return PyLong_FromLong(n + sizeof(T)); }
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    "spam.Spam",
    sizeof(PyObject),
    0, 0, 0, 0, 0, 0,
    (reprfunc)spam_repr<4, float>,
};
int spam_init(void) { return PyType_Ready(&Spam_Type); }
`,
    })
  )['spam.cc']!
  expect(text).toContain('    {Py_tp_repr, (void *)(reprfunc)spam_repr<4, float>},\n')
  expect(text).toContain('"spam.Spam",\n    sizeof(PyObject),\n    0,\n    Py_TPFLAGS_DEFAULT |')
})

/** A type with some fields, and what else stands in its file. */
const type = (
  fields: string,
  rest = 'int spam_init(void) { return PyType_Ready(&Spam_Type); }\n',
): Record<string, string> => ({
  'spam.c':
    `${python}static PyTypeObject Spam_Type = {PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "spam.Spam", ` +
    `${fields}};\n${rest}`,
})

describe('what cannot be rewritten is left alone, with the reason', () => {
  test.each([
    [
      'a metaclass',
      {
        'spam.c':
          `${python}extern PyTypeObject *Meta;\nstatic PyTypeObject Spam_Type = ` +
          `{PyVarObject_HEAD_INIT(&Meta_Type, 0) .tp_name = "spam.Spam"};\nint f(void) { return ` +
          `PyType_Ready(&Spam_Type); }\n`,
      },
      'it has a metaclass: `PyVarObject_HEAD_INIT(&Meta_Type, 0)`',
    ],
    [
      'an unknown use',
      type(
        '',
        'extern int look(PyTypeObject);\nint spam_init(void) { return PyType_Ready(&Spam_Type) || look(Spam_Type); }\n',
      ),
      '`look` gets the type object itself',
    ],
    [
      'a copy',
      type(
        '',
        'PyTypeObject *copy(void) { static PyTypeObject other; other = Spam_Type; PyType_Ready(&Spam_Type); return ' +
          '&other; }\n',
      ),
      'does with `Spam_Type` is not understood',
    ],
    [
      'a dealloc from elsewhere',
      type('.tp_dealloc = other_dealloc', 'int f(void) { return PyType_Ready(&Spam_Type); }\n'),
      'its `tp_dealloc`, `other_dealloc`, is no function that was found',
    ],
    ['nobody makes it', type('', ''), 'nothing was found that makes it ready'],
    [
      'a value of the moment',
      type('', 'int f(reprfunc repr) { Spam_Type.tp_repr = repr; return PyType_Ready(&Spam_Type); }\n'),
      '`tp_repr` gets a value that is known at run time only: `repr`',
    ],
    [
      'members from elsewhere',
      type('.tp_members = other_members, .tp_weaklistoffset = offsetof(PyObject, ob_type)'),
      'its members, `other_members`, are not found',
    ],
    [
      'an attribute that types have, too',
      type(
        '.tp_getset = getset',
        'static PyGetSetDef getset[] = {{"__module__", NULL, NULL, NULL, NULL}, {NULL}};\nint f(void) { return ' +
          'PyType_Ready(&Spam_Type); }\n',
      ),
      '`__module__` of its instances would be that of the type as well',
    ],
    ['a final base', type('.tp_base = &PyBool_Type'), 'its base, `&PyBool_Type`, lacks `Py_TPFLAGS_BASETYPE`'],
  ])('%s', async (_, texts, reason) => {
    const found = await obstacles(texts)
    expect(
      found.some((note) => note.includes(reason)),
      found.join('\n'),
    ).toBe(true)
    expect(await rewritten(texts)).toEqual(texts)
  })
})

describe('levels', () => {
  test('below 3.9 what needs a newer Python is not rewritten', async () => {
    const texts = type('.tp_weaklistoffset = 16')
    expect((await obstacles(texts, '3.8')).join('\n')).toContain(
      '`tp_weaklistoffset` of heap types works from Python 3.9 on',
    )
    expect((await rewritten(texts, '3.9'))['spam.c']).toContain(
      '{"__weaklistoffset__", T_PYSSIZET, 16, READONLY, NULL}',
    )
  })

  test('a level that the project sets for other translation units does not count', async () => {
    const texts = type('.tp_weaklistoffset = 16')
    const header = { 'old.h': '#define Py_LIMITED_API 0x03030000\n' }
    const needs = '`tp_weaklistoffset` of heap types works from Python 3.9 on'
    const other = { ...header, 'other.c': `#include "old.h"\n${python}` }
    expect((await obstacles({ ...texts, ...other })).join('\n')).not.toContain(needs)
    const own = { ...header, 'spam.c': `#include "old.h"\n${texts['spam.c']}` }
    expect((await obstacles(own)).join('\n')).toContain(needs)
    const built = {
      ...texts,
      'setup.py': 'Extension("spam", ["spam.c"], define_macros=[("Py_LIMITED_API", "0x03030000")])',
    }
    expect((await obstacles(built)).join('\n')).toContain(needs)
  })
})

describe('what is not seen, or has no place of its own, is left alone', () => {
  const type = 'PyTypeObject Spam_Type = {PyVarObject_HEAD_INIT(NULL, 0) .tp_name = "spam.Spam"};\n'
  const use = (code: string): Record<string, string> => ({ 'spam.c': `${python}static ${type}${code}` })
  test.each([
    [
      'a declaration in a header that was not read',
      {
        'spam.c': `${python}${type}int f(void) { return PyType_Ready(&Spam_Type); }\n`,
        'use.c': `${python}#include "made.h"\nPyTypeObject *g(void) { return &Spam_Type; }\n`,
      },
      'no declaration of it is seen by `use.c`',
    ],
    [
      'a statement without braces',
      use('int f(int x) { if (x) memset(&Spam_Type, 0, sizeof(Spam_Type)); return PyType_Ready(&Spam_Type); }\n'),
      'does with `Spam_Type` is not understood',
    ],
    [
      'a branch in the middle of an expression',
      use('int f(void) { return g(\n#if X\nSpam_Type\n#else\n0\n#endif\n) + PyType_Ready(&Spam_Type); }\n'),
      'does with `Spam_Type` is not understood',
    ],
  ])('%s', async (_, texts, reason) => {
    expect((await obstacles(texts)).join('\n')).toContain(reason)
    expect(await rewritten(texts)).toEqual(texts)
  })
})
