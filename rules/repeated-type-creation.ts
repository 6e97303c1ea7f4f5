import type { Rule } from '../analyzer/check/rule.ts'
import { assignedTo, branchesAround, callsIn, inCasts, statementOf } from '../analyzer/code/placement.ts'
import { eachStatement, valuesInCode } from '../analyzer/code/statements.ts'
import type { CallValue, FunctionCode, Value } from '../analyzer/code/tree.ts'
import { bare, calleeName, eachValue, isNull, nameOf } from '../analyzer/code/values.ts'
import { declaresName, variablesNamed } from '../analyzer/code/variables.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { type CallIn, callsOf } from '../analyzer/semantics/calls.ts'
import { tableRolesOf } from '../analyzer/semantics/function-roles.ts'

const spam = (body: string, more = ''): string => `#include <Python.h>
typedef struct { PyObject_HEAD int count; } Spam;
static PyType_Slot spam_slots[] = {{0, NULL}};
static PyType_Spec spam_spec = {"spam.Spam", sizeof(Spam), 0, Py_TPFLAGS_DEFAULT, spam_slots};
static PyObject *Spam_Type;
${more}static PyObject *spam(PyObject *module, PyObject *none)
{
    ${body}
}
PyMethodDef methods[] = {{"spam", spam, METH_NOARGS, NULL}, {NULL}};`

const made = 'PyType_FromSpec(&spam_spec)'

export const repeatedTypeCreation: Rule = {
  name: 'repeated-type-creation',
  summary: 'type that a function makes anew at each call, for one object',
  explanation: `A static type is there once. \`PyType_FromSpec\` makes a new type at each call: where a method or a slot
calls it to make an instance, no two instances are of one type, \`isinstance\` says \`False\` of them, pickle does not
find the type, and each takes a kilobyte or more that only the garbage collector gives back.

Make the type where the module is made, and keep it in the state of the module.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spam(`PyTypeObject *type = (PyTypeObject *)${made};
    if (type == NULL)
        return NULL;
    PyObject *self = (PyObject *)PyObject_New(Spam, type);
    Py_DECREF(type);
    return self;`),
      reports: {
        at: '8:42 PyType_FromSpec(&spam_spec)',
        message: 'each call of `spam` makes a new type: no two objects are of one type',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spam(
        'PyObject *type = make();\n    return type ? PyObject_CallObject(type, NULL) : NULL;',
        `static PyObject *make(void) { return ${made}; }\n`,
      ),
      reports: {
        at: '6:38 PyType_FromSpec(&spam_spec)',
        message: 'each call of `spam` makes a new type: no two objects are of one type',
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code: spam(`if (Spam_Type == NULL)
        Spam_Type = ${made};
    return Spam_Type ? PyObject_CallObject(Spam_Type, NULL) : NULL;`),
    },
    {
      kind: 'good',
      target: '3.9',
      code: spam(
        'PyObject *type = make();\n    return type ? PyObject_CallObject(type, NULL) : NULL;',
        `static PyObject *make(void)
{
    if (Spam_Type != NULL)
        return Spam_Type;
    return Spam_Type = ${made};
}
`,
      ),
    },
    {
      kind: 'good',
      target: '3.9',
      code: spam(`PyObject *type = ${made};
    PyObject *one = type ? PyObject_CallObject(type, NULL) : NULL;
    Py_XDECREF(one);
    Py_XDECREF(type);
    Py_RETURN_NONE;`),
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spam(
        'return make();',
        `static PyObject *make(void)
{
    PyObject *type = ${made};
    PyObject *one = type ? PyObject_CallObject(type, NULL) : NULL;
    Py_XDECREF(type);
    return one;
}
`,
      ),
      reports: {
        at: '8:22 PyType_FromSpec(&spam_spec)',
        message: 'each call of `spam` makes a new type: no two objects are of one type',
      },
    },
    // Who has got an object keeps it.
    {
      kind: 'good',
      target: '3.9',
      code: spam(
        'if (Spam_Type == NULL)\n        Spam_Type = make();\n    return Py_XNewRef(Spam_Type);',
        `static PyObject *make(void)
{
    PyObject *type = ${made};
    PyObject *one = type ? PyObject_CallObject(type, NULL) : NULL;
    Py_XDECREF(type);
    return one;
}
`,
      ).replace('Py_XNewRef(Spam_Type)', 'Spam_Type'),
    },
    // Who calls it asks for a type.
    { kind: 'good', target: '3.9', code: spam(`return ${made};`) },
    {
      kind: 'good',
      target: '3.9',
      code: `#include <Python.h>
static PyType_Slot spam_slots[] = {{0, NULL}};
static PyType_Spec spam_spec = {"spam.Spam", 0, 0, Py_TPFLAGS_DEFAULT, spam_slots};
static int spam_exec(PyObject *module)
{
    PyObject *type = ${made};
    PyObject *one = type ? PyObject_CallObject(type, NULL) : NULL;
    int status = one ? PyModule_AddObjectRef(module, "one", one) : -1;
    Py_XDECREF(one);
    return status;
}
PyModuleDef_Slot slots[] = {{Py_mod_exec, spam_exec}, {0, NULL}};`.replace('ObjectRef', 'Object'),
    },
  ],
  *check({ model }) {
    for (const maker of makers)
      for (const each of callsOf(model, maker)) {
        const { file, call, doubts } = each
        const by = repeatedBy(model, each, 0)
        if (by === null) continue
        yield {
          file,
          ...call.span,
          symbol: maker,
          notes: doubts,
          message: `each call of \`${by}\` makes a new type: no two objects are of one type`,
          advice: 'Make the type where the module is made, and keep it.',
        }
      }
  },
}

