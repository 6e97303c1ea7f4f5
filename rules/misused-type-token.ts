import type { Finding, Rule } from '../analyzer/check/rule.ts'
import { assignedTo, inCasts } from '../analyzer/code/placement.ts'
import { valuesInCode } from '../analyzer/code/statements.ts'
import type { FunctionCode, Value } from '../analyzer/code/tree.ts'
import { addressed, bare, calleeName, isNull, itemsOf, nameOf, plainText } from '../analyzer/code/values.ts'
import { variablesOfTypes } from '../analyzer/code/variables.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { buildDoubts, callsAndExpansionsOf, compiledAt } from '../analyzer/semantics/calls.ts'
import { isOperandOfTest } from '../analyzer/semantics/null-tests.ts'

const spam = (body: string): string => `typedef struct { int minutes; } Data;
static int token;
PyObject *minutes_of(PyObject *self)
{
    PyTypeObject *cls = NULL;
    ${body}
    Data *data = PyObject_GetTypeData(self, cls);
    Py_XDECREF((PyObject *)cls);
    return PyLong_FromLong(data->minutes);
}`

const slots = (token: string): string => `int token;
static PySlot spam_slots[] = {
    PySlot_STATIC_DATA(Py_tp_name, "spam.Spam"),
    PySlot_DATA(Py_tp_token, ${token}),
    PySlot_END
};
PyObject *make(void) { return PyType_FromSlots(spam_slots); }`

const asked = 'PyType_GetBaseByToken(Py_TYPE(self), &token, &cls)'

export const misusedTypeToken: Rule = {
  name: 'misused-type-token',
  summary: 'a token of a type that is none, or that is taken to be found where it is not',
  explanation: `\`PyType_GetBaseByToken\` gives 1 where a base has the token, 0 where none has, and -1 with an exception
for an error. Who asks for \`< 0\` only, as an example in CPython's documentation did, takes 0 for a success: for an
object of another type there is no type, and \`PyObject_GetTypeData\` of that crashes. Compare with 1.

\`Py_TP_USE_SPEC\`, which is \`NULL\`, stands for the address of a \`PyType_Spec\`. Where there is none, in slots for
\`PyType_FromSlots\`, it is refused with \`SystemError\`. Write the address of something that only this type is
known by.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.14',
      compiler: 'silent',
      code: spam(`if (${asked} < 0)\n        return NULL;`),
      reports: {
        at: `6:9 ${asked}`,
        message: '`PyType_GetBaseByToken` gives 0 where no base has the token, which is taken for a success',
      },
    },
    {
      kind: 'bad',
      target: '3.14',
      compiler: 'silent',
      code: spam(`int found = ${asked};\n    if (found == -1)\n        return NULL;`),
      reports: {
        at: `6:17 ${asked}`,
        message: '`PyType_GetBaseByToken` gives 0 where no base has the token, which is taken for a success',
      },
    },
    {
      kind: 'bad',
      target: '3.15',
      compiler: 'silent',
      code: slots('Py_TP_USE_SPEC'),
      reports: {
        at: '4:30 Py_TP_USE_SPEC',
        message: '`PyType_FromSlots` refuses `NULL` as the token of a type with `SystemError`',
        severity: 'error',
      },
    },
    { kind: 'good', target: '3.15', code: slots('&token') },
    { kind: 'good', target: '3.14', code: spam(`if (${asked} != 1)\n        return NULL;`) },
    { kind: 'good', target: '3.14', code: spam(`if (${asked} < 0)\n        return NULL;\n    if (!cls) return NULL;`) },
    {
      kind: 'good',
      target: '3.14',
      code: spam(
        `int found = ${asked};\n    if (found < 0)\n        return NULL;\n    if (found == 0)\n        return NULL;`,
      ),
    },
  ],
  *check({ model }) {
    for (const { file, around, call, macro, doubts } of callsAndExpansionsOf(model, 'PyType_GetBaseByToken')) {
      const found = addressed(call.operands[2] ?? call.callee)
      if (!isMisread(around, call) || (found !== null && isAsked(around, found))) continue
      yield {
        file,
        ...call.span,
        macro,
        symbol: 'PyType_GetBaseByToken',
        notes: doubts,
        message: '`PyType_GetBaseByToken` gives 0 where no base has the token, which is taken for a success',
        advice: 'Compare it with 1.',
      }
    }
    for (const file of model.files.keys()) yield* nullTokens(model, file)
  },
}

/** Whether only a failure is asked for: `< 0`, `== -1`, of what a call gives or of the variable that it is put into. */
function isMisread(code: FunctionCode, call: Value): boolean {
  const target = assignedTo(code, call)
  if (target === null) return isFailureTest(code, call)
  const name = target.kind === 'variable' ? target.name : nameOf(target)
  const uses = valuesInCode(code.body).filter(
    (each) => each.kind === 'name' && each.name === name && inCasts(code, each).parent?.kind !== 'assign',
  )
  return uses.length > 0 && uses.every((each) => isFailureTest(code, each))
}

function isFailureTest(code: FunctionCode, value: Value): boolean {
  const { whole, parent } = inCasts(code, value)
  if (parent?.kind !== 'binary' || parent.left !== whole) return false
  const other = plainText(parent.right)
  return (parent.operator === '<' && other === '0') || (parent.operator === '==' && other === '-1')
}

const isAsked = (code: FunctionCode, name: string): boolean =>
  valuesInCode(code.body).some((each) => each.kind === 'name' && each.name === name && isOperandOfTest(code, each))

/** Tokens that are `NULL` in tables of `PySlot`. */
function* nullTokens(model: ProjectModel, file: number): Iterable<Finding> {
  const code = model.project.code(file)
  if (!code.text.includes('Py_tp_token')) return
  for (const { initialiser } of variablesOfTypes(code, ['PySlot'])) {
    if (initialiser?.kind !== 'braces') continue
    for (const { value } of itemsOf(initialiser.entries ?? [])) {
      const entry = bare(value)
      const isMacro = entry.kind === 'call' && /^PySlot_[A-Z]/.test(calleeName(entry) ?? '')
      const [slot, token] = isMacro ? entry.operands : []
      const compiled = compiledAt(model, file, value.span.start)
      if (!slot || !token || nameOf(slot) !== 'Py_tp_token' || compiled === 'no') continue
      if (!isNull(bare(token)) && nameOf(token) !== 'Py_TP_USE_SPEC') continue
      yield {
        file,
        ...token.span,
        symbol: 'Py_tp_token',
        severity: compiled === 'yes' ? 'error' : 'warning',
        notes: buildDoubts(compiled),
        message: '`PyType_FromSlots` refuses `NULL` as the token of a type with `SystemError`',
        advice: 'Write the address of a variable that only this type is known by.',
      }
    }
  }
}
