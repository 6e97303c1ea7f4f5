import { describe, expect, test } from 'vitest'
import { api, check } from '../../fixtures/rules.ts'
import { rules } from '../../rules/index.ts'
import { Api } from '../knowledge/api.ts'
import { parseTarget, type Target } from '../knowledge/target.ts'
import { availabilityStatus, isPrivate } from './availability.ts'

/**
 * A letter for each level from 3.2 to 3.15, or for each set of headers: `a`vailable, `n`ewer, `w`ithdrawn, `-` never,
 * `r`emoved, `f`uture, `u`nexported, late in the `d`ll.
 */
const letters = {
  available: 'a',
  newer: 'n',
  withdrawn: 'w',
  never: '-',
  removed: 'r',
  future: 'f',
  unexported: 'u',
  'late-in-dll': 'd',
} as const

const versions = Array.from({ length: 14 }, (_, index) => index + 2)

/** The statuses of a line of the table at targets, with the versions that they name. */
function statuses(line: string, targets: readonly Target[]): { strip: string; named: string[] } {
  const headers = Object.fromEntries([...versions, 16].map((each) => [each, '']))
  const all = new Api({ headers, names: { PySpam: line }, structs: {} })
  const found = targets.map((target) => availabilityStatus(all.fact('PySpam')!, target, all))
  return {
    strip: found.map(({ kind }) => letters[kind]).join(''),
    named: [
      ...new Set(found.flatMap(({ kind, ...rest }) => Object.entries(rest).map((each) => `${kind} ${each.join(' ')}`))),
    ],
  }
}

const byLevel = (line: string): ReturnType<typeof statuses> =>
  statuses(
    line,
    versions.map((level) => ({ level, headers: 15, abi3t: false })),
  )

const byHeaders = (line: string): ReturnType<typeof statuses> =>
  statuses(
    line,
    versions.map((headers) => ({ level: 2, headers, abi3t: false })),
  )

describe('at each level', () => {
  // `entity|CPython|levels|flags|exported, in the dll`; entity 0 is a function, 1 a macro, 2 a type, 4 data.
  test.each([
    ['at every level', '0|2-15|2+', 'aaaaaaaaaaaaaa', []],
    ['from 3.6 on', '0|2-15|6+', 'nnnnaaaaaaaaaa', ['newer since 6']],
    ['from 3.6 to 3.9', '0|2-15|6-9', 'nnnnaaaawwwwww', ['newer since 6', 'withdrawn last 9']],
    ['at one', '1|2-15|9', 'nnnnnnnawwwwww', ['newer since 9', 'withdrawn last 9']],
    ['at none', '1|2-15|-', '--------------', []],
    ['at none, and gone from the headers', '1|2-14|-', 'rrrrrrrrrrrrrr', ['removed last 14']],
    ['in no headers, as what only another system has', '0|-|-||7||MS_WINDOWS', 'aaaaaaaaaaaaaa', []],
    ['in no headers that were read', '0|-|-', 'aaaaaaaaaaaaaa', []],
    ['only with a macro of the build', '0|2-15|-||||HAVE_FORK', '--------------', []],
  ])('%s', (_, line, strip, named) => {
    expect(byLevel(line)).toEqual({ strip, named })
  })

  test.each([
    ['a function', '0|2-15|2+||6', 'uuuuaaaaaaaaaa', ['unexported since 6']],
    ['data', '4|2-15|2+||6', 'uuuuaaaaaaaaaa', ['unexported since 6']],
    [
      'a function that reaches the dll later',
      '0|2-15|2+||4 6',
      'uuddaaaaaaaaaa',
      ['unexported since 4', 'late-in-dll since 6'],
    ],
    ['a function that is exported, but in no dll', '0|2-15|2+||2 -', 'aaaaaaaaaaaaaa', []],
    ['a function that only the dll has', '0|2-15|2+||- 6', 'ddddaaaaaaaaaa', ['late-in-dll since 6']],
    [
      'a function that the headers have later',
      '0|2-15|5+||6',
      'nnnuaaaaaaaaaa',
      ['newer since 5', 'unexported since 6'],
    ],
    ['an inline function', '0|2-15|2+|i|6', 'aaaaaaaaaaaaaa', []],
    ['a macro', '1|2-15|2+|i|6', 'aaaaaaaaaaaaaa', []],
    ['a macro that calls what is exported later', '1|2-15|2+||6', 'uuuuaaaaaaaaaa', ['unexported since 6']],
    ['a type', '2|2-15|2+||6', 'aaaaaaaaaaaaaa', []],
  ])('what the oldest Python has to export: %s', (_, line, strip, named) => {
    expect(byLevel(line)).toEqual({ strip, named })
  })
})

