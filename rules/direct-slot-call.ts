import type { Finding, Rule } from '../analyzer/check/rule.ts'
import { assignedTo, callsIn, inCasts, memberAt, parentsIn } from '../analyzer/code/placement.ts'
import { eachStatement, valuesInCode } from '../analyzer/code/statements.ts'
import type { CallValue, FunctionCode, Statement, Value } from '../analyzer/code/tree.ts'
import { bare, calleeName, nameOf, plainText } from '../analyzer/code/values.ts'
import { variablesNamed } from '../analyzer/code/variables.ts'
import { macroAround } from '../analyzer/facts/macro-index.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { buildDoubts, type CallIn, callsAndExpansionsOf, compiledAt } from '../analyzer/semantics/calls.ts'
import { tableRolesOf } from '../analyzer/semantics/function-roles.ts'
import type { FileId } from '../analyzer/source/text.ts'

const same = (call: string): string => `int is_same(PyObject *a, PyObject *b)
{
    if (${call})
        return 1;
    return 0;
}`

const plus = (call: string, after = 'return PyList_Append(list, sum);'): string =>
  `int add(PyObject *list, PyObject *a, PyObject *b)
{
    PyObject *sum = ${call};
    ${after}
}`

export const directSlotCall: Rule = {
  name: 'direct-slot-call',
  summary: 'a call of a slot of a type, where what it gives is taken for a result',
  explanation: `The function in \`nb_add\`, in another slot of \`tp_as_number\` with two operands, or in
\`tp_richcompare\` is one half of an operation. For operands that it does not know it returns \`Py_NotImplemented\`, an
object and no error, and \`PyNumber_Add\` or \`PyObject_RichCompare\` then ask the type of the other operand. Who calls
the slot has to look for \`Py_NotImplemented\`, or hands it on as if it were the sum.

What these slots give is an object: as a condition it is true for \`Py_False\`, too, and nobody gives its reference
back. \`PyObject_RichCompareBool\` gives a number.`,
  severity: 'info',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: same('((richcmpfunc)PyType_GetSlot(Py_TYPE(a), Py_tp_richcompare))(a, b, Py_EQ)'),
      reports: {
        at: '3:9 ((richcmpfunc)PyType_GetSlot(Py_TYPE(a), Py_tp_richcompare))(a, b, Py_EQ)',
        message: 'what `tp_richcompare` gives is an object, which is true as a condition, as `Py_False` is',
        severity: 'warning',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: plus('((binaryfunc)PyType_GetSlot(Py_TYPE(a), Py_nb_add))(a, b)'),
      reports: {
        at: '3:21 ((binaryfunc)PyType_GetSlot(Py_TYPE(a), Py_nb_add))(a, b)',
        message: '`nb_add` gives `Py_NotImplemented` for operands that it does not know, and nobody looks for it here',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: `int add(PyObject *list, PyObject *a, PyObject *b)
{
    binaryfunc add = (binaryfunc)PyType_GetSlot(Py_TYPE(a), Py_nb_add);
    if (add == NULL)
        return -1;
    return PyList_Append(list, add(a, b));
}`,
      reports: {
        at: '6:32 add(a, b)',
        message: '`nb_add` gives `Py_NotImplemented` for operands that it does not know, and nobody looks for it here',
      },
    },
    { kind: 'good', target: '3.10', code: same('PyObject_RichCompareBool(a, b, Py_EQ) == 1') },
    { kind: 'good', target: '3.10', code: plus('PyNumber_Add(a, b)') },
    {
      kind: 'good',
      target: '3.10',
      code: plus(
        '((binaryfunc)PyType_GetSlot(Py_TYPE(a), Py_nb_add))(a, b)',
        'return sum == Py_NotImplemented ? -1 : PyList_Append(list, sum);',
      ),
    },
    {
      kind: 'good',
      target: '3.10',
      code: `static PyObject *spam_add(PyObject *a, PyObject *b)
{
    return ((binaryfunc)PyType_GetSlot(&PyLong_Type, Py_nb_add))(a, b);
}
PyType_Slot spam_slots[] = {{Py_nb_add, spam_add}, {0, NULL}};`,
    },
  ],
  *check({ model }) {
    for (const [slot, operation] of operations)
      for (const each of [...fieldCalls(model, slot), ...slotCalls(model, slot)]) {
        const finding = findingFor(model, each, slot, operation)
        if (finding) yield finding
      }
  },
}

/** Slots whose functions may answer `Py_NotImplemented`, with the function that asks both operands. */
const operations: readonly (readonly [slot: string, operation: string])[] = [
  ['tp_richcompare', 'PyObject_RichCompare'],
  ...[
    ['add', 'Add'],
    ['subtract', 'Subtract'],
    ['multiply', 'Multiply'],
    ['remainder', 'Remainder'],
    ['divmod', 'Divmod'],
    ['power', 'Power'],
    ['lshift', 'Lshift'],
    ['rshift', 'Rshift'],
    ['and', 'And'],
    ['xor', 'Xor'],
    ['or', 'Or'],
    ['floor_divide', 'FloorDivide'],
    ['true_divide', 'TrueDivide'],
    ['matrix_multiply', 'MatrixMultiply'],
  ].map(([slot, name]) => [`nb_${slot}`, `PyNumber_${name}`] as const),
]

/** `Py_TYPE(o)->tp_as_number->nb_add(a, b)` */
function* fieldCalls(model: ProjectModel, slot: string): Iterable<CallIn> {
  for (const file of model.project.filesWith(slot)) {
    const code = model.project.code(file)
    for (const { span, isField, isInDirective } of code.occurrences(slot)) {
      if (!isField) continue
      const around = isInDirective ? code.macroAt(span.start) : code.functionAt(span.start)
      const member = around && memberAt(around, span.end, slot)
      if (member && !isOfType(model, file, around, member.object)) continue
      const compiled = compiledAt(model, file, span.start)
      if (!member || compiled === 'no') continue
      const macro = isInDirective ? macroAround(model.files[file]!, around.span.start) : -1
      for (const call of callsThrough(around, member))
        yield { file, around, call, macro, doubts: buildDoubts(compiled) }
    }
  }
}

