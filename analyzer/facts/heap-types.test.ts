import { expect, test } from 'vitest'
import { factsOf } from '../../fixtures/in-memory.ts'
import type { HeapTypeFacts } from './file-facts.ts'

const facts = (text: string, file = 'a.c'): HeapTypeFacts =>
  factsOf({ [file]: `#include <Python.h>\n${text}` })[0]!.heapTypes
const calls = (text: string, name = 'f'): string[] =>
  facts(text)
    .functions.find((each) => each.name === name)!
    .calls.map(({ callee, operands }) => `${callee}(${operands.map((each) => each.text).join(', ')})`)
const dealloc = (body: string): string =>
  `static void f(PyObject *op) {${body}}\nPyType_Slot slots[] = {{Py_tp_dealloc, f}, {0, NULL}};`

test('specs, by position and by name, with what stands under conditions', () => {
  const [first, second, third] = facts(`
static PyType_Spec a = {"m." "A", sizeof(A), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, a_slots};
PyType_Spec b = {
  .name = NAME, .slots = b_slots, .basicsize = (int)sizeof(B),
  .flags = Py_TPFLAGS_DEFAULT
#ifdef GC
    | Py_TPFLAGS_HAVE_GC
#endif
};
PyType_Spec c = {"C", 0, 0, FLAGS, c_slots};
`).specs
  expect(first).toMatchObject({
    variable: 'a',
    name: { text: 'm.A' },
    basicsize: 'sizeof(A)',
    hasOpenFlags: false,
    slots: 'a_slots',
  })
  expect(second).toMatchObject({
    variable: 'b',
    name: null,
    basicsize: 'sizeof(B)',
    hasOpenFlags: false,
    slots: 'b_slots',
  })
  expect(second!.flags.map(({ name, region }) => [name, region])).toEqual([
    ['Py_TPFLAGS_DEFAULT', 0],
    ['Py_TPFLAGS_HAVE_GC', 1],
  ])
  expect(third).toMatchObject({ flags: [], hasOpenFlags: true })
})

test('tables of slots: what is in them, how they end, whether that is all', () => {
  const tables = (text: string): unknown[] =>
    facts(text).slotTables.map(({ entries, isWhole, last }) => [
      entries.map(({ slot, value, isNull }) => [slot, value, isNull]),
      isWhole,
      last,
    ])
  expect(
    tables(
      'PyType_Slot s[] = {{Py_tp_new, (void *)n}, {.slot = Py_tp_doc, .pfunc = (void *)"x"}, {Py_tp_call, NULL}, {0}};',
    ),
  ).toEqual([
    [
      [
        ['Py_tp_new', 'n', false],
        ['Py_tp_doc', null, false],
        ['Py_tp_call', null, true],
      ],
      true,
      'sentinel',
    ],
  ])
  expect(
    tables('PyType_Slot s[] = {{Py_tp_new, reinterpret_cast<void *>(n)}, COMMON {Py_tp_init, void_cast(i)}};'),
  ).toMatchObject([[expect.anything(), false, expect.anything()]])
  expect(tables('PyType_Slot s[] = {{Py_tp_new, reinterpret_cast<void *>(&n)}, {Py_tp_init, void_cast(i)}};')).toEqual([
    [
      [
        ['Py_tp_new', 'n', false],
        ['Py_tp_init', 'i', false],
      ],
      true,
      'entry',
    ],
  ])
  expect(tables('PyType_Slot s[] = {{Py_tp_new, n}, {0, NULL}}; void f(void) { s[0].pfunc = 0; }')).toMatchObject([
    [expect.anything(), false, 'sentinel'],
  ])
})

test('calls are written without casts and blanks', () => {
  expect(
    calls(
      dealloc(
        ' Foo *self = (Foo *)op; PyTypeObject *tp = Py_TYPE ( (PyObject *) self ); ((freefunc)PyType_GetSlot(tp, ' +
          'Py_tp_free))(self); Py_DECREF((PyObject *)tp); ',
      ),
    ),
  ).toEqual(['Py_TYPE(self)', 'PyType_GetSlot(tp, Py_tp_free)', 'PyType_GetSlot(tp,Py_tp_free)(self)', 'Py_DECREF(tp)'])
  expect(calls(dealloc(' Py_TYPE(op)->tp_free((PyObject*)op); if (x) return (void)g(op->a, 1); '))).toEqual([
    'Py_TYPE(op)',
    'Py_TYPE(op)->tp_free(op)',
    'g(op->a, 1)',
  ])
  expect(calls(dealloc(' Foo *self = Foo_CAST(op); static_cast<Foo *>(self)->~Foo(); free(self); '), 'f')).toContain(
    'free(self)',
  )
})

test('functions know who else names them', () => {
  const [shared] = facts(`${dealloc('')}\nPyTypeObject T = {.tp_dealloc = f};`).functions
  expect([shared!.isShared, shared!.isCalled]).toEqual([true, false])
  const [called] = facts(`${dealloc('')}\nvoid g(PyObject *o) { f(o); }`).functions
  expect([called!.isShared, called!.isCalled]).toEqual([false, true])
  const [own] = facts(`static void f(PyObject *);\n${dealloc('')}`).functions
  expect([own!.isShared, own!.isCalled]).toEqual([false, false])
})

test('functions to which a slot hands its object are read, macros too', () => {
  const { functions } = facts(
    `#define GIVE_BACK(t) Py_DECREF(t)\nstatic void g(PyObject *o) { PyObject_Free(o); GIVE_BACK(o); ` +
      `}\n${dealloc(' g(op); ')}`,
  )
  expect(
    functions.map(({ name, isMacro, parameters }) => [name, isMacro, parameters.map((each) => each.name)]),
  ).toEqual([
    ['f', false, ['op']],
    ['g', false, ['o']],
    ['GIVE_BACK', true, ['t']],
  ])
})

test('a file without types of specs has none of it', () => {
  expect(facts('static void f(PyObject *op) { PyObject_Free(op); }')).toEqual({
    specs: [],
    slotTables: [],
    offsetMembers: [],
    hasModuleMember: false,
    functions: [],
    makers: [],
  })
})
