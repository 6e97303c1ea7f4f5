import type { Rule } from '../analyzer/check/rule.ts'
import type { FunctionCode, Value } from '../analyzer/code/tree.ts'
import { bare, calleeName, nameOf, plainText } from '../analyzer/code/values.ts'
import { variablesOf } from '../analyzer/code/variables.ts'
import type { Verdict } from '../analyzer/preprocess/condition.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { type CallIn, callsAndExpansionsOf } from '../analyzer/semantics/calls.ts'
import { entryOf, hasFlag, heapTypes, shownType, typesWith } from '../analyzer/semantics/heap-types.ts'
import { sizeOf } from '../analyzer/semantics/type-data.ts'
import type { HeapType } from '../analyzer/semantics/type-definition.ts'

const module = (
  flags: string,
  body = 'PyObject_GetTypeData(self, Py_TYPE(self))',
  before = '',
): string => `typedef struct { int n; } Spam;
${before}static PyObject *spam_get(PyObject *self, PyObject *none)
{
    Spam *data = (Spam *)${body};
    return data ? PyLong_FromLong(data->n) : NULL;
}
static PyMethodDef spam_methods[] = {{"get", spam_get, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyType_Slot spam_slots[] = {{Py_tp_methods, spam_methods}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", -(int)sizeof(Spam), 0, ${flags}, spam_slots};`

const told =
  "`PyObject_GetTypeData` is asked for the data of the object's own type: that of a subclass of `spam.Spam` is " +
  'another'

const open = 'Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE'

export const uncheckedTypeData: Rule = {
  name: 'unchecked-type-data',
  summary: 'data of a type that can be subclassed, asked for by the type of the object',
  explanation: `\`PyObject_GetTypeData\` takes the class whose data is wanted. An instance of a subclass has another
class: for \`Py_TYPE(self)\` it gives what the subclass adds, if anything, or the memory behind the object, and no
error.

Hand over the class that defines the data: from the state of the module, from \`METH_METHOD\`, or, from Python 3.14 on,
by \`PyType_GetBaseByToken\`.`,
  severity: 'warning',
  effect: 'abi-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: module(open),
      reports: { at: '4:26 PyObject_GetTypeData(self, Py_TYPE(self))', message: told },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: module(open, 'DATA(self)', '#define DATA(o) PyObject_GetTypeData((PyObject *)(o), Py_TYPE(o))\n'),
      reports: {
        at: '2:17 PyObject_GetTypeData((PyObject *)(o), Py_TYPE(o))',
        message: told,
        notes: ['in the body of macro `DATA()`, used in example.c'],
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: module(`Py_TPFLAGS_DEFAULT | SPAM_FLAGS`, undefined, '#define SPAM_FLAGS (1UL << 10)\n'),
      reports: {
        at: '5:26 PyObject_GetTypeData(self, Py_TYPE(self))',
        message: told,
        severity: 'info',
        notes: ['it is right for a type that cannot be subclassed'],
      },
    },
    { kind: 'good', target: '3.12', code: module('Py_TPFLAGS_DEFAULT') },
    {
      kind: 'good',
      target: '3.12',
      code: module(open, 'PyObject_GetTypeData(self, spam_type)', 'extern PyTypeObject *spam_type;\n'),
    },
  ],
  *check({ model }) {
    const types = heapTypes(model).filter((type) => sizeOf(model, type) === 'data')
    for (const name of ['PyObject_GetTypeData', 'PyObject_GetTypeData_DuringGC']) {
      for (const found of callsAndExpansionsOf(model, name)) {
        const { file, around, call, macro, doubts } = found
        if (!asksOwnType(model, found)) continue
        const own = typesWith(model, file, around).filter((type) => types.includes(type))
        const meant = own.length > 0 ? own : types.filter((type) => type.file === file)
        const open = meant.filter((type) => isSubclassed(model, type) !== 'no')
        if (open.length === 0) continue
        const isSure = open.length === meant.length && open.every((type) => isSubclassed(model, type) === 'yes')
        yield {
          file,
          ...call.span,
          macro,
          symbol: name,
          severity: isSure ? 'warning' : 'info',
          notes: [...doubts, ...(isSure ? [] : ['it is right for a type that cannot be subclassed'])],
          message:
            `\`${name}\` is asked for the data of the object's own type: that of a subclass of ` +
            `${shownType(open[0]!)} is another`,
          advice: 'Hand over the class that defines the data.',
        }
      }
    }
  },
}

const isSubclassed = (model: ProjectModel, type: HeapType): Verdict => hasFlag(model, type, 'Py_TPFLAGS_BASETYPE')

/** Whether a call asks for the data of the type of the object, or of the type that `tp_new` makes one of. */
function asksOwnType(model: ProjectModel, { file, around, call }: CallIn): boolean {
  const [object, type] = call.operands
  if (!object || !type) return false
  const given = givenValue(around, type)
  if (given.kind === 'call' && calleeName(given) === 'Py_TYPE' && given.operands[0])
    return same(around, given.operands[0], object)
  if (given.kind === 'member' && given.name === 'ob_type') return same(around, given.object, object)
  const isFirst = around.kind === 'function' && around.parameters[0]?.name === nameOf(given)
  return isFirst && typesWith(model, file, around).some((each) => entryOf(each, 'Py_tp_new')?.value === around.name)
}

/** A value, or what a variable is that gets one only. */
function givenValue(code: FunctionCode, value: Value): Value {
  const inner = bare(value)
  const given = inner.kind === 'name' ? variablesOf(code).get(inner.name) : undefined
  return given?.length === 1 ? bare(given[0]!) : inner
}

const same = (code: FunctionCode, left: Value, right: Value): boolean =>
  plainText(left) === plainText(right) ||
  (plainText(givenValue(code, left)) === plainText(givenValue(code, right)) &&
    plainText(givenValue(code, left)) !== '?')