test.each([
  ['of all versions', '1|2-15|-', '--------------', []],
  ['from 3.5 to 3.9', '1|5-9|-', 'fff-----rrrrrr', ['future first 5', 'removed last 9']],
  ['of one version', '1|9|-', 'fffffff-rrrrrr', ['future first 9', 'removed last 9']],
])('with each set of headers: a name %s that no level has', (_, line, strip, named) => {
  expect(byHeaders(line)).toEqual({ strip, named })
})

describe('abi3t', () => {
  const abi3t = (line: string, level = 15, headers = 15): ReturnType<typeof statuses> =>
    statuses(line, [{ level, headers, abi3t: true }])

  test.each([
    ['it has', '0|2-15|2+|a', 'a', []],
    ['it lacks, at whatever level the Limited API has it', '1|2-15|2+', '-', []],
    ['it lacks, as the Limited API does', '1|2-15|-', '-', []],
    ['only the Limited API has', '0|-|2+', '-', []],
    ['it lacks, withdrawn from the Limited API', '0|2-15|2-9', '-', []],
    ['is gone', '1|2-14|-', 'r', ['removed last 14']],
    ['is known of other systems alone', '0|-|-||7||MS_WINDOWS', 'a', []],
    ['it has, but the oldest Python does not export', '0|2-15|2+|a|16', 'u', ['unexported since 16']],
  ])('what %s', (_, line, strip, named) => {
    expect(abi3t(line)).toEqual({ strip, named })
  })

  test('what a later level has', () => {
    expect(abi3t('0|2-16|16', 15, 16)).toEqual({ strip: 'n', named: ['newer since 16'] })
    expect(abi3t('0|2-16|16', 16, 16)).toEqual({ strip: '-', named: [] })
  })
})

test('of the real table: what is available is declared and exported; what comes later is available then', () => {
  for (const target of ['3.8', '3.11', '3.12', '3.15', 'abi3t'].map((text) => parseTarget(text)!)) {
    for (const name of api.names()) {
      const fact = api.fact(name)!
      if (fact.platform !== '' || fact.full === null) continue
      const status = availabilityStatus(fact, target, api)
      const works = status.kind === 'available' || status.kind === 'late-in-dll'
      expect(works, `${name} at ${target.level}`).toBe(api.offers(name, target))
      if (status.kind !== 'newer') continue
      expect(api.declared(fact, { ...target, level: status.since }), name).toBe(true)
      expect(api.declared(fact, { ...target, level: status.since - 1 }), name).toBe(false)
    }
  }
})

test('private names begin with `_Py`', () => {
  expect(['_PyTuple_Resize', '_Py_Dealloc', 'PyList_New', 'Spam_PyList', '_pylist'].filter(isPrivate)).toEqual([
    '_PyTuple_Resize',
    '_Py_Dealloc',
  ])
})

/** What is said of files at 3.9, with the reasons for doubt. */
const said = async (texts: Readonly<Record<string, string>>, target = '3.9'): Promise<string[]> =>
  (await check(texts, rules, [parseTarget(target)!])).map(({ file, start, severity, symbol, notes }) =>
    [`${file}:${texts[file]!.slice(0, start).split('\n').length} ${severity} ${symbol}`, ...notes].join('; '),
  )

