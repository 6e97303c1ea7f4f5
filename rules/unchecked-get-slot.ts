import type { Rule } from '../analyzer/check/rule.ts'
import { callsIn } from '../analyzer/code/placement.ts'
import type { FunctionCode, Value } from '../analyzer/code/tree.ts'
import { bare, calleeName, eachValue, nameOf, plainText } from '../analyzer/code/values.ts'
import { isStaticType } from '../analyzer/knowledge/object-functions.ts'
import { oldestPython } from '../analyzer/knowledge/target.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { callsOf, isTested } from '../analyzer/semantics/calls.ts'
import { functionsOf } from '../analyzer/semantics/functions.ts'
import { heapTypes } from '../analyzer/semantics/heap-types.ts'
import { Scopes } from '../analyzer/semantics/scopes.ts'

export const uncheckedGetSlot: Rule = {
  name: 'unchecked-get-slot',
  summary: '`PyType_GetSlot` of a static type below 3.10',
  explanation: `Before Python 3.10 \`PyType_GetSlot\` knows heap types only: of a static type, as all of CPython's own
and many of other extensions are, it gives \`NULL\` and raises \`SystemError\`, and a call of what it gave crashes. Call
the function of the abstract API that does the same, \`PyNumber_Add\` or \`PyIter_Next\`, or ask for Python 3.10.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `PyObject *plus(PyObject *a, PyObject *b)
{
    return ((binaryfunc)PyType_GetSlot(&PyLong_Type, Py_nb_add))(a, b);
}`,
      reports: {
        at: '3:25 PyType_GetSlot(&PyLong_Type, Py_nb_add)',
        message: 'before Python 3.10 `PyType_GetSlot` raises `SystemError` for `PyLong_Type`, which is a static type',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `PyObject *next(PyObject *it)
{
    PyTypeObject *type = Py_TYPE(it);
    iternextfunc step = (iternextfunc)PyType_GetSlot(type, Py_tp_iternext);
    return step(it);
}`,
      reports: {
        at: '4:39 PyType_GetSlot(type, Py_tp_iternext)',
        message: 'before Python 3.10 `PyType_GetSlot` raises `SystemError` where `type` is a static type',
        severity: 'info',
      },
    },
    {
      kind: 'good',
      target: '3.10',
      code: `PyObject *plus(PyObject *a, PyObject *b)
{
    return ((binaryfunc)PyType_GetSlot(&PyLong_Type, Py_nb_add))(a, b);
}`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: `static void spam_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}
static PyType_Slot spam_slots[] = {{Py_tp_dealloc, spam_dealloc}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: `PyObject *next(PyObject *it)
{
    iternextfunc step = (iternextfunc)PyType_GetSlot(Py_TYPE(it), Py_tp_iternext);
    if (step == NULL)
        return NULL;
    return step(it);
}`,
    },
  ],
  *check({ model, target }) {
    if (oldestPython(target) >= 10) return
    const scopes = new Scopes(functionsOf(model))
    const inSlots = slotFunctions(model)
    for (const { file, around, call, doubts } of callsOf(model, 'PyType_GetSlot')) {
      const [type] = call.operands
      if (!type || model.isProjectDefined(file, 'PyType_GetSlot') !== 'no') continue
      const scope = scopes.ofFunction({ file, code: around })
      const name = scopes.addressedName(type, scope)
      const isStatic = isStaticType(name)
      const slot = call.operands[1] ? plainText(call.operands[1]) : ''
      if (!isStatic) {
        const denoted = scopes.denotation(type, scope)
        const isOwn = denoted?.as === 'type' && denoted.parameter === 0 && inSlots.has(around.name)
        if (isOwn || !isTypeOfObject(around, type, denoted?.as === 'type') || looksAtFlags(around)) continue
        if (ofOwnObjects.has(slot) || isTested(around, call)) continue
      }
      const before = 'before Python 3.10 `PyType_GetSlot` raises `SystemError`'
      yield {
        file,
        ...call.span,
        symbol: 'PyType_GetSlot',
        notes: doubts,
        ...(isStatic
          ? { message: `${before} for \`${name}\`, which is a static type` }
          : { severity: 'info', message: `${before} where \`${plainText(type)}\` is a static type` }),
        advice:
          abstract[slot] === undefined ? 'Ask for Python 3.10.' : `Call \`${abstract[slot]}\`, or ask for Python 3.10.`,
      }
    }
  },
}

/** Slots by which code makes and frees objects of its own types. */
const ofOwnObjects: ReadonlySet<string> = new Set(['Py_tp_alloc', 'Py_tp_free'])

/** What does the same as a slot. */
const abstract: Readonly<Record<string, string>> = {
  Py_nb_add: 'PyNumber_Add',
  Py_tp_iter: 'PyObject_GetIter',
  Py_tp_iternext: 'PyIter_Next',
  Py_tp_repr: 'PyObject_Repr',
  Py_tp_str: 'PyObject_Str',
  Py_tp_hash: 'PyObject_Hash',
  Py_tp_call: 'PyObject_Call',
  Py_tp_getattro: 'PyObject_GetAttr',
  Py_tp_richcompare: 'PyObject_RichCompare',
  Py_sq_length: 'PySequence_Size',
  Py_mp_length: 'PyMapping_Size',
  Py_mp_subscript: 'PyObject_GetItem',
}

/** The functions in slots of the project's heap types, whose object has such a type. */
const slotFunctions = (model: ProjectModel): ReadonlySet<string> =>
  new Set(heapTypes(model).flatMap(({ entries }) => entries.flatMap(({ value }) => value ?? [])))

/** Whether a type is that of an object: `Py_TYPE(o)`, or a variable that holds it. */
function isTypeOfObject(code: FunctionCode, type: Value, isDenoted: boolean): boolean {
  const inner = bare(type)
  if (inner.kind === 'call') return calleeName(inner) === 'Py_TYPE'
  if (inner.kind === 'member') return inner.name === 'ob_type'
  return isDenoted && nameOf(inner) !== null && !code.parameters.some(({ name }) => name === nameOf(inner))
}

/** Whether a function asks whether a type is a heap type. */
const looksAtFlags = (code: FunctionCode): boolean =>
  callsIn(code).some(({ operands }) =>
    operands.some((operand) => [...eachValue(operand)].some((each) => nameOf(each) === 'Py_TPFLAGS_HEAPTYPE')),
  )
