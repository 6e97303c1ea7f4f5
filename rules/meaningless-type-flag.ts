import type { Rule } from '../analyzer/check/rule.ts'
import { oldestPython } from '../analyzer/knowledge/target.ts'
import { heapTypes } from '../analyzer/semantics/heap-types.ts'

const spec = (flags: string): string => `static PyType_Slot spam_slots[] = {{0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, ${flags}, spam_slots};`

export const meaninglessTypeFlag: Rule = {
  name: 'meaningless-type-flag',
  summary: 'flag of a type that says nothing to any Python of today',
  explanation: `\`Py_TPFLAGS_HAVE_FINALIZE\` said that a type has the field \`tp_finalize\`; from Python 3.8 on all
have it. \`Py_TPFLAGS_HAVE_STACKLESS_EXTENSION\` is 0 but in Stackless Python. They can go.`,
  severity: 'info',
  effect: 'advice',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spec('Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_FINALIZE'),
      reports: {
        at: '2:81 Py_TPFLAGS_HAVE_FINALIZE',
        message: '`Py_TPFLAGS_HAVE_FINALIZE` says nothing to Python 3.8 and later',
      },
    },
    { kind: 'good', target: '3.9', code: spec('Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE') },
    { kind: 'good', target: '3.7', code: spec('Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_FINALIZE') },
  ],
  *check({ model, target }) {
    if (oldestPython(target) < 8) return
    for (const {
      file,
      spec: { flags },
    } of heapTypes(model)) {
      for (const { name, span, region } of flags) {
        if (!/^Py_TPFLAGS_HAVE_(?:FINALIZE|STACKLESS_EXTENSION)$/.test(name) || model.active(file, region) === 'no')
          continue
        yield {
          file,
          ...span,
          symbol: name,
          message: `\`${name}\` says nothing to Python 3.8 and later`,
          advice: 'Drop it.',
        }
      }
    }
  },
}
