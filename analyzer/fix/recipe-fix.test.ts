import { describe, expect, test } from 'vitest'
import { check, fixed, shims } from '../../fixtures/rules.ts'
import { rules } from '../../rules/index.ts'
import { parseTarget } from '../knowledge/target.ts'

/** What is offered for the uses in a text, and what all fixes make of it. */

const head = '#include <Python.h>\n'

/** The fix of each finding about a name: `safe: what it does`, `unsafe: what it does: why`, `none`. */
async function offered(code: string, symbol: string, ...targets: readonly string[]): Promise<string[]> {
  const found = await check(
    { 'a.c': `${head}${code}\n` },
    rules,
    targets.map((each) => parseTarget(each)!),
  )
  return found
    .filter((each) => each.symbol === symbol)
    .map(({ fix }) =>
      fix === null ? 'none' : [fix.safety, fix.title, ...(fix.reason === '' ? [] : [fix.reason])].join(': '),
    )
}

async function rewritten(code: string, ...targets: readonly string[]): Promise<string> {
  const all = targets.map((each) => parseTarget(each)!)
  const text = (await fixed({ 'a.c': `${head}${code}\n` }, rules, all, true))['a.c']!
  return text.slice(head.length).trimEnd()
}

test('a macro that is the name of a function of the project keeps its body', async () => {
  const macro = '#define GET PyErr_GetRaisedException'
  const use = 'PyObject *f(void) { return GET(); }'
  const own = '#if PY_VERSION_HEX < 0x030C0000\nPyObject *GET(void) { return NULL; }\n#endif'
  expect(await offered(`${macro}\n${use}`, 'PyErr_GetRaisedException', '3.11')).toEqual([
    'safe: use the shim `PepErr_GetRaisedException`',
  ])
  expect(await offered(`${macro}\n${own}\n${use}`, 'PyErr_GetRaisedException', '3.11')).toEqual(['none'])
})

describe('operands', () => {
  test.each([
    ['of the right type', 'PyObject *t', 't', 't'],
    ['of the type by its tag', 'struct _object *t', 't', 't'],
    ['of another type', 'void *t', 't', '(PyObject *)t'],
    ['that a cast would take apart', 'void *t', 't ? t : 0', '(PyObject *)(t ? t : 0)'],
    ['of an array', 'PyObject **t', 't[0]', 't[0]'],
    ['an array of pointers to others', 'void **t', 't[0]', '(PyObject *)t[0]'],
    ['cast for the sake of the struct', 'PyObject *t', '(PyTupleObject *)t', 't'],
    ['of another type, cast for the sake of the struct', 'void *t', '(PyTupleObject *)t', '(PyObject *)t'],
    ['in brackets', 'PyObject *t', '(t)', '(t)'],
  ])('%s', async (_, parameter, operand, expected) => {
    const code = (name: string, first: string): string => `PyObject *f(${parameter}) { return ${name}(${first}, 0); }`
    expect(await rewritten(code('PyTuple_GET_ITEM', operand), '3.9')).toBe(code('PyTuple_GetItem', expected))
  })

  test.each([
    ['PyObject *o', 'o->ob_type', 'Py_TYPE(o)'],
    ['PyObject *o', '(o)->ob_type', 'Py_TYPE(o)'],
    ['PyObject **o', '(*o)->ob_type', 'Py_TYPE(*o)'],
  ])('of a field: %s, %s', async (parameter, before, after) => {
    const code = (value: string): string => `PyTypeObject *f(${parameter}) { return ${value}; }`
    expect(await rewritten(code(before), 'abi3t')).toBe(code(after))
  })
})