const makers = ['PyType_FromSpec', 'PyType_FromSpecWithBases', 'PyType_FromModuleAndSpec', 'PyType_FromMetaclass']

/** Functions that call each other are followed as deep as that. */
const deepest = 3

/**
 * The function that makes a type by a call and an object of it, each time that Python calls it; null where there is
 * none, the type may be kept, or it is asked for itself.
 */
function repeatedBy(model: ProjectModel, { file, around, call }: CallIn, depth: number): string | null {
  if (around.kind !== 'function' || mayBeKept(around, call)) return null
  const name = resultIn(around, call)
  if (name === null) return null
  if (makesObject(around, call, name)) return oftenBy(model, { file, around }, depth)
  if (depth >= deepest || !isReturned(around, call, name)) return null
  for (const each of callsOf(model, around.name)) {
    const by = repeatedBy(model, each, depth + 1)
    if (by !== null) return by
  }
  return null
}

/** The function that Python code calls again and again, and that is or always calls a given one; null for none. */
function oftenBy(model: ProjectModel, { file, around }: Pick<CallIn, 'file' | 'around'>, depth: number): string | null {
  if (isOften(model, { file, around })) return around.name
  if (depth >= deepest || around.kind !== 'function') return null
  for (const each of callsOf(model, around.name)) {
    const by = mayBeKept(each.around, each.call) ? null : oftenBy(model, each, depth + 1)
    if (by !== null) return by
  }
  return null
}

/** Whether Python code calls a function, other than where a module is made. */
const isOften = (model: ProjectModel, { file, around }: Pick<CallIn, 'file' | 'around'>): boolean => {
  const roles = tableRolesOf(model, { file, code: around })
  return roles.length > 0 && roles.every(({ kind }) => /^(?:module function|function|method|getter|slot)$/.test(kind))
}

/** Whether a call may be left out where it was done before, or something else than a local variable gets its value. */
function mayBeKept(code: FunctionCode, call: CallValue): boolean {
  const statement = statementOf(code, call)
  if (statement === null || branchesAround(code, statement).length > 0) return true
  // `if (cache != NULL) return cache;`
  return eachStatement(code.body).some(
    (each) =>
      each.kind === 'if' &&
      each.span.start < call.span.start &&
      [...eachValue(each.condition)].some((value) => isOutside(code, value)),
  )
}

/** Whether a value is that of a variable of the file, or a field. */
const isOutside = (code: FunctionCode, value: Value): boolean =>
  value.kind === 'member' ||
  (value.kind === 'name' &&
    !declaresName(code, value.name) &&
    !isNull(value) &&
    !callsIn(code).some(({ callee }) => callee === value))

/** The local variable that gets what a call gives; empty where it is used at once, null for anything else. */
function resultIn(code: FunctionCode, call: CallValue): string | null {
  const target = assignedTo(code, call)
  if (target === null) return ''
  const name = target.kind === 'variable' ? (target.storage === '' ? target.name : null) : nameOf(target)
  const [variable] = variablesNamed(code, name)
  if (name === null || variable === undefined || variable.storage !== '') return null
  // It may be kept by another name.
  for (const value of valuesInCode(code.body))
    if (value.kind === 'assign' && nameOf(value.value) === name && !declaresName(code, nameOf(value.target) ?? ''))
      return null
  return name
}

/** What makes an object of a type, by the number of the operand that is the type. */
const instantiating = (callee: string): number | null =>
  /^PyObject_(?:GC_)?(?:New|NEW)(?:Var|_VAR)?$/.test(callee)
    ? 1
    : /^(?:PyObject_Call\w*|PyType_Generic(?:New|Alloc))$/.test(callee)
      ? 0
      : null

/** Whether a function makes an object of the type that a call gives, and does not keep the type itself. */
function makesObject(code: FunctionCode, call: CallValue, name: string): boolean {
  const isIt = (value: Value | undefined): boolean =>
    value !== undefined && (bare(value) === call || (name !== '' && nameOf(value) === name))
  let makes = false
  for (const each of callsIn(code)) {
    const callee = calleeName(each) ?? ''
    const at = instantiating(callee)
    if (at !== null && isIt(each.operands[at])) makes ||= isHandedOut(code, each)
    else if (!harmless.test(callee) && each.operands.some(isIt)) return false
  }
  return makes
}

/** Whether what a call gives is returned, or put into something else than a local variable. */
function isHandedOut(code: FunctionCode, call: CallValue): boolean {
  if (statementOf(code, call)?.kind === 'return') return true
  const target = assignedTo(code, call)
  if (target === null) return false
  const name = target.kind === 'variable' ? target.name : nameOf(target)
  if (name === null) return target.kind === 'member' || target.kind === 'index'
  if (!declaresName(code, name)) return true
  return eachStatement(code.body).some(
    (each) =>
      each.kind === 'return' &&
      each.value !== null &&
      [...eachValue(each.value)].some((value) => value.kind === 'name' && value.name === name),
  )
}

/** Functions that do not keep a type that they are given. */
const harmless = /^(?:Py_X?DECREF|Py_CLEAR|Py_X?INCREF|PyErr_\w+|PyType_GetSlot|PyType_Check)$/

function isReturned(code: FunctionCode, call: CallValue, name: string): boolean {
  if (inCasts(code, call).parent?.kind === 'return') return true
  return eachStatement(code.body).some(
    (each) => each.kind === 'return' && each.value !== null && name !== '' && nameOf(each.value) === name,
  )
}
