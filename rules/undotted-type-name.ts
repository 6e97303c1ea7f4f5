import type { Rule } from '../analyzer/check/rule.ts'
import { heapTypes, specsOf } from '../analyzer/semantics/heap-types.ts'

const spec = (name: string): string => `static PyType_Slot spam_slots[] = {{0, NULL}};
PyType_Spec spam_spec = {${name}, sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};`

export const undottedTypeName: Rule = {
  name: 'undotted-type-name',
  summary: 'name of a type without the module in front',
  explanation: `\`PyType_FromSpec\` takes the module out of the name: of \`spam.Spam\` it makes \`__module__ =
'spam'\`. A name without a dot draws \`DeprecationWarning: builtin type Spam has no __module__ attribute\`, which
\`-W error\` makes an error of the import, and the type says that it is one of \`builtins\`: pickling it or showing
its documentation looks there.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spec('"Spam"'),
      reports: {
        at: '2:26 "Spam"',
        message:
          '`Spam` has no module in front: the type gets no `__module__`, and making it draws a `DeprecationWarning`',
      },
    },
    { kind: 'good', target: '3.9', code: spec('"spam." "Spam"') },
    {
      kind: 'good',
      target: '3.9',
      code: `static PyObject *spam_module(PyObject *self, void *unused) { return PyUnicode_FromString("spam"); }
static PyGetSetDef spam_getset[] = {{"__module__", spam_module, NULL, NULL, NULL}, {NULL, NULL, NULL, NULL, NULL}};
static PyType_Slot spam_slots[] = {{Py_tp_getset, spam_getset}, {0, NULL}};
PyType_Spec spam_spec = {"Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};`,
    },
    { kind: 'good', target: '3.9', code: `#define NAME "spam.Spam"\n${spec('NAME')}` },
  ],
  *check({ model }) {
    for (const {
      file,
      spec: { name },
    } of heapTypes(model)) {
      // What has a `__module__` among its members needs none in its name.
      if (name === null || name.text.includes('.') || name.text === '' || specsOf(model, file).hasModuleMember) continue
      yield {
        file,
        ...name.span,
        symbol: 'PyType_Spec.name',
        message:
          `\`${name.text.slice(0, 60)}\` has no module in front: the type gets no \`__module__\`, and making ` +
          `it draws a \`DeprecationWarning\``,
        advice: `Write \`"module.${name.text.slice(0, 60)}"\`, with the full name of the module.`,
      }
    }
  },
}