describe('what is doubtful about a use', () => {
  test('code that needs an option of the build', async () => {
    const text =
      '#include <Python.h>\n#ifdef SPAM_WHOLE\nPyObject *f(PyObject *t) { return PyTuple_GET_ITEM(t, 0); }\n' +
      'const char *g(PyTypeObject *t) { return t->tp_name; }\n#endif\n'
    const doubt = 'it is compiled only with a macro that neither the project nor its build files define'
    expect(await said({ 'a.c': text })).toEqual([
      `a.c:3 warning PyTuple_GET_ITEM; ${doubt}`,
      `a.c:4 warning PyTypeObject.tp_name; ${doubt}`,
    ])
  })

  test('a name that the project defines in some builds', async () => {
    const text =
      '#include <Python.h>\n#ifndef HAVE_TUPLES\n#define PyTuple_GET_ITEM(t, i) PyTuple_GetItem(t, i)\n#endif\n' +
      'PyObject *f(PyObject *t) { return PyTuple_GET_ITEM(t, 0); }\n'
    expect(await said({ 'a.c': text })).toEqual([
      'a.c:5 warning PyTuple_GET_ITEM; the project defines the name itself in some builds',
    ])
    expect(await said({ 'a.c': text.replaceAll(/#(?:ifndef|endif).*/g, '') })).toEqual([])
  })

  test('an argument that a macro drops in every build, in some, in none', async () => {
    const use = 'int f(PyObject *t) { return TRACE(PyTuple_GET_SIZE(t)); }\n'
    const keeps = '#define TRACE(x) (int)(x)\n'
    const drops = '#define TRACE(x) 0\n'
    const either = `#ifdef SPAM_TRACE\n${keeps}#else\n${drops}#endif\n`
    const head = '#include <Python.h>\n'
    const gnu = '#define TRACE(text, args...) trace(text, ## args)\n'
    const text = '#define TRACE(text, ...) trace(text, #__VA_ARGS__)\n'
    const call = 'int f(PyObject *o) { return TRACE("", 0, PyTuple_GET_SIZE(o)); }\n'
    expect(await said({ 'a.c': `${head}int trace(const char *, ...);\n${gnu}${call}` })).toHaveLength(1)
    expect(await said({ 'a.c': `${head}int trace(const char *, ...);\n${text}${call}` })).toEqual([])
    expect(await said({ 'a.c': head + drops + use })).toEqual([])
    expect(await said({ 'a.c': head + keeps + use })).toEqual(['a.c:3 error PyTuple_GET_SIZE'])
    expect(await said({ 'a.c': head + either + use })).toEqual([
      'a.c:7 warning PyTuple_GET_SIZE; macro `TRACE()` drops this argument unless a build option says otherwise',
    ])
  })

  test("a header of CPython's own may declare what is gone from the others, and nothing else", async () => {
    const doubt = "a header of CPython's own is included (`pycore_...`), which may declare it"
    const text =
      'PyObject *f(PyObject *o) { return PyEval_CallObject(o, NULL); }\n' +
      'PyObject *g(PyObject *t) { return PyTuple_GET_ITEM(t, 0); }\n' +
      'void *h(PyFrameObject *f) { return f->f_back; }\n' +
      'const char *i(PyTypeObject *t) { return t->tp_name; }\n'
    const gone = ['PyEval_CallObject', 'PyFrameObject.f_back']
    const lines = ['PyEval_CallObject', 'PyTuple_GET_ITEM', 'PyFrameObject.f_back', 'PyTypeObject.tp_name']
    const expected = (internals: boolean): string[] =>
      lines.map((symbol, index) =>
        internals && gone.includes(symbol)
          ? `a.c:${index + 2} warning ${symbol}; ${doubt}`
          : `a.c:${index + 2} error ${symbol}`,
      )
    expect(await said({ 'a.c': `#include <Python.h>\n${text}` })).toEqual(expected(false))
    const include = 'a.c:1 error internal/pycore_frame.h'
    expect(await said({ 'a.c': `#include <internal/pycore_frame.h>\n${text}` })).toEqual([include, ...expected(true)])
  })
})

describe('arguments of macros that hand them on', () => {
  test.each([
    ['#define STR(x) #x', '#define TRACE(x) puts(STR(x))'],
    ['#define NOP(x)', '#define TRACE(x) (0, NOP(x) 1)'],
    ['#define NOP(...) 0', '#define TRACE(...) NOP("trace", __VA_ARGS__)'],
    ['#define NOP(...) 0', '#define TRACE(args...) NOP("trace", ## args)'],
    ['#define NOP(x, rest) (rest)', '#define TRACE(x) NOP((int)(x), 1)'],
    ['#define NOP(x) 0', '#define TRACE NOP'],
    ['#define NOP(x) LESS(f(x))\n#define LESS(x) 0', '#define TRACE(x) NOP(((x)))'],
  ])('an argument that goes to another macro is dropped by that: %s, %s', async (inner, outer) => {
    const head = `#include <Python.h>\n${inner}\n${outer}\n`
    expect(await said({ 'a.c': `${head}int f(PyObject *t) { return TRACE(PyTuple_GET_SIZE(t)); }\n` })).toEqual([])
  })

  test.each([
    ['#define STR(x) #x', '#define TRACE(x) puts(STR(x)), (int)(x)'],
    ['#define KEEP(x) (int)(x)', '#define TRACE(x) KEEP((Py_ssize_t)(x))'],
    ['#define SECOND(x, y) (int)(y)', '#define TRACE(...) SECOND(0, __VA_ARGS__)'],
    ['#define SECOND(x, ...) (int)(__VA_ARGS__)', '#define TRACE(x, args...) SECOND(x, args)'],
    ['#define NOP(x) 0', '#define TRACE(x) (f(x), NOP(1))'],
    ['int f(int);', '#define TRACE(TRACED) TRACE(TRACED)'],
  ])('and kept where it comes out of one of them: %s, %s', async (inner, outer) => {
    const head = `#include <Python.h>\n${inner}\n${outer}\n`
    const call = outer.includes('args...') ? 'TRACE(0, PyTuple_GET_SIZE(t))' : 'TRACE(PyTuple_GET_SIZE(t))'
    expect(await said({ 'a.c': `${head}int g(PyObject *t) { return ${call}; }\n` })).toEqual([
      'a.c:4 error PyTuple_GET_SIZE',
    ])
  })

  const dropped = 'macro `REPORT()` drops this argument unless a build option says otherwise'

  test('a macro that one of two units defines otherwise, or that is taken away, leaves doubt', async () => {
    const header =
      '#define REPORT(x) LOG(x)\nstatic inline int f(PyObject *t) { return REPORT(PyTuple_GET_SIZE(t)); }\n'
    const head = '#include <Python.h>\n'
    const drops = `${head}#define LOG(x) 0\n#include "h.h"\n`
    const keeps = `${head}static int LOG(int x) { return x; }\n#include "h.h"\n`
    expect(await said({ 'a.c': drops, 'h.h': header })).toEqual([])
    expect(await said({ 'a.c': drops, 'b.c': keeps, 'h.h': header })).toEqual([
      `h.h:2 warning PyTuple_GET_SIZE; ${dropped}`,
    ])
    const gone = `${head}#define LOG(x) 0\n#undef LOG\nint LOG(int);\n${header}`
    expect(await said({ 'a.c': gone })).toEqual([`a.c:6 warning PyTuple_GET_SIZE; ${dropped}`])
  })

  test('each of the arguments for `...` is told by where the other macro puts it', async () => {
    const head = '#include <Python.h>\n#define FIRST(x, y) (int)(x)\n#define BOTH(...) FIRST(__VA_ARGS__)\n'
    const call =
      'int f(PyObject *t) {\n  return BOTH(1,\n    PyTuple_GET_SIZE(t)) + BOTH(\n    PyList_GET_SIZE(t), 1); }\n'
    expect(await said({ 'a.c': head + call })).toEqual(['a.c:7 error PyList_GET_SIZE'])
  })
})

describe('which uses are live', () => {
  test.each([
    'int PyObject_Print(PyObject *o);',
    'PyAPI_FUNC(int) PyObject_Print(PyObject *o);',
    'PyAPI_FUNC(const struct spam *) PyObject_Print(PyObject *o);',
    'PyAPI_FUNC(int)\nPyObject_Print\n(PyObject *o);',
  ])('a function that the project declares is its own: %s', async (declaration) => {
    const use = 'int f(PyObject *o) { return PyObject_Print(o) != 0; }\n'
    const found = await said({ 'a.c': `#include <Python.h>\n#include "spam.h"\n${use}`, 'spam.h': declaration })
    expect(found).toEqual([expect.stringMatching(/^spam\.h:\d warning PyObject_Print$/)])
    expect(await said({ 'a.c': `#include <Python.h>\n${use}` })).toEqual(['a.c:2 error PyObject_Print'])
  })

  test.each([
    'extern int PyObject_Print();',
    'int PyObject_Print(PyObject *o, void *file, int flags);',
    'PyAPI_FUNC(int) PyObject_Print(void);',
    'PyAPI_FUNC(int) PyObject_Print(struct spam *, unsigned long);',
  ])('a function that a block declares is its own: %s', async (declaration) => {
    const text = `#include <Python.h>\nint f(PyObject *o)\n{\n${declaration}\nreturn PyObject_Print(o) != 0;\n}\n`
    expect(await said({ 'a.c': text })).toEqual(['a.c:4 warning PyObject_Print'])
  })

  test('a local name hides the one of the C API from its declaration to the end of its block', async () => {
    const text = `#include <Python.h>
static size_t before = sizeof(digit);
unsigned f(unsigned digit) { return digit + sizeof(digit); }
static size_t between = sizeof(digit);
unsigned g(void) { unsigned other = 1; return other + sizeof(digit); }
unsigned h(void) { { unsigned digit = 1; (void)digit; } return sizeof(digit); }
`
    expect(await said({ 'a.c': text }, '3.12')).toEqual([2, 4, 5, 6].map((line) => `a.c:${line} error digit`))
  })
})