describe('operands that point to what must not be changed are cast', () => {
  test.each([
    ['of a function', 'static const PyObject *get(void);', '', 'get()'],
    ['at file level', 'static const PyObject *all[2];', '', 'all[1]'],
    ['of a struct', 'struct spam { const PyObject *o; PyObject *p; };', 'struct spam *s', 's->o'],
    ['of an array', '', 'const PyObject *all[2]', 'all[0]'],
    ['by way of a pointer', '', 'const PyObject **all', '*all'],
    ['behind the first of many', '', 'const PyObject *const *all, int n', '*(all + n)'],
    ['of a typedef', 'typedef const PyObject *Fixed;', 'Fixed o', 'o'],
    ['of a typedef of what it points to', 'typedef const PyObject Fixed;', 'Fixed *o', 'o'],
    ['of a pointer to a function', '', 'const PyObject *(*get)(void)', 'get()'],
  ])('%s', async (_, before, parameter, operand) => {
    const code = (call: string): string => `${before}\nPy_ssize_t f(${parameter || 'void'}) { return ${call}; }`
    const after = code(`PyTuple_Size((PyObject *)${operand})`)
    expect(await rewritten(code(`PyTuple_GET_SIZE(${operand})`), '3.9')).toBe(after)
  })

  test('and others are not', async () => {
    const code = 'struct spam { const PyObject *o; PyObject *p; };\nPy_ssize_t f(struct spam *s, PyObject *const q) {'
    expect(await rewritten(`${code} return PyTuple_GET_SIZE(s->p) + PyTuple_GET_SIZE(q); }`, '3.9')).toBe(
      `${code} return PyTuple_Size(s->p) + PyTuple_Size(q); }`,
    )
  })
})

describe('an item that is compared with NULL sets no exception where there is none', () => {
  test.each([
    ['PyObject *o = PyTuple_GET_ITEM(t, 0); if (o == NULL) return 0; return PyLong_AsLong(o);', 'PepTuple_GET_ITEM'],
    ['PyObject *o; if (!(o = PyTuple_GET_ITEM(t, 0))) return 0; return PyLong_AsLong(o);', 'PepTuple_GET_ITEM'],
    ['return PyTuple_GET_ITEM(t, 0) ? 1 : 2;', 'PepTuple_GET_ITEM'],
    ['PyObject *o = 0; if (o) return 0; o = PyTuple_GET_ITEM(t, 0); return PyLong_AsLong(o);', 'PyTuple_GetItem'],
    ['PyObject *o = PyTuple_GET_ITEM(t, 0); if (o == t) return 0; return PyLong_AsLong(o);', 'PyTuple_GetItem'],
    ['PyObject *o = PyTuple_GET_ITEM(t, 0); if (PyLong_Check(o)) return 0; return 1;', 'PyTuple_GetItem'],
  ])('%s', async (body, written) => {
    const code = (text: string): string => `int f(PyObject *t) { ${text} }`
    const text = await rewritten(code(body), '3.9')
    expect(text.replace('#include "pep_shims.h"\n', '')).toBe(code(body.replace('PyTuple_GET_ITEM', written)))
  })
})

