import type { Rule } from '../analyzer/check/rule.ts'
import { bare, isNull, itemsOf } from '../analyzer/code/values.ts'
import { variablesOfTypes } from '../analyzer/code/variables.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { attributesSetOf } from '../analyzer/semantics/changed-types.ts'
import { doubtsOf, hasBase, hasFlag, heapTypes, shownType } from '../analyzer/semantics/heap-types.ts'
import { layoutOf } from '../analyzer/semantics/struct-layouts.ts'
import { sizeOf, structsOf } from '../analyzer/semantics/type-data.ts'
import type { HeapType } from '../analyzer/semantics/type-definition.ts'
import { membersOf } from '../analyzer/semantics/type-members.ts'

const spec = (slots: string, size = 'sizeof(Spam)', methods = ''): string => `#include <Python.h>
typedef struct { PyObject_HEAD long count; } Spam;
static int spam_init(PyObject *self, PyObject *args, PyObject *keywords)
{
    return PyArg_ParseTuple(args, "l", &((Spam *)self)->count) ? 0 : -1;
}
static PyObject *spam_show(PyObject *self, PyObject *none) { return PyLong_FromLong(((Spam *)self)->count); }
PyMethodDef spam_methods[] = {{"show", spam_show, METH_NOARGS, NULL}, ${methods}{NULL, NULL, 0, NULL}};
static PyType_Slot spam_slots[] = {{Py_tp_init, spam_init}, {Py_tp_methods, spam_methods}, ${slots}{0, NULL}};
static PyType_Spec spam_spec = {"spam.Spam", ${size}, 0, Py_TPFLAGS_DEFAULT, spam_slots};
PyObject *make(void) { return PyType_FromSpec(&spam_spec); }`

export const accidentalPickling: Rule = {
  name: 'accidental-pickling',
  summary: 'objects that `pickle` takes by protocols 0 and 1, and of which it loses what is in C',
  explanation: `\`pickle\` refuses objects of a static type that says nothing of pickling: \`TypeError: cannot pickle\`.
Of a heap type without \`Py_tp_new\` it takes them by the protocols 0 and 1, as if they were objects of a class of
Python: it keeps their \`__dict__\`, and what is read again has zeros in all fields of its struct. Protocol 2 and later,
which are the default, and \`copy\` refuse.

With a \`Py_tp_new\` of its own \`pickle\` refuses the type by all protocols, from Python 3.9 on. A method \`__reduce__\`
says how to make such an object again, or raises \`TypeError\`.`,
  severity: 'info',
  effect: 'runtime-bug',
  onRequest: true,
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spec(''),
      reports: {
        at: '10:33 "spam.Spam"',
        message: '`pickle` takes objects of `spam.Spam` by protocols 0 and 1, and loses what is in `Spam`',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spec('')
        .replace('typedef struct {', 'struct spam {')
        .replace('} Spam;', '};\ntypedef struct spam Spam;')
        .replace('sizeof(Spam)', 'sizeof(struct spam)'),
      reports: {
        at: '11:33 "spam.Spam"',
        message: '`pickle` takes objects of `spam.Spam` by protocols 0 and 1, and loses what is in `spam`',
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code: spec('').replace(
        '{ return PyType_FromSpec(&spam_spec); }',
        `{
    PyObject *type = PyType_FromSpec(&spam_spec);
    return type && PyObject_SetAttrString(type, "__reduce__", Py_None) == 0 ? type : NULL;
}`,
      ),
    },
    {
      kind: 'good',
      target: '3.9',
      code: `${spec('')}
PyObject *reduce_by(PyObject *reduce)
{
    PyObject *copyreg = PyImport_ImportModule("copyreg");
    return copyreg ? PyObject_CallMethod(copyreg, "pickle", "OO", make(), reduce) : NULL;
}`,
    },
    { kind: 'good', target: '3.9', code: spec('{Py_tp_new, PyType_GenericNew}, ') },
    { kind: 'good', target: '3.9', code: spec('', '0') },
    {
      kind: 'good',
      target: '3.12',
      code: spec('{Py_tp_members, spam_members}, ').replace(
        'static PyType_Slot',
        'PyMemberDef spam_members[] = {{"__dictoffset__", Py_T_PYSSIZET, sizeof(PyObject), Py_READONLY}, {NULL}};\n$&',
      ),
    },
    { kind: 'good', target: '3.9', code: spec('', 'sizeof(PyObject)') },
    {
      kind: 'good',
      target: '3.9',
      code: spec('', 'sizeof(Spam)', '{"__reduce__", spam_show, METH_NOARGS, NULL}, '),
    },
    {
      kind: 'good',
      target: '3.10',
      code: spec('').replace('Py_TPFLAGS_DEFAULT', 'Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION'),
    },
  ],
  *check({ model }) {
    for (const type of heapTypes(model)) {
      const { file, spec: of, entries } = type
      if (!type.isWhole || entries.some(({ slot }) => /^Py_tp_(?:new|alloc|getattro?)$/.test(slot))) continue
      const struct = dataOf(model, type)
      if (struct === null || hasBase(model, type) !== 'no' || mayReduce(model, type)) continue
      // What cannot be made by Python code is written, and cannot be read again.
      if (hasFlag(model, type, 'Py_TPFLAGS_DISALLOW_INSTANTIATION') !== 'no') continue
      if (attributesSetOf(model, type).some((name) => asked.test(name) || !name.startsWith('"'))) continue
      // It says of types how their objects are pickled; which ones is not looked at.
      if (model.files.some((_, each) => /"copyreg[".]/.test(model.project.code(each).text))) continue
      yield {
        file,
        ...(of.name ?? of).span,
        symbol: 'PyType_Spec',
        notes: doubtsOf(model, type, null),
        message:
          `\`pickle\` takes objects of ${shownType(type)} by protocols 0 and 1, ` +
          `and loses what is in \`${struct}\``,
        advice: 'Give it a `Py_tp_new` of its own, or a method `__reduce__` that raises `TypeError`.',
      }
    }
  },
}

