import type { Rule } from '../analyzer/check/rule.ts'
import type { FunctionCode } from '../analyzer/code/tree.ts'
import { bare, calleeName, nameOf } from '../analyzer/code/values.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { type CallIn, callsAndExpansionsOf } from '../analyzer/semantics/calls.ts'
import { functionsOf } from '../analyzer/semantics/functions.ts'
import { entryOf, hasFlag, shownType } from '../analyzer/semantics/heap-types.ts'
import { Scopes } from '../analyzer/semantics/scopes.ts'
import type { HeapType } from '../analyzer/semantics/type-definition.ts'
import { typesServedBy } from '../analyzer/semantics/type-functions.ts'

const spam = (
  state: string,
  flags = 'Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE',
): string => `typedef struct { PyObject *error; } State;
${state}
static PyType_Slot spam_slots[] = {{Py_tp_repr, spam_repr}, {0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, ${flags}, spam_slots};`

export const moduleOfInstanceType: Rule = {
  name: 'module-of-instance-type',
  summary: 'the module, or its state, of the type of an instance that may be of a subclass',
  explanation: `\`PyType_GetModule\` and \`PyType_GetModuleState\` want the class that was made with the module. The
type of an object, and the type that \`tp_new\` gets, may be a subclass: one made by \`class\` in Python has no module,
so that both give \`NULL\` with \`TypeError\`, and one of another module has that one's state, which is read as if it
were the own.

A method gets the class that defines it with \`METH_METHOD\`. Slots ask \`PyType_GetModuleByDef\` (in the Limited API
from 3.13 on), or keep what they need in the instance.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: spam(`static PyObject *spam_repr(PyObject *self)
{
    State *state = PyType_GetModuleState(Py_TYPE(self));
    return PyObject_Str(state->error);
}`),
      reports: {
        at: '4:20 PyType_GetModuleState(Py_TYPE(self))',
        message: '`PyType_GetModuleState` gets the type of an instance, which may be a subclass of `spam.Spam`',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: spam(`static State *state_of(PyObject *o)
{
    PyTypeObject *type = Py_TYPE(o);
    return PyType_GetModuleState(type);
}
static PyObject *spam_repr(PyObject *self) { return PyObject_Str(state_of(self)->error); }`),
      reports: {
        at: '5:12 PyType_GetModuleState(type)',
        message: '`PyType_GetModuleState` gets the type of an instance, which may be a subclass of `spam.Spam`',
      },
    },
    {
      kind: 'good',
      target: '3.10',
      code: spam(
        `static PyObject *spam_repr(PyObject *self)
{
    State *state = PyType_GetModuleState(Py_TYPE(self));
    return PyObject_Str(state->error);
}`,
        'Py_TPFLAGS_DEFAULT',
      ),
    },
    {
      kind: 'good',
      target: '3.10',
      code: spam(`PyObject *spam_method(PyObject *self, PyTypeObject *cls, PyObject *const *args, Py_ssize_t n, PyObject *kw)
{
    State *state = PyType_GetModuleState(cls);
    return PyObject_Str(state->error);
}
static PyObject *spam_repr(PyObject *self) { return PyObject_Str((PyObject *)Py_TYPE(self)); }`),
    },
  ],
  *check({ model }) {
    for (const name of ['PyType_GetModuleState', 'PyType_GetModule']) {
      for (const found of callsAndExpansionsOf(model, name)) {
        const { file, around, call, macro, doubts } = found
        const types = typesServedBy(model, file, around).filter((type) => isAsked(model, found, type))
        const open = types.map((type) => ({ type, verdict: hasFlag(model, type, 'Py_TPFLAGS_BASETYPE') }))
        const base = open.find(({ verdict }) => verdict === 'yes') ?? open.find(({ verdict }) => verdict === 'unknown')
        if (!base) continue
        yield {
          file,
          ...call.span,
          macro,
          symbol: name,
          severity: base.verdict === 'yes' ? 'warning' : 'info',
          notes: [...doubts, ...(base.verdict === 'yes' ? [] : ['whether that can be subclassed is not written out'])],
          message: `\`${name}\` gets the type of an instance, which may be a subclass of ${shownType(base.type)}`,
          advice:
            'Take the class that defines a method (`METH_METHOD`), ask `PyType_GetModuleByDef`, or keep what is ' +
            'needed in the instance.',
        }
      }
    }
  },
}

/** Whether what is asked for its module is the type of an object, or the type that is to be instantiated. */
function isAsked(model: ProjectModel, { file, around, call }: CallIn, type: HeapType): boolean {
  const [operand] = call.operands
  if (!operand) return false
  if (around.kind === 'macro') return isTypeOfParameter(around, operand)
  const scopes = new Scopes(functionsOf(model))
  const found = scopes.denotation(operand, scopes.ofFunction({ file, code: around }))
  if (found === null || !found.isCertain) return false
  return found.as === 'type' || (found.as === 'object' && entryOf(type, 'Py_tp_new')?.value === around.name)
}

/** `#define STATE(o) PyType_GetModuleState(Py_TYPE(o))` */
function isTypeOfParameter({ parameters }: FunctionCode, operand: CallIn['call']['operands'][number]): boolean {
  const inner = bare(operand)
  const [object] = inner.kind === 'call' && calleeName(inner) === 'Py_TYPE' ? inner.operands : []
  return object !== undefined && parameters.some(({ name }) => name === nameOf(object))
}
