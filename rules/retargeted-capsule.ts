import type { Rule } from '../analyzer/check/rule.ts'
import { addressOperands } from '../analyzer/code/placement.ts'
import type { Value } from '../analyzer/code/tree.ts'
import { bare, calleeName, isNull, nameOf } from '../analyzer/code/values.ts'
import { isParameter, variablesOf } from '../analyzer/code/variables.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { callsEverywhere } from '../analyzer/semantics/callers.ts'
import { callsAndExpansionsOf } from '../analyzer/semantics/calls.ts'
import { rolesOf } from '../analyzer/semantics/function-roles.ts'
import type { Body } from '../analyzer/semantics/functions.ts'

const spam = (body: string): string => `static PyObject *reset(PyObject *m, PyObject *capsule)
{
    ${body}
    Py_RETURN_NONE;
}
PyMethodDef methods[] = {{"reset", reset, METH_O, NULL}, {NULL}};`

export const retargetedCapsule: Rule = {
  name: 'retargeted-capsule',
  summary: 'a capsule that gets another pointer when others may have the first one',
  explanation: `Who gets a capsule takes its pointer out once and keeps it, as far as it keeps the capsule. Where the
capsule gets another pointer or another context, they go on with the one before: in a function that has released the
GIL, in another thread of a free-threaded Python, in a module that has cached it. Let the capsule hold a struct of your
own with the pointer in it, and a lock where several threads use it.

\`PyCapsule_SetPointer(capsule, NULL)\` always fails with \`ValueError\` and changes nothing: a capsule is never empty.
Mark what it points to as closed, or set a field in that to \`NULL\`.`,
  severity: 'info',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spam('PyCapsule_SetPointer(capsule, NULL);'),
      reports: {
        at: '3:5 PyCapsule_SetPointer(capsule, NULL)',
        message: '`PyCapsule_SetPointer` always fails for `NULL`, with `ValueError`: the capsule keeps its pointer',
        severity: 'error',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spam('static int other;\n    if (PyCapsule_SetPointer(capsule, &other) < 0)\n        return NULL;'),
      reports: {
        at: '4:9 PyCapsule_SetPointer(capsule, &other)',
        message: '`PyCapsule_SetPointer` changes a capsule that comes from Python: others may use what it had before',
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code: `PyObject *make(void *pointer, void *context)
{
    PyObject *capsule = PyCapsule_New(pointer, "spam", NULL);
    if (capsule == NULL || PyCapsule_SetContext(capsule, context) < 0)
        return NULL;
    return capsule;
}`,
    },
    { kind: 'good', target: '3.9', code: 'int set(PyObject *o, void *p) { return PyCapsule_SetPointer(o, p); }' },
  ],
  *check({ model }) {
    for (const name of ['PyCapsule_SetPointer', 'PyCapsule_SetContext'])
      for (const { file, around, call, macro, doubts } of callsAndExpansionsOf(model, name)) {
        const [capsule, given] = call.operands
        if (!capsule || !given) continue
        const isEmpty = name === 'PyCapsule_SetPointer' && isNull(bare(given))
        // What nobody calls harms nobody.
        if (around.kind === 'macro' && [...callsEverywhere(model, around.name)].length === 0) continue
        if (!isEmpty && !isShared(model, { file, code: around }, capsule)) continue
        yield {
          file,
          ...call.span,
          macro,
          symbol: name,
          ...(isEmpty ? { severity: doubts.length > 0 ? 'warning' : 'error' } : {}),
          notes: doubts,
          message: isEmpty
            ? `\`${name}\` always fails for \`NULL\`, with \`ValueError\`: the capsule keeps its pointer`
            : `\`${name}\` changes a capsule that comes from Python: others may use what it had before`,
          advice: isEmpty
            ? 'Say in what it points to that it is closed.'
            : 'Let the capsule hold a struct with the pointer in it.',
        }
      }
  },
}

/** Whether a capsule comes from Python: a parameter of a function of a table, or what arguments or attributes are. */
function isShared(model: ProjectModel, body: Body, capsule: Value): boolean {
  const { code } = body
  const name = nameOf(capsule)
  if (name === null || code.kind === 'macro') return false
  if (isParameter(code, name))
    return rolesOf(model, body).some(({ kind }) => /^(?:module )?function$|^method$/.test(kind))
  const values = variablesOf(code)
    .get(name)
    ?.filter((each) => !isNull(bare(each)))
  if (values === undefined) return false
  const isFound = (value: Value): boolean => {
    const inner = bare(value)
    return inner.kind === 'call' && getters.test(calleeName(inner) ?? '')
  }
  if (values.length > 0) return values.every(isFound)
  return addressOperands(code, name).some((call) => /^PyArg_/.test(calleeName(call) ?? ''))
}

/** Functions that give objects which others have. */
const getters = /^Py(?:Object_GetAttr|Dict_GetItem|Mapping_GetItem|List_GetItem|Tuple_GetItem|Tuple_GET_ITEM)\w*$/