/** The struct of a type's instances that has fields of its own; null for none, and where that is not known. */
function dataOf(model: ProjectModel, type: HeapType): string | null {
  const [struct, ...others] = structsOf(type)
  const size = sizeOf(model, type)
  if (struct === undefined || others.length > 0 || size === null) return null
  if (size === 'data') return struct
  const layout = layoutOf(model, type.file, struct)
  // The dictionary is pickled, and weak references need not be.
  const offsets = membersOf(model, type).members.filter(({ name }) => /^__\w+offset__$/.test(name))
  return layout !== null && layout.fields.length > 1 + offsets.length ? struct : null
}

/** The methods that `pickle` asks. */
const asked = /^"__(?:reduce|reduce_ex|getstate|getnewargs|getnewargs_ex)__"/

/** Whether the methods of a type may be asked by `pickle`, or are not all written out. */
function mayReduce(model: ProjectModel, { file, entries }: HeapType): boolean {
  const tables = entries.filter(({ slot, isNull: isEmpty }) => slot === 'Py_tp_methods' && !isEmpty)
  const variables = [...variablesOfTypes(model.project.code(file), ['PyMethodDef'])]
  return tables.some(({ value }) => {
    const [initialiser, ...others] = variables.flatMap((each) => (each.name === value ? (each.initialiser ?? []) : []))
    if (initialiser?.kind !== 'braces' || initialiser.entries === null || others.length > 0) return true
    return [...itemsOf(initialiser.entries)].some(({ value: entry }) => {
      const [first] = entry.kind === 'braces' ? [...itemsOf(entry.entries ?? [])] : []
      const name = first ? bare(first.value) : null
      if (name?.kind === 'literal' && name.literal === 'string') return asked.test(name.text)
      return name === null || !isNull(name)
    })
  })
}
