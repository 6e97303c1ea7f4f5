import type { Rule } from '../analyzer/check/rule.ts'
import { plainText } from '../analyzer/code/values.ts'
import { buildDoubts, callsOf } from '../analyzer/semantics/calls.ts'
import { entryOf, shownType, typeBehind } from '../analyzer/semantics/heap-types.ts'

const module = (slot: string): string => `static PyObject *meta_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    return ((newfunc)PyType_GetSlot(&PyType_Type, Py_tp_new))(type, args, kwds);
}
static int meta_init(PyObject *self, PyObject *args, PyObject *kwds) { return 0; }
static PyType_Slot meta_slots[] = {${slot}, {0, NULL}};
static PyType_Spec meta_spec = {"spam.Meta", 0, 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, meta_slots};
static PyType_Slot spam_slots[] = {{0, NULL}};
static PyType_Spec spam_spec = {"spam.Spam", 0, 0, Py_TPFLAGS_DEFAULT, spam_slots};
newfunc new_of_meta = meta_new;
initproc init_of_meta = meta_init;
PyObject *make(PyObject *m)
{
    PyObject *meta = PyType_FromSpecWithBases(&meta_spec, (PyObject *)&PyType_Type);
    if (!meta) return NULL;
    return PyType_FromMetaclass((PyTypeObject *)meta, m, &spam_spec, NULL);
}`

export const assignedMetaclass: Rule = {
  name: 'assigned-metaclass',
  summary: 'metaclass with a `tp_new` of its own, given to `PyType_FromMetaclass`',
  explanation: `\`PyType_FromMetaclass\` makes the type without calling the \`tp_new\` of the metaclass. So it takes
no metaclass that has another one than \`type\`: \`TypeError: Metaclasses with custom tp_new are not supported\`.

Do in \`tp_init\` of the metaclass what \`tp_new\` does, or call the metaclass with a name, bases and a dictionary.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: module('{Py_tp_new, meta_new}'),
      reports: {
        at: '16:33 (PyTypeObject *)meta',
        message: '`PyType_FromMetaclass` refuses `spam.Meta`, a metaclass with a `tp_new` of its own',
      },
    },
    { kind: 'good', target: '3.12', code: module('{Py_tp_init, meta_init}') },
    { kind: 'good', target: '3.12', code: module('{Py_tp_new, NULL}') },
  ],
  *check({ model }) {
    for (const { file, around, call, doubts } of callsOf(model, 'PyType_FromMetaclass')) {
      const [operand] = call.operands
      const type = operand ? typeBehind(model, file, plainText(operand), around) : null
      const entry = type && entryOf(type, 'Py_tp_new')
      if (!operand || !type || !entry || entry.isNull) continue
      const ofEntry = doubts.length === 0 ? buildDoubts(model.active(type.file, entry.region)) : doubts
      yield {
        file,
        ...operand.span,
        symbol: 'PyType_FromMetaclass',
        notes: ofEntry,
        message: `\`PyType_FromMetaclass\` refuses ${shownType(type)}, a metaclass with a \`tp_new\` of its own`,
        advice: 'Do in its `tp_init` what `tp_new` does, or call the metaclass.',
      }
    }
  },
}
