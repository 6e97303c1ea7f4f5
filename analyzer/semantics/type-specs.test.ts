import { expect, test } from 'vitest'
import { FileCode } from '../code/file-code.ts'
import { type FileSpecs, isFilled, specsIn } from './type-specs.ts'

const facts = (text: string, isCxx = true): FileSpecs => specsIn(new FileCode(`#include <Python.h>\n${text}`, isCxx))

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
    hasOpenFlags: false,
    slots: 'a_slots',
  })
  expect(second).toMatchObject({
    variable: 'b',
    name: null,
    hasOpenFlags: false,
    slots: 'b_slots',
  })
  expect(second!.flags.map(({ name, region }) => [name, region])).toEqual([
    ['Py_TPFLAGS_DEFAULT', 0],
    ['Py_TPFLAGS_HAVE_GC', 1],
  ])
  expect(third).toMatchObject({ flags: [], hasOpenFlags: false })
  expect(third!.flagNames).toHaveLength(1)
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

test('calls that make types and instances, with what they are put into, and whether fields are filled', () => {
  const { calls } = facts(`
PyType_Spec spec = {"m.T", 0, 0, 0, slots};
static int make(PyObject *m) {
  state->T = (PyTypeObject *)PyType_FromModuleAndSpec(m, &spec, NULL);
  PyTypeObject *other = ok ? (PyTypeObject *)PyType_FromSpec(&spec) : NULL;
  return add_type(m, &spec);
}
static PyObject *create(void) {
  T *self = PyObject_New(T, state->T), *empty = PyObject_New(T, other);
  empty->items = NULL;
  self->a = self->count = 1;
  return (PyObject *)self;
}`)
  expect(calls.map((each) => [each.name, each.result, isFilled(each)])).toEqual([
    ['PyType_FromSpec', 'other', false],
    ['PyType_FromModuleAndSpec', 'state->T', false],
    ['PyObject_New', 'self', true],
    ['PyObject_New', 'empty', false],
    ['add_type', null, false],
  ])
})

test('tables in functions, members that say offsets, members called `__module__`', () => {
  const found = facts(`
void f(void) { static PyType_Slot local[] = {{Py_tp_dealloc, g}, {0}}; PyType_Spec s = {"T", 0, 0, 0, local}; }
PyMemberDef members[] = {
  {"__weaklistoffset__", T_PYSSIZET, offsetof(T, weak), READONLY}, {"x", T_INT, 0, 0}, {"__module__"}, {0}};`)
  expect([found.slotTables[0]?.variable, found.specs[0]?.slots]).toEqual(['local', 'local'])
  expect(found.offsetMembers.map(({ name, table }) => [name, table])).toEqual([['__weaklistoffset__', 'members']])
  expect(found.hasModuleMember).toBe(true)
  expect(facts('int x;').hasModuleMember).toBe(false)
})
