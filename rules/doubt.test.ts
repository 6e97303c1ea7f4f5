import { expect, test } from 'vitest'
import { check } from '../fixtures/rules.ts'
import { rules } from './index.ts'

/** What a build may leave out is a warning: nobody can be sure that a compiler sees it. */

const limited = { level: 9, headers: 15, abi3t: false }
const shown = async (texts: Readonly<Record<string, string>>): Promise<string[]> =>
  (await check(texts, rules, [limited])).map(({ severity, symbol }) => `${severity} ${symbol}`)

const first = (condition: string): string => `#include <Python.h>
#${condition}
PyObject *first(PyObject *t) { return PyTuple_GET_ITEM(t, 0); }
const char *name(PyTypeObject *t) { return t->tp_name; }
size_t size(void) { return sizeof(PyTypeObject); }
static PyTypeObject spam;
#endif
`
const all = (severity: string): string[] =>
  ['PyTuple_GET_ITEM', 'PyTypeObject.tp_name', 'PyTypeObject', 'PyTypeObject'].map((symbol) => `${severity} ${symbol}`)

test('code for which a build has to define a macro that nothing names is a warning', async () => {
  expect(await shown({ 'spam.c': first('ifdef SPAM_WHOLE_API') })).toEqual(all('warning'))
  expect(await shown({ 'spam.c': first('ifndef SPAM_LIMITED') })).toEqual(all('error'))
})

test('what compilers, systems or the build may define is no such option', async () => {
  for (const name of ['_WIN32', '__APPLE__', 'MS_WINDOWS', 'HAVE_FORK']) {
    expect(await shown({ 'spam.c': first(`ifdef ${name}`) }), name).toEqual(all('error'))
  }
  const setup = "Extension('spam', ['spam.c'], define_macros=[('SPAM_WHOLE_API', '1')])"
  expect(await shown({ 'spam.c': first('ifdef SPAM_WHOLE_API'), 'setup.py': setup })).toEqual(all('error'))
  const cmake = 'add_compile_options(-DSPAM_WHOLE_API)'
  expect(await shown({ 'spam.c': first('ifdef SPAM_WHOLE_API'), 'CMakeLists.txt': cmake })).toEqual(all('error'))
  expect(
    await shown({
      'spam.c': first('ifdef SPAM_WHOLE_API'),
      'a.h': '#define SPAM_WHOLE_API\n',
      'b.c': '#include <Python.h>\n#include "a.h"\n',
    }),
  ).toEqual(all('error'))
})

test('what is compared where nothing is ever compiled may be such an option', async () => {
  const dead = `#if defined(SPAM_WHOLE_API) && 0
#if SPAM_WHOLE_API > 3
#define SPAM_LEVEL SPAM_WHOLE_API
#endif
#endif
#if SPAM_LEVEL > 4
#endif
`
  expect(await shown({ 'spam.c': dead + first('ifdef SPAM_WHOLE_API') })).toEqual(all('warning'))
  const alive = dead.replace(' && 0', '')
  expect(await shown({ 'spam.c': alive + first('ifdef SPAM_WHOLE_API') })).toEqual(all('error'))
})

test('what the body of a macro names is in doubt as the places are where it is expanded', async () => {
  const text = `#include <Python.h>
#ifndef SPAM_SAFE
#define SPAM_SAFE 0
#endif
#define AT(o, i) PySequence_ITEM(o, i)
#if SPAM_SAFE
PyObject *f(PyObject *o) { return AT(o, 0); }
#endif
`
  expect(await shown({ 'spam.c': text })).toEqual(['warning PySequence_ITEM'])
  expect(await shown({ 'spam.c': `${text}PyObject *g(PyObject *o) { return AT(o, 1); }\n` })).toEqual([
    'error PySequence_ITEM',
  ])
})

