import type { Rule } from '../analyzer/check/rule.ts'
import { plainText } from '../analyzer/code/values.ts'
import { hasFlag, specsOf, typeBehind } from '../analyzer/semantics/heap-types.ts'

const spec = (flags: string, call: string): string => `typedef struct { PyObject_HEAD PyObject *items; } Spam;
static PyTypeObject *Spam_Type;
static int spam_traverse(PyObject *self, visitproc visit, void *arg) { Py_VISIT(Py_TYPE(self)); Py_VISIT(((Spam *)self)->items); return 0; }
static PyType_Slot spam_slots[] = {{Py_tp_traverse, spam_traverse}, {0, NULL}};
static PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, ${flags}, spam_slots};
int spam_exec(PyObject *m) { Spam_Type = (PyTypeObject *)PyType_FromSpec(&spam_spec); return Spam_Type ? 0 : -1; }
Spam *spam_new(void) { return ${call}(Spam, Spam_Type); }`

export const objectNewOnGcType: Rule = {
  name: 'object-new-on-gc-type',
  summary: '`PyObject_New` for a type that the garbage collector looks after',
  explanation: `Instances of a type with \`Py_TPFLAGS_HAVE_GC\` have a header in front, for which \`PyObject_New\`
allocates no room: to track, untrack or free such an object writes before its memory. \`PyObject_GC_New\` makes it,
\`PyObject_GC_Track\` hands it to the collector once its fields are set.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      fixes: 'unsafe',
      code: spec('Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC', 'PyObject_New'),
      fixed: spec('Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC', 'PyObject_GC_New'),
      reports: {
        at: '7:31 PyObject_New',
        message:
          "`PyObject_New` makes no room for the garbage collector's header, which a type with " +
          '`Py_TPFLAGS_HAVE_GC` needs',
      },
    },
    { kind: 'good', target: '3.9', code: spec('Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC', 'PyObject_GC_New') },
    { kind: 'good', target: '3.9', code: spec('Py_TPFLAGS_DEFAULT', 'PyObject_New') },
  ],
  *check({ model }) {
    for (const file of model.files.keys()) {
      for (const { name, call, region } of specsOf(model, file).calls) {
        const [, made] = call.operands
        const instead = Object.hasOwn(collected, name) ? collected[name]! : null
        if (
          instead === null ||
          !made ||
          model.active(file, region) === 'no' ||
          model.isProjectDefined(file, name) !== 'no'
        )
          continue
        const type = typeBehind(model, file, plainText(made))
        if (type === null || hasFlag(model, type, 'Py_TPFLAGS_HAVE_GC') !== 'yes') continue
        const { start } = call.span
        const end = start + name.length
        yield {
          file,
          start,
          end,
          symbol: name,
          message:
            `\`${name}\` makes no room for the garbage collector's header, which a type with ` +
            `\`Py_TPFLAGS_HAVE_GC\` needs`,
          advice: `Use \`${instead}\`, and \`PyObject_GC_Track\` once the fields are set.`,
          fix: {
            title: `use \`${instead}\``,
            safety: 'unsafe',
            reason: 'the collector has to be told of the object, by `PyObject_GC_Track` once its fields are set',
            includes: [],
            shims: [],
            kind: 'file',
            rewrites: [{ start, end, pieces: [instead] }],
          },
        }
      }
    }
  },
}

const collected: Readonly<Record<string, string>> = {
  PyObject_New: 'PyObject_GC_New',
  PyObject_NEW: 'PyObject_GC_New',
  PyObject_NewVar: 'PyObject_GC_NewVar',
  PyObject_NEW_VAR: 'PyObject_GC_NewVar',
}
