import type { Rule } from '../analyzer/check/rule.ts'
import { buildDoubts } from '../analyzer/semantics/calls.ts'
import { heapTypes, shownType } from '../analyzer/semantics/heap-types.ts'
import { attributesOf } from '../analyzer/semantics/type-members.ts'

const spec = (attribute: string, slots = '{Py_tp_doc, (void *)"spam"}, ', name = 'spam.Spam'): string => `
static PyObject *spam_text(PyObject *self, void *closure) { return PyUnicode_FromString("text"); }
PyGetSetDef spam_getset[] = {{"${attribute}", spam_text, NULL, NULL, NULL}, {NULL, NULL, NULL, NULL, NULL}};
static PyType_Slot spam_slots[] = {${slots}{Py_tp_getset, spam_getset}, {0, NULL}};
PyType_Spec spam_spec = {"${name}", 0, 0, Py_TPFLAGS_DEFAULT, spam_slots};`

export const redundantTypeAttribute: Rule = {
  name: 'redundant-type-attribute',
  summary: '`__doc__` or `__module__` that is given to a type and by a table to its instances, too',
  explanation: `A static type keeps its documentation and its module apart from what its tables give to the instances.
A heap type keeps both in its \`__dict__\`, where there is one of a name:

- From Python 3.10 on \`Py_tp_doc\` takes the place of a \`__doc__\` in \`Py_tp_members\` or \`Py_tp_getset\`: all
  instances show the documentation of the type, and nothing calls the getter. Drop \`Py_tp_doc\`; then \`Spam.__doc__\`
  is the attribute itself, as it is on Python 3.9.
- A \`__module__\` in these tables takes the place of what the name in the spec says: \`Spam.__module__\` is the
  attribute itself and no string, \`repr(Spam)\` names no module, and pickle does not find the type. Types whose
  instances stand for functions have to live with that.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spec('__doc__'),
      reports: {
        at: '3:30 {"__doc__", spam_text, NULL, NULL, NULL}',
        message: 'from Python 3.10 on `Py_tp_doc` of `spam.Spam` takes the place of this `__doc__`',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spec('__module__'),
      reports: {
        at: '3:30 {"__module__", spam_text, NULL, NULL, NULL}',
        message: 'this takes the place of the `__module__` of `spam.Spam` itself, which is no string then',
        severity: 'info',
      },
    },
    { kind: 'good', target: '3.9', code: spec('__doc__', '') },
    { kind: 'good', target: '3.9', code: spec('__qualname__') },
    { kind: 'good', target: '3.10', code: spec('__doc__', '{Py_tp_doc, NULL}, ') },
  ],
  *check({ model }) {
    for (const type of heapTypes(model)) {
      const { file, entries } = type
      const doc = entries.find(({ slot, isNull }) => slot === 'Py_tp_doc' && !isNull)
      for (const { name, span, region } of attributesOf(model, type, /^__(?:doc|module)__$/)) {
        const isDoc = name === '__doc__'
        if (isDoc && doc === undefined) continue
        const notes = buildDoubts(model.active(file, region))
        yield {
          file,
          ...span,
          symbol: name,
          notes,
          ...(isDoc && notes.length === 0 ? {} : { severity: 'info' }),
          message: isDoc
            ? `from Python 3.10 on \`Py_tp_doc\` of ${shownType(type)} takes the place of this \`__doc__\``
            : `this takes the place of the \`__module__\` of ${shownType(type)} itself, which is no string then`,
          advice: isDoc
            ? 'Drop `Py_tp_doc`.'
            : 'Drop it where all instances say the same, or tell the users of the type.',
        }
      }
    }
  },
}
