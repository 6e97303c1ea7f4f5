import type { Finding, Rule } from '../analyzer/check/rule.ts'
import { assignedTo, inCasts, nameAt, parentsIn } from '../analyzer/code/placement.ts'
import { valuesInCode } from '../analyzer/code/statements.ts'
import type { DeclaredVariable, FunctionCode, Statement, Value, Variable } from '../analyzer/code/tree.ts'
import { calleeName, isNull, plainText } from '../analyzer/code/values.ts'
import { variablesIn } from '../analyzer/code/variables.ts'
import type { CType } from '../analyzer/knowledge/ctype.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { buildDoubts, compiledAt } from '../analyzer/semantics/calls.ts'
import { functionsOf } from '../analyzer/semantics/functions.ts'
import { isGivenTo } from '../analyzer/semantics/releases.ts'
import type { FileId, Span } from '../analyzer/source/text.ts'

const maker = (declaration: string, slot = 'Py_tp_methods', after = ''): string => `#include <Python.h>
#include <stdlib.h>
PyObject *spam_hello(PyObject *self, PyObject *none);
PyObject *spam_count(PyObject *self, void *closure);
PyObject *make(void)
{
    ${declaration}
    PyType_Slot slots[] = {{${slot}, table}, {0, NULL}};
    PyType_Spec spec = {"spam.Spam", 0, 0, Py_TPFLAGS_DEFAULT, slots};
    PyObject *type = PyType_FromSpec(&spec);${after}
    return type;
}`

const method = '{"hello", spam_hello, METH_NOARGS, NULL}'

export const shortLivedTypeTable: Rule = {
  name: 'short-lived-type-table',
  summary: 'table of methods or attributes that does not live as long as what is made of it',
  explanation: `\`PyType_FromSpec\` copies the spec, the slots and, from Python 3.9 on, the members. Of methods and
attributes it copies nothing: each descriptor in the type keeps a pointer to its \`PyMethodDef\` or \`PyGetSetDef\`, and
so does what \`PyCFunction_New\`, \`PyDescr_NewMethod\` and their like make. In a variable on the stack, or in memory that
is freed, these are gone at the first call: the process crashes, or calls something else.

Make the table \`static\`.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: maker(`PyMethodDef table[] = {${method}, {NULL}};`),
      reports: {
        at: '8:44 table',
        message: '`table` is on the stack of `make`, and the type keeps pointers into it',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: maker(
        'PyGetSetDef *table = calloc(2, sizeof(PyGetSetDef));\n    table[0].name = "count";',
        'Py_tp_getset',
        '\n    free(table);',
      ),
      reports: {
        at: '9:43 table',
        message: '`table` is freed in `make`, and the type keeps pointers into it',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `PyObject *spam_hello(PyObject *self, PyObject *none);
PyObject *make(PyObject *self)
{
    PyMethodDef hello = ${method};
    return PyCFunction_New(&hello, self);
}`,
      reports: {
        at: '5:29 hello',
        message: '`hello` is on the stack of `make`, and what `PyCFunction_New` makes keeps a pointer to it',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: maker('').replace(', table}', `, (PyMethodDef[]){${method}, {NULL}}}`),
      reports: {
        at: '8:44 (PyMethodDef[]){{"hello", spam_hello, METH_NOARGS, NULL}, {NULL}}',
        message: 'this `PyMethodDef` is on the stack of `make`, and the type keeps pointers into it',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `PyObject *spam_hello(PyObject *self, PyObject *none);
