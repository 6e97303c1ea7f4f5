import type { CheckContext, Rule } from '../analyzer/check/rule.ts'
import { plainText } from '../analyzer/code/values.ts'
import { alternativesOf } from '../analyzer/code/variables.ts'
import { flagAdded } from '../analyzer/fix/type-flag.ts'
import { hasBase, hasFlag, heapTypes, shownType, specsOf, typeBehind } from '../analyzer/semantics/heap-types.ts'
import type { HeapType } from '../analyzer/semantics/type-definition.ts'
import { isFilled } from '../analyzer/semantics/type-specs.ts'

const spec = (
  flags: string,
  slots = '',
  items = 'PyList_New(0)',
): string => `typedef struct { PyObject_HEAD PyObject *items; } Spam;
static PyTypeObject *Spam_Type;
static Py_ssize_t spam_length(PyObject *self) { return PyObject_Size(((Spam *)self)->items); }
static PyType_Slot spam_slots[] = {{Py_sq_length, spam_length},${slots} {0, NULL}};
static PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, ${flags}, spam_slots};
int spam_exec(PyObject *m) { Spam_Type = (PyTypeObject *)PyType_FromSpec(&spam_spec); return Spam_Type ? 0 : -1; }
Spam *spam_new(void)
{
    Spam *self = PyObject_New(Spam, Spam_Type);
    if (self) self->items = ${items};
    return self;
}`

export const accidentalConstructor: Rule = {
  name: 'accidental-constructor',
  summary: 'type made for C code alone, of which Python code can make instances with unset fields',
  explanation: `A static type whose \`tp_new\` is \`NULL\` cannot be called. A heap type without \`Py_tp_new\`
inherits \`object.__new__\`: \`type(x)()\` makes an instance whose fields are all zero, of which the code behind its
methods knows nothing, where C code alone was to make them with \`PyObject_New\`.

\`Py_TPFLAGS_DISALLOW_INSTANTIATION\` (3.10) forbids that; before, a \`Py_tp_new\` that raises \`TypeError\`.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      fixes: 'unsafe',
      code: spec('Py_TPFLAGS_DEFAULT'),
      fixed: spec('Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION'),
      reports: {
        at: '5:33 "spam.Spam"',
        message:
          '`spam.Spam` inherits `object.__new__`: Python code can make instances whose fields are all zero, while ' +
          'C code makes them with `PyObject_New`',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spec('Py_TPFLAGS_DEFAULT'),
      reports: {
        at: '5:33 "spam.Spam"',
        message:
          '`spam.Spam` inherits `object.__new__`: Python code can make instances whose fields are all zero, while ' +
          'C code makes them with `PyObject_New`',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spec('Py_TPFLAGS_DEFAULT')
        .replace('Spam, Spam_Type', 'Spam, Other_Type ? Other_Type : Spam_Type')
        .replace('static PyTypeObject *Spam_Type;', 'static PyTypeObject *Spam_Type; extern PyTypeObject *Other_Type;'),
      reports: {
        at: '5:33 "spam.Spam"',
        message:
          '`spam.Spam` inherits `object.__new__`: Python code can make instances whose fields are all zero, while ' +
          'C code makes them with `PyObject_New`',
      },
    },
    { kind: 'good', target: '3.10', code: spec('Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION') },
    { kind: 'good', target: '3.9', code: spec('Py_TPFLAGS_DEFAULT', ' {Py_tp_new, PyType_GenericNew},') },
    { kind: 'good', target: '3.9', code: spec('Py_TPFLAGS_DEFAULT', '', 'NULL') },
  ],
  *check(context) {
    const { model, target } = context
    const made = madeInC(context)
    for (const type of heapTypes(model)) {
      const {
        file,
        spec: { name, span },
        entries,
      } = type
      if (
        !made.has(type) ||
        entries.some(({ slot }) => /^Py_tp_(?:new|init|alloc)$/.test(slot)) ||
        hasBase(model, type) !== 'no'
      )
        continue
      if (hasFlag(model, type, 'Py_TPFLAGS_DISALLOW_INSTANTIATION') !== 'no') continue
      // `type->tp_new = NULL` after the type is made does the same.
      if (model.files[file]!.members.some(({ field }) => field === 'tp_new')) continue
      const fix =
        target.level < 10
          ? null
          : flagAdded(
              type.spec,
              'Py_TPFLAGS_DISALLOW_INSTANTIATION',
              'calls of the type raise `TypeError` then, and it cannot be subclassed to any use',
            )
      yield {
        file,
        ...(name?.span ?? span),
        symbol: 'PyType_Spec',
        message:
          `${shownType(type)} inherits \`object.__new__\`: Python code can make instances whose fields are ` +
          `all zero, while C code makes them with \`PyObject_New\``,
        advice:
          target.level < 10
            ? 'Give it a `Py_tp_new` that raises `TypeError`.'
            : 'Add the flag `Py_TPFLAGS_DISALLOW_INSTANTIATION`.',
        fix,
      }
    }
  },
}

/** The types of which C code makes instances by itself, and gives their fields values. */
function madeInC({ model }: CheckContext): ReadonlySet<HeapType> {
  const found = new Set<HeapType>()
  for (const file of model.files.keys()) {
    for (const each of specsOf(model, file).calls) {
      const [, made] = each.call.operands
      if (!made || !/^PyObject_(?:GC_)?(?:New|NEW)/.test(each.name) || model.active(file, each.region) === 'no')
        continue
      if (!isFilled(each)) continue
      for (const value of alternativesOf(each.around, made)) {
        const type = typeBehind(model, file, plainText(value), each.around)
        if (type) found.add(type)
      }
    }
  }
  return found
}
