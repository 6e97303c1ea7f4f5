import type { Rule } from '../analyzer/check/rule.ts'
import { doubtsOf, hasFlag, heapTypes, shownType } from '../analyzer/semantics/heap-types.ts'

const spec = (flags: string): string => `typedef struct { PyObject_HEAD PyObject *item; } Spam;
static int spam_traverse(PyObject *self, visitproc visit, void *arg) { Py_VISIT(Py_TYPE(self)); Py_VISIT(((Spam *)self)->item); return 0; }
static PyType_Slot spam_slots[] = {{Py_tp_traverse, spam_traverse}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, ${flags}, spam_slots};`

export const heapTypeWithoutGc: Rule = {
  name: 'heap-type-without-gc',
  summary: '`Py_tp_traverse` or `Py_tp_clear` without `Py_TPFLAGS_HAVE_GC`',
  explanation: `The garbage collector looks after instances of types with \`Py_TPFLAGS_HAVE_GC\` alone. Without the
flag nothing ever calls \`tp_traverse\` and \`tp_clear\`: what refers to itself by way of an instance stays forever,
and so does the type, to which each instance refers. With the flag, the \`tp_dealloc\` has to begin with
\`PyObject_GC_UnTrack\`.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spec('Py_TPFLAGS_DEFAULT'),
      reports: {
        at: '3:36 {Py_tp_traverse, spam_traverse}',
        message: '`spam.Spam` has a `Py_tp_traverse` and not `Py_TPFLAGS_HAVE_GC`: nothing calls it',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `#define MODULE "spam"
static int spam_clear(PyObject *self) { return 0; }
static PyType_Slot spam_slots[] = {{Py_tp_clear, spam_clear}, {0, NULL}};
PyType_Spec spam_spec = {MODULE ".Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};`,
      reports: {
        at: '3:36 {Py_tp_clear, spam_clear}',
        message: 'the type of `spam_spec` has a `Py_tp_clear` and not `Py_TPFLAGS_HAVE_GC`: nothing calls it',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `#define OLD_FLAGS (0)
#define FLAGS (Py_TPFLAGS_DEFAULT | OLD_FLAGS)
${spec('FLAGS | Py_TPFLAGS_BASETYPE')}`,
      reports: {
        at: '5:36 {Py_tp_traverse, spam_traverse}',
        message: '`spam.Spam` has a `Py_tp_traverse` and not `Py_TPFLAGS_HAVE_GC`: nothing calls it',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `static int spam_clear(PyObject *self) { return 0; }
static PyType_Slot spam_slots[] = {{Py_tp_clear, spam_clear}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};`,
      reports: {
        at: '2:36 {Py_tp_clear, spam_clear}',
        message: '`spam.Spam` has a `Py_tp_clear` and not `Py_TPFLAGS_HAVE_GC`: nothing calls it',
      },
    },
    { kind: 'good', target: '3.9', code: spec('Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC') },
    {
      kind: 'good',
      target: '3.9',
      code: `#define GC Py_TPFLAGS_HAVE_GC
#define FLAGS (Py_TPFLAGS_DEFAULT | GC)
${spec('FLAGS')}`,
    },
  ],
  *check({ model }) {
    for (const type of heapTypes(model)) {
      const { file, entries } = type
      const entry =
        entries.find(({ slot, isNull }) => slot === 'Py_tp_traverse' && !isNull) ??
        entries.find(({ slot, isNull }) => slot === 'Py_tp_clear' && !isNull)
      if (entry === undefined || hasFlag(model, type, 'Py_TPFLAGS_HAVE_GC') !== 'no') continue
      yield {
        file,
        ...entry.span,
        symbol: entry.slot,
        message: `${shownType(type)} has a \`${entry.slot}\` and not \`Py_TPFLAGS_HAVE_GC\`: nothing calls it`,
        advice: 'Add the flag, and call `PyObject_GC_UnTrack` first in `tp_dealloc`.',
        notes: doubtsOf(model, type, null),
      }
    }
  },
}