/** Whether the struct whose field is called is a type, or its table of functions for numbers. */
function isOfType(model: ProjectModel, file: FileId, around: FunctionCode, object: Value): boolean {
  const inner = bare(object)
  if (inner.kind === 'call') return calleeName(inner) === 'Py_TYPE'
  if (inner.kind === 'member') return /^(?:ob_type|tp_base|tp_as_number)$/.test(inner.name)
  const name = nameOf(inner)
  if (name === null) return false
  const [own] = variablesNamed(around, name)
  const parameter = around.parameters.find((each) => each.name === name)
  const variable = own ?? parameter ?? model.project.code(file).variables.find((each) => each.name === name)
  return /^PyTypeObject\*?$/.test(
    variable?.type ?? model.api.fact(name)?.type ?? model.project.declarations.value(name)[0]?.fact.type ?? '',
  )
}

/** `((binaryfunc)PyType_GetSlot(Py_TYPE(o), Py_nb_add))(a, b)` */
function* slotCalls(model: ProjectModel, slot: string): Iterable<CallIn> {
  for (const each of callsAndExpansionsOf(model, 'PyType_GetSlot')) {
    const [, asked] = each.call.operands
    if (asked && plainText(asked) === `Py_${slot}`)
      for (const call of callsThrough(each.around, each.call)) yield { ...each, call }
  }
}

/** The calls of the function that a value points to: at once, or by the variable that it is put into. */
function callsThrough(code: FunctionCode, pointer: Value): readonly CallValue[] {
  let { whole, parent } = inCasts(code, pointer)
  // `(*type->tp_richcompare)(a, b, op)`
  if (parent?.kind === 'unary' && parent.operator === '*') ({ whole, parent } = inCasts(code, parent))
  if (parent?.kind === 'call' && parent.callee === whole) return [parent]
  const target = assignedTo(code, pointer)
  const name = target?.kind === 'variable' || target?.kind === 'name' ? target.name : null
  return name === null || !isSetOnce(code, name) ? [] : callsIn(code).filter((call) => calleeName(call) === name)
}

/** Whether a name is that of one variable of a function, which nothing gives a second value. */
function isSetOnce(code: FunctionCode, name: string): boolean {
  const [variable, ...others] = variablesNamed(code, name)
  const sets = valuesInCode(code.body).filter((each) => each.kind === 'assign' && nameOf(each.target) === name)
  return variable !== undefined && others.length === 0 && sets.length === (variable.initialiser === null ? 1 : 0)
}

function findingFor(
  model: ProjectModel,
  { file, around, call, macro, doubts }: CallIn,
  slot: string,
  operation: string,
): Finding | null {
  const at = { file, ...call.span, macro, symbol: slot, notes: doubts }
  if (isCondition(around, call))
    return {
      ...at,
      severity: doubts.length > 0 ? 'info' : 'warning',
      message: `what \`${slot}\` gives is an object, which is true as a condition, as \`Py_False\` is`,
      advice: slot === 'tp_richcompare' ? 'Call `PyObject_RichCompareBool`.' : `Call \`${operation}\`.`,
    }
  if (isLookedAt(model, file, around) || isHandedBack(model, file, around, call)) return null
  return {
    ...at,
    message: `\`${slot}\` gives \`Py_NotImplemented\` for operands that it does not know, and nobody looks for it here`,
    advice: `Call \`${operation}\`, which asks the other operand, too.`,
  }
}

/** Whether a value stands where only its truth matters. */
function isCondition(code: FunctionCode, value: Value): boolean {
  const { whole, parent } = inCasts(code, value)
  if (parent?.kind === 'unary') return parent.operator === '!'
  if (parent?.kind === 'binary') return parent.operator === '&&' || parent.operator === '||'
  if (parent?.kind === 'expression') return isLoopHead(code, parent)
  return (parent?.kind === 'if' || parent?.kind === 'conditional') && parent.condition === whole
}

/** `while (compare(a, b, Py_EQ))`, and what ends a loop of `for`. */
function isLoopHead(code: FunctionCode, statement: Statement): boolean {
  const loop = parentsIn(code).get(statement)
  if (loop?.kind !== 'loop' || loop.body === statement) return false
  return loop.loop === 'for' ? loop.head[1] === statement : loop.loop !== 'macro'
}

const isLookedAt = (model: ProjectModel, file: FileId, around: FunctionCode): boolean =>
  ['Py_NotImplemented', 'Py_RETURN_NOTIMPLEMENTED', 'Py_CONSTANT_NOT_IMPLEMENTED'].some(
    (name) => model.project.code(file).referencesIn(name, around.span).length > 0,
  )

/** Whether the answer is that of the function, which is in a slot itself, or may be called by one. */
function isHandedBack(model: ProjectModel, file: FileId, around: FunctionCode, call: CallValue): boolean {
  if (around.kind === 'macro') return true
  const roles = tableRolesOf(model, { file, code: around })
  if (roles.length > 0 && !roles.some(({ kind }) => kind === 'slot')) return false
  if (inCasts(around, call).parent?.kind === 'return') return true
  const target = assignedTo(around, call)
  const name = target?.kind === 'variable' || target?.kind === 'name' ? target.name : null
  const isIt = (value: Value | null): boolean => value !== null && name !== null && nameOf(value) === name
  return eachStatement(around.body).some((each) => each.kind === 'return' && isIt(each.value))
}
