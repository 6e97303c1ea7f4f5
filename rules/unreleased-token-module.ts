import type { Rule } from '../analyzer/check/rule.ts'
import { assignedTo, inCasts } from '../analyzer/code/placement.ts'
import { valuesInCode } from '../analyzer/code/statements.ts'
import type { CallValue, FunctionCode, Value } from '../analyzer/code/tree.ts'
import { addressed, calleeName, nameOf } from '../analyzer/code/values.ts'
import { variablesNamed } from '../analyzer/code/variables.ts'
import { operandReference } from '../analyzer/knowledge/references.ts'
import { callsAndExpansionsOf } from '../analyzer/semantics/calls.ts'

const spam = (body: string): string => `typedef struct { PyObject *text; } State;
static int token;
PyObject *spam_repr(PyObject *self)
{
    ${body}
}`

const byToken = 'PyType_GetModuleByToken(Py_TYPE(self), &token)'

export const unreleasedTokenModule: Rule = {
  name: 'unreleased-token-module',
  summary: 'the module or the type that a token finds, never given back',
  explanation: `\`PyType_GetModuleByToken\` gives a reference that belongs to the caller, as \`PyType_GetBaseByToken\`
does by its last parameter. \`PyType_GetModuleByDef\`, which it takes the place of, lends one. A module whose count goes
up by one at each call is never freed, and neither is what it holds.

Call \`Py_DECREF\` as soon as the state is known: the type of the object keeps the module alive.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.15',
      compiler: 'silent',
      code: spam(`State *state = PyModule_GetState(${byToken});\n    return Py_NewRef(state->text);`),
      reports: {
        at: `5:38 ${byToken}`,
        message: 'the reference that `PyType_GetModuleByToken` gives is lost: `PyModule_GetState` takes none over',
      },
    },
    {
      kind: 'bad',
      target: '3.15',
      compiler: 'silent',
      code: spam(`PyObject *m = ${byToken};
    if (m == NULL)
        return NULL;
    State *state = PyModule_GetState(m);
    return Py_NewRef(state->text);`),
      reports: {
        at: `5:19 ${byToken}`,
        message: 'the reference that `PyType_GetModuleByToken` gives is never given back: `m` is only used',
      },
    },
    {
      kind: 'bad',
      target: '3.14',
      compiler: 'silent',
      code: spam(`PyTypeObject *base;
    if (PyType_GetBaseByToken(Py_TYPE(self), &token, &base) != 1)
        return NULL;
    State *state = PyObject_GetTypeData(self, base);
    return Py_NewRef(state->text);`),
      reports: {
        at: '6:9 PyType_GetBaseByToken(Py_TYPE(self), &token, &base)',
        message: 'the reference that `PyType_GetBaseByToken` gives is never given back: `base` is only used',
      },
    },
    {
      kind: 'good',
      target: '3.15',
      code: spam(`PyObject *m = ${byToken};
    if (m == NULL)
        return NULL;
    State *state = PyModule_GetState(m);
    Py_DECREF(m);
    return Py_NewRef(state->text);`),
    },
    { kind: 'good', target: '3.15', code: spam(`return ${byToken};`) },
    {
      kind: 'good',
      target: '3.14',
      code: spam('return PyType_GetBaseByToken(Py_TYPE(self), &token, NULL) == 1 ? Py_NewRef(self) : NULL;'),
    },
  ],
  *check({ model }) {
    for (const name of ['PyType_GetModuleByToken', 'PyType_GetBaseByToken'])
      for (const { file, around, call, macro, doubts } of callsAndExpansionsOf(model, name)) {
        const why =
          name === 'PyType_GetModuleByToken'
            ? lossOf(around, call)
            : lossIn(around, addressed(call.operands[2] ?? call.callee))
        if (why === null) continue
        yield {
          file,
          ...call.span,
          macro,
          symbol: name,
          notes: doubts,
          message: `the reference that \`${name}\` gives is ${why}`,
          advice: 'Call `Py_DECREF` of it as soon as what is needed is known.',
        }
      }
  },
}

/** How the reference that a call gives is lost; null where it is not, or that is not known. */
function lossOf(code: FunctionCode, call: CallValue): string | null {
  const { whole, parent } = inCasts(code, call)
  if (parent?.kind === 'call') {
    const by = borrowedBy(parent, whole)
    return by === null ? null : `lost: \`${by}\` takes none over`
  }
  const target = assignedTo(code, call)
  return lossIn(code, target === null ? null : target.kind === 'variable' ? target.name : nameOf(target))
}

/** The function of the C API that a call hands an object to, and that takes no reference to it; null for any other. */
function borrowedBy(call: CallValue, operand: Value): string | null {
  const name = calleeName(call)
  if (name === null || releases.test(name)) return null
  const isBorrowed = operandReference(name, call.operands.indexOf(operand)) === 'borrowed'
  return isBorrowed || onTypes.test(name) ? name : null
}

const releases = /^Py_(?:X?DECREF|DecRef|CLEAR|X?SETREF)$/

/** Functions that look at a type, and take no reference to it. */
const onTypes = /^(?:PyObject_(?:GetTypeData|TypeCheck)|PyType_(?:GetTypeDataSize|IsSubtype|GetSlot|GetFlags))$/

/** The same of a variable with a reference. */
function lossIn(code: FunctionCode, name: string | null): string | null {
  if (name === null || variablesNamed(code, name).filter(({ storage }) => storage !== 'extern').length !== 1)
    return null
  const isKept = valuesInCode(code.body).some(
    (each) => each.kind === 'name' && each.name === name && !isOnlyUsed(code, each),
  )
  return isKept ? null : `never given back: \`${name}\` is only used`
}

/** Whether a variable is only asked, or handed to what takes no reference, where its name stands. */
function isOnlyUsed(code: FunctionCode, value: Value): boolean {
  const { whole, parent } = inCasts(code, value)
  switch (parent?.kind) {
    case 'call':
      return borrowedBy(parent, whole) !== null
    case 'assign':
      return parent.target === whole
    case 'unary': {
      if (parent.operator !== '&') return parent.operator === '!'
      const { whole: address, parent: user } = inCasts(code, parent)
      return user?.kind === 'call' && calleeName(user) === 'PyType_GetBaseByToken' && user.operands[2] === address
    }
    case 'binary':
      return /^(?:[!=]=|&&|\|\|)$/.test(parent.operator)
    case 'if':
      return true
    case 'conditional':
      return parent.condition === whole
    default:
      return false
  }
}