test('where a macro is not defined its name is no use of it', async () => {
  const text = (name: string): string => `#include <Python.h>
#ifdef __linux__
#define ASYNC_METHODS PyAsyncMethods
#endif
#ifndef ${name}
typedef struct { unaryfunc am_await; } ASYNC_METHODS;
#endif
`
  expect(await shown({ 'spam.c': text('ASYNC_METHODS') })).toEqual(['warning PyAsyncMethods'])
  expect(await shown({ 'spam.c': text('__linux__') })).toEqual(['error PyAsyncMethods'])
  const anew = text('ASYNC_METHODS').replace('typedef', '#define ASYNC_METHODS PyAsyncMethods\ntypedef')
  expect(await shown({ 'spam.c': anew })).toEqual(['error PyAsyncMethods', 'error PyAsyncMethods'])
})

test('a struct that the project itself completes in some builds is a warning', async () => {
  const text = `#include <Python.h>
#ifdef SPAM_KNOWS_TYPES
typedef struct _typeobject { PyVarObject ob_base; const char *tp_name; } PyTypeObject;
#endif
const char *name(PyTypeObject *t) { return t->tp_name; }
`
  expect(await shown({ 'spam.c': text })).toEqual(['error PyTypeObject.tp_name'])
  expect(await shown({ 'spam.c': text.replace('#ifdef SPAM_KNOWS_TYPES', '#ifdef _WIN32') })).toEqual([
    'error PyTypeObject.tp_name',
  ])
  expect(await shown({ 'spam.c': text.replace('#ifdef', '#ifndef') })).toEqual(['warning PyTypeObject.tp_name'])
})

test('a format with `#` and PY_SSIZE_T_CLEAN is right with the headers of the target', async () => {
  const text =
    '#include <Python.h>\nint f(PyObject *args) { const char *s; Py_ssize_t n; return PyArg_ParseTuple(args, "y#", ' +
    '&s, &n); }\n'
  expect(await shown({ 'spam.c': text })).toEqual(['error PyArg_ParseTuple'])
  expect(await shown({ 'spam.c': `#define PY_SSIZE_T_CLEAN\n${text}` })).toEqual(['warning PyArg_ParseTuple'])
})

test('a file that has nothing of Python in it uses nothing of the C API', async () => {
  const header =
    'void split(unsigned *sign, unsigned *digit);\nstatic inline unsigned g(unsigned digit) { return digit; }\n'
  expect(await shown({ 'spam.c': '#include <Python.h>\n#include "digits.h"\n', 'digits.h': header })).toEqual([])
})

test(
  'what is compared with a number is no such option, nor what a version number is made of, nor the macros of a ' +
    'library',
  async () => {
    expect(await shown({ 'spam.c': first('if EGGS_NUMBER >= 3') })).toEqual(all('error'))
    const hex = '#define OUR_HEX ((EGGS_MAJOR << 24) + (EGGS_MINOR << 16))\n'
    expect(await shown({ 'spam.c': hex + first('if OUR_HEX >= 0x04080000') })).toEqual(all('error'))
    expect(await shown({ 'spam.c': `#include <eggs/eggs-core.h>\n${first('ifdef EGGS_WHOLE')}` })).toEqual(all('error'))
    expect(await shown({ 'spam.c': `#include <stdio.h>\n${first('ifdef EGGS_WHOLE')}` })).toEqual(all('warning'))
  },
)

test('flags that a header defines which was not read may hold any', async () => {
  const text = (flags: string): string => `#include <Python.h>
#include "flags.h"
static int spam_traverse(PyObject *self, visitproc visit, void *arg) { Py_VISIT(Py_TYPE(self)); return 0; }
static PyType_Slot spam_slots[] = {{Py_tp_traverse, spam_traverse}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", 0, 0, ${flags}, spam_slots};
`
  const rule = rules.filter(({ name }) => name === 'traverse-without-gc')
  expect(await check({ 'spam.c': text('FLAGS') }, rule, [limited])).toEqual([])
  expect(await check({ 'spam.c': text('Py_TPFLAGS_DEFAULT') }, rule, [limited])).toHaveLength(1)
})