describe('a recipe is open', () => {
  test('where all targets have what it needs', async () => {
    const code = 'void *f(void) { return _PyInterpreterState_Get(); }'
    const safe = ['safe: write `PyInterpreterState_Get`']
    expect(await offered(code, '_PyInterpreterState_Get', '3.9', '3.12')).toEqual(safe)
    expect(await offered(code, '_PyInterpreterState_Get', '3.8', '3.9')).toEqual(['none'])
    expect(await offered(code, '_PyInterpreterState_Get', '3.8')).toEqual(['none'])
  })

  test('from the level on that its shim works at', async () => {
    const code = 'void *f(PyObject *o) { return PyObject_VectorcallDict(o, NULL, 0, NULL); }'
    const since = shims.get('PepObject_VectorcallDict')!
    const at = (level: number): Promise<string[]> => offered(code, 'PyObject_VectorcallDict', `3.${level}`)
    expect(await at(since)).toEqual(['safe: use the shim `PepObject_VectorcallDict`'])
    if (since > 2) expect(await at(since - 1)).toEqual(['none'])
  })

  test.each([
    ['static void *PyTuple_GetItem(void *t, int i) { return t; }', 'PyTuple_GET_ITEM', 'PyTuple_GET_ITEM(t, 0)'],
    ['static int PepList_Clear(void *t) { return 0; }', 'PyList_Clear', '(void *)(size_t)PyList_Clear(t)'],
  ])('unless the project calls something else by that name: %s', async (own, symbol, use) => {
    const code = `void *f(PyObject *t) { return ${use}; }`
    expect(await offered(code, symbol, '3.9')).not.toEqual(['none'])
    expect(await offered(`${own}\n${code}`, symbol, '3.9')).toEqual(['none'])
  })

  test('although the project has the shim, if it is in the header of shims', async () => {
    const use = 'int f(PyObject *l) { return PyList_Clear(l); }\n'
    const texts = {
      'a.c': `${head}#include "pep_shims.h"\n${use}`,
      'pep_shims.h': 'static inline int PepList_Clear(PyObject *l) { return 0; }\n',
    }
    const found = await check(texts, rules, [parseTarget('3.9')!])
    expect(found.filter(({ symbol }) => symbol === 'PyList_Clear').map(({ fix }) => fix?.title)).toEqual([
      'use the shim `PepList_Clear`',
    ])
  })
})

describe('what differs makes a fix unsafe', () => {
  test('up to the Python from which on it is the same', async () => {
    const early = 'unsafe: write `1`: before Python 3.7: it may be too early'
    const code = 'int f(void) { return PyEval_ThreadsInitialized(); }'
    expect(await offered(code, 'PyEval_ThreadsInitialized', '3.6')).toEqual([early])
    expect(await offered(code, 'PyEval_ThreadsInitialized', '3.6', '3.9')).toEqual([early])
    expect(await offered(code, 'PyEval_ThreadsInitialized', '3.7')).toEqual(['safe: write `1`'])
    expect(await offered(code, 'PyEval_ThreadsInitialized', '3.7', '3.9')).toEqual(['safe: write `1`'])
  })

  test('or everywhere', async () => {
    expect(await offered('int f(void) { return Py_VerboseFlag; }', 'Py_VerboseFlag', '3.9')).toEqual([
      'unsafe: use the shim `PepFlag_Verbose()`: it needs the GIL, and does not follow when the variable is changed',
    ])
  })

  test('and so does a name that the project has in some builds', async () => {
    const own = (name: string): string => `#ifndef HAVE_SPAM\n#define ${name} spam\n#endif\n`
    expect(
      await offered(
        `${own('PyTuple_GET_ITEM')}void *f(PyObject *t) { return PyTuple_GET_ITEM(t, 0); }`,
        'PyTuple_GET_ITEM',
        '3.9',
      ),
    ).toEqual(['unsafe: write `PyTuple_GetItem(t, i)`: the project defines the name itself in some builds'])
    expect(
      await offered(`${own('Py_VerboseFlag')}int f(void) { return Py_VerboseFlag; }`, 'Py_VerboseFlag', '3.9'),
    ).toEqual([
      'unsafe: use the shim `PepFlag_Verbose()`: it needs the GIL, and does not follow when the variable is changed; ' +
        'the project defines the name itself in some builds',
    ])
  })
})