int add(PyObject *module)
{
    PyMethodDef table[] = {${method}, {NULL}};
    return PyModule_AddFunctions(module, &table[0]);
}`,
      reports: {
        at: '5:43 table',
        message: '`table` is on the stack of `add`, and what `PyModule_AddFunctions` makes keeps a pointer to it',
      },
    },
    { kind: 'good', target: '3.9', code: maker(`static PyMethodDef table[] = {${method}, {NULL}};`) },
    {
      kind: 'good',
      target: '3.9',
      code: `#define LASTING static\n${maker(`LASTING PyMethodDef table[] = {${method}, {NULL}};`)}`,
    },
    // The outer one is meant.
    {
      kind: 'good',
      target: '3.9',
      code: `PyObject *spam_hello(PyObject *self, PyObject *none);
static PyMethodDef hello = ${method};
PyObject *make(PyObject *self, int says)
{
    if (says) {
        PyMethodDef hello = ${method};
        PySys_WriteStdout("%s", hello.ml_name);
    }
    return PyCFunction_New(&hello, self);
}`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: maker('PyMemberDef table[] = {{"count", 1, 16, 0, NULL}, {NULL}};', 'Py_tp_members').replace(
        '<stdlib.h>',
        '<structmember.h>',
      ),
    },
    { kind: 'good', target: '3.9', code: maker('PyMethodDef *table = calloc(2, sizeof(PyMethodDef));') },
    {
      kind: 'good',
      target: '3.9',
      code: maker('PyMethodDef *table = calloc(2, sizeof(PyMethodDef));').replace(
        'return type',
        'if (type == NULL) free(table);\n    return type',
      ),
    },
    {
      kind: 'good',
      target: '3.9',
      code: `PyObject *call(PyObject *self, PyObject *from)
{
    PyMethodDef hello = {"hello", (PyCFunction)PyObject_Repr, METH_NOARGS, NULL};
    PyObject *function = PyCFunction_New(&hello, self);
    PyObject *result = PyObject_CallFunctionObjArgs(from, function, NULL);
    Py_DECREF(function);
    return result;
}`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: `PyObject *make(PyObject *self, PyMethodDef *from)
{
    PyMethodDef copy = *from, *kept = PyMem_New(PyMethodDef, 1);
    *kept = copy;
    return PyCFunction_New(kept, self);
}`,
    },
  ],
  *check({ model }) {
    for (const file of model.files.keys()) {
      const code = model.project.code(file)
      const functions = new Set<FunctionCode>()
      for (const name of tables)
        for (const { span, isInDirective } of code.occurrences(name)) {
          const around = isInDirective ? null : code.functionAt(span.start)
          if (around) functions.add(around)
        }
      for (const around of functions) {
        yield* literalsKept(model, file, around)
        for (const variable of variablesIn(around)) {
          const end = endOf(around, variable)
          if (end !== null && !isOfMacro(model, file, variable)) yield* keptIn(model, file, around, variable, end)
        }
      }
    }
  },
}

const tables = ['PyMethodDef', 'PyGetSetDef']

/** The types of variables that are such a table, or an entry of one. */
const isTable = /^(?:struct )?Py(?:MethodDef|GetSetDef)(?:\[\])?$/

/** Where what a variable of a function holds or points to ends; null where it may live on. */
function endOf(around: FunctionCode, { name, type, storage }: Variable): 'stack' | 'free' | null {
  // What stands in `main` is there as long as Python is.
  if (storage !== '' || /^w?main$/.test(around.name)) return null
  if (isTable.test(type)) return 'stack'
  return /^(?:struct )?Py(?:MethodDef|GetSetDef)\*$/.test(type) && isGivenTo(around, 'free', name) ? 'free' : null
}

/** Whether a macro of the project stands before the type of a variable, which may be `static`. */
function isOfMacro(model: ProjectModel, file: FileId, { declaration, nameSpan }: DeclaredVariable): boolean {
  const before = model.project.code(file).namesIn({ start: declaration.span.start, end: nameSpan.start })
  return before.some(({ name }) => functionsOf(model).macrosNamed(file, name).length > 0)
}

/** The places where something that lives on is given a variable's address. */
function* keptIn(
  model: ProjectModel,
  file: FileId,
  around: FunctionCode,
  { name, nameSpan, type, declaration }: DeclaredVariable,
  end: 'stack' | 'free',
): Iterable<Finding> {
  const scope = blockAround(around, declaration)
  for (const start of model.project.code(file).referencesIn(name, scope)) {
    const value = start === nameSpan.start ? null : nameAt(around, start)
    const span = { start, end: start + name.length }
    if (value) yield* finding(model, file, around, { value, type, span, shown: `\`${name}\``, end })
  }
}

