import type { Rule } from '../analyzer/check/rule.ts'
import { callsIn } from '../analyzer/code/placement.ts'
import { eachStatement } from '../analyzer/code/statements.ts'
import type { FunctionCode, Statement, Value } from '../analyzer/code/tree.ts'
import { calleeName, nameOf } from '../analyzer/code/values.ts'
import { variablesOf } from '../analyzer/code/variables.ts'
import { oldestPython } from '../analyzer/knowledge/target.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { buildDoubts, compiledAt } from '../analyzer/semantics/calls.ts'
import { type FunctionRole, tableRolesOf } from '../analyzer/semantics/function-roles.ts'
import { functionsOf } from '../analyzer/semantics/functions.ts'
import type { FileId } from '../analyzer/source/text.ts'

const spam = (body: string, method = '{"spam", spam, METH_NOARGS, NULL}'): string => `#include <Python.h>
static PyObject *spam(PyObject *module, PyObject *none)
{
    ${body}
}
PyMethodDef methods[] = {${method}, {NULL}};`

const compare = (end: string): string => `#include <Python.h>
static PyObject *spam_compare(PyObject *a, PyObject *b, int op)
{
    if (op != Py_EQ)
        ${end}
    return PyBool_FromLong(a == b);
}
PyType_Slot spam_slots[] = {{Py_tp_richcompare, spam_compare}, {0, NULL}};`

export const unownedSingleton: Rule = {
  name: 'unowned-singleton',
  summary: '`Py_None`, `Py_NotImplemented` or the like that is returned without a reference',
  explanation: `Functions that CPython calls return a new reference, and CPython gives it back. Before Python 3.12 that
counts for \`Py_None\`, \`Py_True\`, \`Py_False\`, \`Py_Ellipsis\` and \`Py_NotImplemented\`, too: each call of a function
that returns one without \`Py_INCREF\` takes one reference away that another part of the program needs. When none is
left, Python ends with a fatal error, or what it does is not defined. From 3.12 on these objects are never freed.

\`Py_RETURN_NONE\`, \`Py_RETURN_TRUE\`, \`Py_RETURN_FALSE\` and \`Py_RETURN_NOTIMPLEMENTED\` return a new reference.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.11',
      compiler: 'silent',
      code: compare('return Py_NotImplemented;'),
      reports: {
        at: '5:16 Py_NotImplemented',
        message:
          '`spam_compare` returns `Py_NotImplemented` without a reference of its own, and CPython gives one back',
      },
      fixed: compare('Py_RETURN_NOTIMPLEMENTED;'),
      fixes: 'unsafe',
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spam('return Py_None;'),
      reports: {
        at: '4:12 Py_None',
        message: '`spam` returns `Py_None` without a reference of its own, and CPython gives one back',
      },
      fixed: spam('Py_RETURN_NONE;'),
      fixes: 'unsafe',
    },
    { kind: 'good', target: '3.12', code: spam('return Py_None;') },
    {
      kind: 'good',
      target: '3.9',
      code: spam('PyObject *nothing = Py_None;\n    Py_INCREF(nothing);\n    return Py_None;'),
    },
    {
      kind: 'good',
      target: '3.9',
      code: `#define COUNT_NONE Py_INCREF(Py_None)\n${spam('COUNT_NONE;\n    return Py_None;')}`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: `void *counted(void *);\n${spam('counted(Py_None);\n    return Py_None;')}`,
    },
    { kind: 'good', target: '3.9', code: spam('Py_INCREF(Py_None);\n    return Py_None;') },
    { kind: 'good', target: '3.10', code: spam('return Py_NewRef(Py_None);') },
    { kind: 'good', target: '3.9', code: spam('return Py_None;', '{NULL}') },
  ],
  *check({ model, target }) {
    // From then on they are immortal.
    if (oldestPython(target) >= 12) return
    for (const file of model.files.keys()) {
      const code = model.project.code(file)
      const returned = [...singletons.keys()].flatMap((name) =>
        code.occurrences(name).flatMap(({ span, isInDirective }) => {
          const around = isInDirective ? null : code.functionAt(span.start)
          const end = around && returnAt(around, span.start)
          return end ? [{ name, span, around: around!, end }] : []
        }),
      )
      for (const { name, span, around, end } of returned) {
        const compiled = compiledAt(model, file, span.start)
        if (compiled === 'no' || countsItself(model, file, around, name) || !givesToPython(model, file, around))
          continue
        const doubts = buildDoubts(compiled)
        const macro = singletons.get(name)!
        yield {
          file,
          ...span,
          symbol: name,
          notes: doubts,
          ...(doubts.length > 0 ? { severity: 'info' } : {}),
          message: `\`${around.name}\` returns \`${name}\` without a reference of its own, and CPython gives one back`,
          advice: macro === '' ? 'Count one by `Py_INCREF`.' : `Write \`${macro}\`.`,
          fix:
            macro === ''
              ? null
              : {
                  title: `write \`${macro}\``,
                  safety: 'unsafe',
                  reason: 'code of the project that calls the function may count on no new reference',
                  includes: [],
                  shims: [],
                  kind: 'file',
                  rewrites: [{ start: end.span.start, end: span.end, pieces: [macro] }],
                },
        }
      }
    }
  },
}

/** Objects that there are once, with the macros that return them. */
const singletons: ReadonlyMap<string, string> = new Map([
  ['Py_None', 'Py_RETURN_NONE'],
  ['Py_True', 'Py_RETURN_TRUE'],
  ['Py_False', 'Py_RETURN_FALSE'],
  ['Py_NotImplemented', 'Py_RETURN_NOTIMPLEMENTED'],
  ['Py_Ellipsis', ''],
])

/** The statement that returns the name at an offset, and no more: `return Py_None;`. */
const returnAt = (code: FunctionCode, offset: number): Statement | null =>
  eachStatement(code.body).find(
    (each) => each.kind === 'return' && each.value?.kind === 'name' && each.value.span.start === offset,
  ) ?? null

/** Whether a function may count a reference to the object: by another name of it, by a macro or a helper, too. */
function countsItself(model: ProjectModel, file: FileId, code: FunctionCode, name: string): boolean {
  const variables = variablesOf(code)
  const isIt = (value: Value): boolean => {
    const named = nameOf(value)
    return named === name || (variables.get(named ?? '') ?? []).some((each) => nameOf(each) === name)
  }
  if (callsIn(code).some((call) => !readers.test(calleeName(call) ?? '') && call.operands.some(isIt))) return true
  const word = new RegExp(`\\b${name}\\b`)
  return model.project
    .code(file)
    .namesIn(code.span)
    .flatMap((each) => functionsOf(model).macrosNamed(file, each.name))
    .some((each) => word.test(model.project.code(each.file).text.slice(each.code.span.start, each.code.span.end)))
}

/** Functions of CPython's that leave the count of an operand as it is. */
const readers = /^(?:Py_(?:Is\w*|TYPE|DECREF|XDECREF)|Py(?:Object|Dict|List|Tuple|Module|Err)_\w+|Py_BuildValue)$/

/** Whether all that calls a function, but for the project, takes a new reference from it. */
function givesToPython(model: ProjectModel, file: FileId, code: FunctionCode): boolean {
  const roles = tableRolesOf(model, { file, code })
  return roles.length > 0 && roles.every(takesReference)
}

const takesReference = ({ kind, name }: FunctionRole): boolean =>
  /^(?:module function|function|method|getter)$/.test(kind) ||
  (kind === 'slot' && /^(?:nb|sq|mp|am|tp)_/.test(name) && !/^tp_(?:alloc|vectorcall)$/.test(name))