describe('the place decides', () => {
  const setItem = 'PyTuple_SetItem(t, i, o)'
  test.each([
    [
      'a literal',
      'void f(void) { _PyErr_BadInternalCall(__FILE__, __LINE__); }',
      'void f(void) { PyErr_BadInternalCall(); }',
    ],
    ['another', 'void f(void) { _PyErr_BadInternalCall("a.c", __LINE__); }', null],
    ['no literal', 'void f(char *s) { _PyErr_BadInternalCall(s, __LINE__); }', null],
    [
      'NULL',
      'void *f(PyObject *o) { return PyEval_CallObjectWithKeywords(o, o, NULL); }',
      'void *f(PyObject *o) { return PyObject_CallObject(o, o); }',
    ],
    [
      'not NULL',
      'void *f(PyObject *o) { return PyEval_CallObjectWithKeywords(o, o, o); }',
      'void *f(PyObject *o) { return PyObject_Call(o, o, o); }',
    ],
    ['a variable that is read', 'int f(void) { return Py_VerboseFlag; }', 'int f(void) { return PepFlag_Verbose(); }'],
    ['one that is written', 'void f(void) { Py_VerboseFlag = 1; }', null],
    ['too few operands', 'void *f(PyObject *t) { return PyTuple_GET_ITEM(t); }', null],
    ['a statement', 'void f(void) { PyDateTime_IMPORT; }', 'void f(void) { PepDateTime_IMPORT(); }'],
    ['no statement', 'int f(void) { return (PyDateTime_IMPORT, 1); }', null],
    [
      'a field',
      'void *f(void) { return PyDateTimeAPI->DateType; }',
      'void *f(void) { return PepDateTime_DateType(); }',
    ],
    ['a field that is written', 'void f(void) { PyDateTimeAPI->DateType = 0; }', null],
    ['another field', 'void *f(void) { return PyDateTimeAPI->spam; }', null],
    ['no field', 'int f(void) { return PyDateTimeAPI == 0; }', 'int f(void) { return PepDateTimeAPI == 0; }'],
    ['a pointer that is kept', 'void f(void *p) { if ((p = PyDateTimeAPI) == 0) return; }', null],
    ['what a pointer points to', 'void *f(void) { return (*PyDateTimeAPI).DateType; }', null],
    ['a pointer in brackets', 'void *f(void) { return (PyDateTimeAPI)->DateType; }', null],
    ['a pointer that is kept', 'void *f(void) { PyDateTime_CAPI *p = PyDateTimeAPI; return p->DateType; }', null],
    [
      'the field of a struct itself',
      'extern PyTypeObject T; freefunc f(void) { return T.tp_free; }',
      'extern PyTypeObject T; freefunc f(void) { return ((freefunc)PyType_GetSlot(&T, Py_tp_free)); }',
    ],
    [
      'another name for a macro',
      '#define ITEM PyTuple_GET_ITEM\nvoid *f(PyObject *t) { return ITEM(t, 0); }',
      '#define ITEM(t, i) PyTuple_GetItem((PyObject *)(t), i)\nvoid *f(PyObject *t) { return ITEM(t, 0); }',
    ],
    [
      'another name for a function',
      '#define CLEAR PyList_Clear\nint f(PyObject *t) { return CLEAR(t); }',
      '#define CLEAR PepList_Clear\nint f(PyObject *t) { return CLEAR(t); }',
    ],
    [
      'another name for what the place decides',
      '#define SET PyTuple_SET_ITEM\nvoid f(PyObject *t) { SET(t, 0, t); }',
      null,
    ],
  ])('%s', async (_, code, after) => {
    expect(await rewritten(code, '3.9')).toBe(after ?? code)
  })

  test('whether a tuple is new, and whether anybody asks for the result', async () => {
    const offers = (body: string): Promise<string[]> =>
      offered(`void f(PyObject *t, PyObject *o) { ${body} }`, 'PyTuple_SET_ITEM', '3.9')
    const made = 'PyObject *n = PyTuple_New(1);'
    expect(await offers(`${made} PyTuple_SET_ITEM(n, 0, o);`)).toEqual([`safe: write \`${setItem}\``])
    expect(await offers(`${made} o = 0, PyTuple_SET_ITEM(n, 0, o);`)).toEqual([`safe: write \`(void)${setItem}\``])
    expect(await offers('PyTuple_SET_ITEM(t, 0, o);')).toEqual([
      'unsafe: use the shim `PepTuple_SET_ITEM(t, i, o)`: a tuple that has more than one owner raises SystemError ' +
        'and stays as it is, an index outside of it raises IndexError, and the item is released',
    ])
    expect(await offers('PyTuple_SET_ITEM(t, Py_SIZE(t), o); Py_SET_SIZE((PyVarObject *)t, 2);')).toEqual(['none'])
    expect(await offers('PyTuple_SET_ITEM((t), 0, o); ((PyVarObject *)t)->ob_size++;')).toEqual(['none'])
    expect(await offers('PyTuple_SET_ITEM(t, 0, o); Py_SIZE(t) = 2;')).toEqual(['none'])
    expect(await offers('PyTuple_SET_ITEM(t, 0, o); Py_SET_SIZE((PyVarObject *)o, 2);')).not.toEqual(['none'])
    expect(await offers('o = 0, PyTuple_SET_ITEM(t, 0, o);')).toEqual(['none'])
  })
})

