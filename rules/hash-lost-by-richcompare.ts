import type { Rule } from '../analyzer/check/rule.ts'
import { entryOf, hasBase, heapTypes, shownType } from '../analyzer/semantics/heap-types.ts'

const spec = (
  slots: string,
): string => `static PyObject *spam_compare(PyObject *a, PyObject *b, int op) { return PyBool_FromLong((a == b) == (op == Py_EQ)); }
static PyType_Slot spam_slots[] = {{Py_tp_richcompare, spam_compare},${slots} {0, NULL}};
static PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};
PyObject *spam_type(void) { return PyType_FromSpec(&spam_spec); }`

export const hashLostByRichcompare: Rule = {
  name: 'hash-lost-by-richcompare',
  summary: '`Py_tp_richcompare` without `Py_tp_hash`: instances have no hash',
  explanation: `A type that says how its instances compare does not inherit \`object.__hash__\`: they cannot be keys
of a dictionary or members of a set. That is right for what can change. Where it is meant, \`{Py_tp_hash,
PyObject_HashNotImplemented}\` says so; where it is not, the type needs a hash that is equal for equal objects.`,
  severity: 'info',
  effect: 'advice',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spec(''),
      reports: {
        at: '2:36 {Py_tp_richcompare, spam_compare}',
        message: 'instances of `spam.Spam` have no hash, since the type says how they compare',
      },
    },
    { kind: 'good', target: '3.9', code: spec(' {Py_tp_hash, PyObject_HashNotImplemented},') },
  ],
  *check({ model }) {
    for (const type of heapTypes(model)) {
      const entry = entryOf(type, 'Py_tp_richcompare')
      if (
        entry === null ||
        entry.isNull ||
        type.entries.some(({ slot }) => slot === 'Py_tp_hash') ||
        hasBase(model, type) !== 'no'
      )
        continue
      yield {
        file: type.file,
        ...entry.span,
        symbol: 'Py_tp_richcompare',
        message: `instances of ${shownType(type)} have no hash, since the type says how they compare`,
        advice: 'Add `Py_tp_hash`, with `PyObject_HashNotImplemented` if it is meant.',
      }
    }
  },
}