/** The block that a declaration stands in, the function for none. */
function blockAround(around: FunctionCode, declaration: Statement): Span {
  const parents = parentsIn(around)
  let at = parents.get(declaration)
  while (at !== undefined && at.kind !== 'block' && at.kind !== 'loop' && at.kind !== 'code') at = parents.get(at)
  return (at ?? around).span
}

/** `(PyMethodDef[]){...}`, which is gone with the block that it stands in, where something that lives on gets it. */
function* literalsKept(model: ProjectModel, file: FileId, around: FunctionCode): Iterable<Finding> {
  const parents = parentsIn(around)
  for (const value of valuesInCode(around.body)) {
    const cast = value.kind === 'braces' ? parents.get(value) : undefined
    if (cast?.kind !== 'cast' || !isTable.test(cast.type)) continue
    const shown = `this \`${tables.find((name) => cast.type.includes(name))}\``
    yield* finding(model, file, around, { value, type: cast.type, span: cast.span, shown, end: 'stack' })
  }
}

interface Kept {
  readonly value: Value
  readonly type: CType
  readonly span: Span
  readonly shown: string
  readonly end: 'stack' | 'free'
}

function* finding(
  model: ProjectModel,
  file: FileId,
  around: FunctionCode,
  { value, type, span, shown, end }: Kept,
): Iterable<Finding> {
  const keeper = keeperOf(around, value, !/[\]*]$/.test(type))
  const compiled = keeper ? compiledAt(model, file, span.start) : 'no'
  if (!keeper || compiled === 'no') return
  yield {
    file,
    ...span,
    symbol: /MethodDef/.test(type) ? 'PyMethodDef' : 'PyGetSetDef',
    notes: buildDoubts(compiled),
    message:
      `${shown} is ${end === 'stack' ? 'on the stack of' : 'freed in'} \`${around.name}\`, and ` +
      (keeper === 'slot' ? 'the type keeps pointers into it' : `what \`${keeper}\` makes keeps a pointer to it`),
    advice: end === 'stack' ? 'Make it `static`.' : 'Keep it as long as what is made of it.',
  }
}

/** Functions that keep a pointer to the definition, by the number of the operand that gets it. */
const keepers: Readonly<Record<string, number>> = {
  PyCFunction_New: 0,
  PyCFunction_NewEx: 0,
  PyCMethod_New: 0,
  PyDescr_NewClassMethod: 1,
  PyDescr_NewGetSet: 1,
  PyDescr_NewMethod: 1,
  PyModule_AddFunctions: 1,
}

/** What keeps a pointer that a name is, or that `&` makes of it: `slot`, or a function; null for nothing. */
function keeperOf(around: FunctionCode, name: Value, isStruct: boolean): string | null {
  let { whole, parent } = inCasts(around, name)
  // `&table[0]`
  const isFirst = !isStruct && parent?.kind === 'index' && parent.object === whole && isNull(parent.index)
  if (isFirst) ({ whole, parent } = inCasts(around, parent as Value))
  if (isStruct || isFirst) {
    if (parent?.kind !== 'unary' || parent.operator !== '&') return null
    ;({ whole, parent } = inCasts(around, parent))
  }
  if (parent?.kind === 'call') {
    const callee = calleeName(parent) ?? ''
    if (!Object.hasOwn(keepers, callee) || parent.operands[keepers[callee]!] !== whole) return null
    const made = assignedTo(around, parent)
    const result = made === null ? '' : made.kind === 'variable' ? made.name : plainText(made)
    // What is given back in the same function may be gone before the definition is.
    return result !== '' && isGivenTo(around, 'decref', result) ? null : callee
  }
  if (parent?.kind === 'assign')
    return parent.value === whole && parent.target.kind === 'member' && parent.target.name === 'pfunc' ? 'slot' : null
  return parent?.kind === 'braces' && isSlot(around, parent) ? 'slot' : null
}

/** Whether braces are an entry of a table of slots. */
function isSlot(around: FunctionCode, entry: Value): boolean {
  const parents = parentsIn(around)
  const table = parents.get(entry)
  const variable = table?.kind === 'braces' ? parents.get(table) : undefined
  return variable?.kind === 'variable' && /^PyType_Slot\[\]$/.test(variable.type)
}