describe('an item may lie behind the others', () => {
  test.each([
    ['PyList_GET_ITEM', 'Py_SET_SIZE(l, n); return PyList_GET_ITEM(l, n);'],
    ['PyList_GET_ITEM', 'PyObject *last = PyList_GET_ITEM((PyObject *)l, --((PyVarObject *)l)->ob_size); return last;'],
    ['PyTuple_GET_ITEM', 'Py_SIZE(l) = 1; return PyTuple_GET_ITEM(l, 1);'],
    ['PySequence_Fast_GET_ITEM', 'Py_SET_SIZE((PyVarObject *)(l), n); return PySequence_Fast_GET_ITEM(l, n);'],
  ])('where the function sets the size: %s in %s', async (name, body) => {
    const offers = (code: string): Promise<string[]> =>
      offered(`PyObject *f(PyObject *l, PyObject *o, Py_ssize_t n) { ${code} }`, name, '3.9')
    expect(await offers(body)).toEqual(['none'])
    expect(await offers(`Py_SET_SIZE((PyVarObject *)o, n); return ${name}(l, n);`)).toEqual([
      expect.stringMatching(/^safe: /),
    ])
  })
})

test.each([
  ['PyThreadState *s = PyThreadState_Get(); return s->dict;', 'PyThreadState_GetDict()'],
  ['PyThreadState *s; s = _PyThreadState_UncheckedGet(); PyThreadState *own = s; return own->dict;', 'GetDict'],
  ['for (ts = first(); ts; ts = PyThreadState_Next(ts)) use(ts->dict); return NULL;', 'ts->dict'],
  ['PyThreadState *s = PyThreadState_Get(); s = PyThreadState_Next(s); return s->dict;', 's->dict'],
  ['PyThreadState *s = PyThreadState_Get(); fill(&s); return s->dict;', 's->dict'],
  ['return ts->dict;', 'ts->dict'],
])('a field of a thread state is asked of the current thread only where it is its state: %s', async (body, after) => {
  expect(await rewritten(`PyObject *f(PyThreadState *ts) { ${body} }`, '3.11')).toContain(after)
})

describe('pointers to structs of objects', () => {
  const unsafe = (name: string): string =>
    'unsafe: write `PyObject`: functions of others that take or give a ' +
    `\`${name} *\` meet another pointer, of which compilers warn`

  test.each([
    ['a parameter', 'void f(PyTupleObject *t);', 'PyTupleObject', 1],
    ['a result', 'PyListObject *f(void);', 'PyListObject', 1],
    ['a struct that begins with the head itself', 'void f(PyFloatObject *x);', 'PyFloatObject', 1],
    ['no object', 'void f(PyNumberMethods *n);', 'PyNumberMethods', 0],
    ['the size is needed', 'PyTupleObject *f(void); struct s { PyTupleObject t; };', 'PyTupleObject', 0],
    ['a field is needed', 'void *f(PyTupleObject *t) { return t->ob_item; }', 'PyTupleObject', 0],
    [
      'a field of an object of which nothing is known',
      'void *f(PyTupleObject *t) { return g()->ob_item; }',
      'PyTupleObject',
      0,
    ],
    [
      'a field of another struct',
      'void *f(PyTupleObject *t, PyListObject *l) { return l->ob_item; }',
      'PyTupleObject',
      1,
    ],
    [
      'a field that a macro makes',
      '#define F(o, x) (o)->ob_##x\nvoid *f(PyTupleObject *t) { return F(t, item); }',
      'PyTupleObject',
      0,
    ],
    ['the name is made by a macro', '#define P(T) Py##T##Object *\nvoid f(P(Tuple) t);', 'PyTupleObject', 0],
    [
      'the project has one in some builds',
      '#ifndef HAVE_A\n#define PyTupleObject void\n#endif\nvoid f(PyTupleObject *t);',
      'PyTupleObject',
      0,
    ],
  ])('%s', async (_, code, symbol, count) => {
    const found = await offered(code, symbol, '3.12')
    expect(found.length).toBeGreaterThan(0)
    expect(found.filter((each) => each !== 'none')).toEqual(Array.from({ length: count }, () => unsafe(symbol)))
  })

  test('only the name changes', async () => {
    expect(await rewritten('static PyTupleObject *f(PyTupleObject *t) { return t; }', '3.12')).toBe(
      'static PyObject *f(PyObject *t) { return t; }',
    )
  })
})

