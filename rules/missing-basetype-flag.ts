import type { Rule } from '../analyzer/check/rule.ts'
import { plainText } from '../analyzer/code/values.ts'
import { flagAdded } from '../analyzer/fix/type-flag.ts'
import { basesOf, hasFlag, shownType, specsOf, typeBehind } from '../analyzer/semantics/heap-types.ts'

const specs = (flags: string): string => `static PyTypeObject *Base_Type, *Spam_Type;
static PyType_Slot slots[] = {{0, NULL}};
static PyType_Spec base_spec = {"spam.Base", sizeof(PyObject), 0, ${flags}, slots};
static PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, slots};
int spam_exec(PyObject *m)
{
    Base_Type = (PyTypeObject *)PyType_FromSpec(&base_spec);
    PyObject *bases = Base_Type ? PyTuple_Pack(1, Base_Type) : NULL;
    Spam_Type = bases ? (PyTypeObject *)PyType_FromSpecWithBases(&spam_spec, bases) : NULL;
    Py_XDECREF(bases);
    return Spam_Type ? 0 : -1;
}`

export const missingBasetypeFlag: Rule = {
  name: 'missing-basetype-flag',
  summary: 'type that is the base of another one without `Py_TPFLAGS_BASETYPE`',
  explanation: `A static type could be the \`tp_base\` of another one whatever its flags said.
\`PyType_FromSpecWithBases\` and its like ask for \`Py_TPFLAGS_BASETYPE\`, as a class statement does: \`TypeError:
type 'spam.Base' is not an acceptable base type\`.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      fixes: 'unsafe',
      code: specs('Py_TPFLAGS_DEFAULT'),
      fixed: specs('Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE'),
      reports: {
        at: '9:78 bases',
        message: '`spam.Base` has no `Py_TPFLAGS_BASETYPE` and cannot be a base: `TypeError`',
      },
    },
    { kind: 'good', target: '3.9', code: specs('Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE') },
  ],
  *check({ model }) {
    for (const file of model.files.keys()) {
      const live = specsOf(model, file).calls.filter(({ region }) => model.active(file, region) !== 'no')
      for (const call of live) {
        const given = basesOf(call)
        if (given === null) continue
        const text = plainText(given)
        const packed = live.filter(
          ({ name, result, around }) => name === 'PyTuple_Pack' && result === text && around === call.around,
        )
        const names = packed.length === 1 ? packed[0]!.call.operands.slice(1).map(plainText) : [text]
        for (const name of names) {
          const base = typeBehind(model, file, name)
          if (base === null || hasFlag(model, base, 'Py_TPFLAGS_BASETYPE') !== 'no') continue
          yield {
            file,
            ...given.span,
            symbol: 'Py_TPFLAGS_BASETYPE',
            message: `${shownType(base)} has no \`Py_TPFLAGS_BASETYPE\` and cannot be a base: \`TypeError\``,
            advice: 'Add the flag to the spec of the base.',
            fix: flagAdded(base.spec, 'Py_TPFLAGS_BASETYPE', 'classes of Python can be derived from the type then'),
          }
        }
      }
    }
  },
}