describe('an item that takes the place of another one', () => {
  const set = 'PyTuple_SET_ITEM(t, 0, o);'
  const fitted = async (code: string): Promise<string> =>
    (await rewritten(`void f(PyObject *t, PyObject *o) {${code}}`, '3.9')).split('{').slice(1).join('{').slice(0, -1)

  test.each([
    [`Py_XDECREF(PyTuple_GET_ITEM(t, 0)); ${set}`, 'PyTuple_SetItem(t, 0, o);'],
    [`Py_DECREF(PyTuple_GetItem(t, 0));\n  ${set}`, 'PyTuple_SetItem(t, 0, o);'],
    [`PyObject *old = PyTuple_GetItem(t, 0);\n  Py_DECREF(old);\n  ${set}`, 'PyTuple_SetItem(t, 0, o);'],
    [`PyObject *old = PyTuple_GetItem(t, 0); ${set} Py_DECREF(old);`, null],
    [`Py_DECREF(o); ${set}`, null],
    [`f(PyTuple_GetItem(o, 1), o); PyObject_Repr(PyTuple_GetItem(t, 0)); ${set}`, null],
    [`while (o) { PyObject *old = PyTuple_GetItem(t, 0); ${set} Py_DECREF(old); }`, null],
  ])('%s', async (code, expected) => {
    expect(await fitted(code)).toBe(expected ?? code.replace(set, 'PepTuple_SET_ITEM(t, 0, o);'))
  })

  test.each([
    `Py_XDECREF(PyTuple_GetItem(t, 0)); f(t, o); ${set}`,
    `PyObject *old = PyTuple_GetItem(t, 0); Py_DECREF(old); ${set} old = o;`,
    `PyObject *old = PyTuple_GetItem(t, 0), *x = o; Py_DECREF(old); ${set}`,
    `PyObject *old = PyTuple_GetItem(t, 1); Py_DECREF(old); ${set}`,
    `PyObject *old = PyTuple_GetItem(t, 0); f(t); Py_DECREF(old); ${set}`,
    `Py_XDECREF(PyTuple_GetItem(t, 0)); /* once */ ${set}`,
    `Py_XDECREF(PyTuple_GetItem(t, 1)); ${set}`,
    `if (o) Py_XDECREF(PyTuple_GetItem(t, 0)); ${set}`,
    `while (o) Py_XDECREF(PyTuple_GetItem(t, 0)); ${set}`,
    `Py_DecRef(PyTuple_GetItem(t, 0)); ${set}`,
    `PyObject *x = PyTuple_GetItem(t, 0), *y = x; Py_DECREF(y); ${set}`,
    `PyObject *x = PyTuple_GetItem(t, 0); PyUnicode_Append(&x, o); ${set}`,
    `PyList_SetItem(o, 0, PyTuple_GetItem(t, 0)); ${set}`,
    `while (o) { ${set} Py_DECREF(PyTuple_GetItem(t, 0)); }`,
    `Py_XDECREF(PyTuple_GetItem(t, 0)); if (o) ${set}`,
    `PyObject *old; old = PyTuple_GetItem(t, 0); Py_CLEAR(old); ${set}`,
  ])('stays: %s', async (code) => {
    expect(await fitted(code)).toBe(code)
  })

  test.each([
    '#define DROP(o) Py_DECREF(o)',
    'static void DROP(PyObject *o) { Py_DECREF(o); }',
    '#define DROP2(o) Py_DECREF(o)\nstatic void DROP(PyObject *o) { DROP2(o); }',
  ])('stays where the project releases it: %s', async (helper) => {
    const code = (name: string): string =>
      `${helper}\nvoid f(PyObject *t, PyObject *o) { ${name}(PyTuple_GetItem(t, 0)); ${set} }`
    expect(await rewritten(code('DROP'), '3.9')).toBe(code('DROP'))
    expect(await rewritten(code('PyObject_Repr'), '3.9')).toContain('PepTuple_SET_ITEM')
  })

  test('and not where the tuple is another one by then', async () => {
    const code = `Py_DECREF(PyTuple_GetItem(t, 0)); t = o; ${set}`
    expect(await fitted(code)).toContain('PepTuple_SET_ITEM')
  })

  test('in a macro, with the marks at the ends of its lines', async () => {
    const code = (body: string): string =>
      `#define PUT(t, o) do { \\\n${body} } while (0)\nvoid f(PyObject *t, PyObject *o) { PUT(t, o); }`
    expect(
      await rewritten(code('  Py_XDECREF(PyTuple_GET_ITEM((t), 0)); \\\n  PyTuple_SET_ITEM((t), 0, (o)); \\\n'), '3.9'),
    ).toBe(code('  PyTuple_SetItem((PyObject *)(t), 0, (PyObject *)(o)); \\\n'))
  })
})

describe('type objects that are found by import', () => {
  test.each([
    ['return Py_TYPE(o) == &PyFunction_Type;', 'safe: use the shim `PepFunction_Type`'],
    ['PyTypeObject *t = &(PyMethod_Type); return Py_TYPE(o) == t;', 'safe: use the shim `PepMethod_Type`'],
    ['static PyTypeObject *t = &PyGen_Type; return Py_TYPE(o) == t;', 'none'],
    ['return PyCode_Type.tp_flags != 0;', 'none'],
  ])('%s: %s', async (code, expected) => {
    const name = /Py(?!TypeObject)[A-Z]\w+_Type\b/.exec(code)![0]
    expect(await offered(`int f(PyObject *o) { ${code} }`, name, '3.9')).toEqual([expected])
  })

  test('not for a constant', async () => {
    expect(await offered('PyTypeObject *all[] = {&PyFunction_Type};', 'PyFunction_Type', '3.9')).toEqual(['none'])
  })
})

describe('identifiers', () => {
  const uses =
    'PyObject *f(PyObject *o, _Py_Identifier *id) {\n  _Py_IDENTIFIER(read);\n' +
    '  PyObject *r = _PyObject_CallMethodIdObjArgs(o, &PyId_read, o, NULL);\n' +
    '  return r ? r : _PyObject_GetAttrId(o, id); }'

  test('are others under the Limited API, with the functions that take them', async () => {
    expect(await rewritten(`static _Py_Identifier own = _Py_static_string_init("own");\n${uses}`, '3.9')).toBe(
      `static Pep_Identifier own = Pep_static_string_init("own");\n${uses
        .replaceAll('_Py_', 'Pep_')
        .replaceAll('_PyObject', 'PepObject')}`,
    )
  })

  test('but not where their fields are written in order', async () => {
    const code = 'static _Py_Identifier own = {0, "own", 0};'
    expect(await offered(code, '_Py_Identifier', '3.9')).toEqual(['none'])
  })
})
