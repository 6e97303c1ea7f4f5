import type { Rule } from '../analyzer/check/rule.ts'
import { nameAt, parentsIn } from '../analyzer/code/placement.ts'
import { bodyValue } from '../analyzer/code/statements.ts'
import type { FunctionCode, Value, Variable } from '../analyzer/code/tree.ts'
import { nameOf } from '../analyzer/code/values.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { buildDoubts, compiledAt } from '../analyzer/semantics/calls.ts'
import { functionsOf } from '../analyzer/semantics/functions.ts'

const from = 13

export const singletonInStaticInitializer: Rule = {
  name: 'singleton-in-static-initializer',
  summary: '`Py_None` and the like as the initial value of a static variable in C, for 3.13 and later',
  explanation: `From level 3.13 on the Limited API defines \`Py_None\`, \`Py_True\`, \`Py_False\`, \`Py_Ellipsis\` and
\`Py_NotImplemented\` as calls of \`Py_GetConstantBorrowed\`. C takes no call as the initial value of a variable at file
level, or of a \`static\` one in a function: "initializer element is not constant". Set the variable where the module is
made. In C++ such a variable is set when the library is loaded, so there is nothing to do.`,
  severity: 'error',
  effect: 'build-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.13',
      code: '#include <Python.h>\nstatic PyObject *last = Py_None;\nPyObject *get(void) { return last; }',
      reports: {
        at: '2:25 Py_None',
        message: 'from level 3.13 on `Py_None` is a call, which C does not take as the initial value of `last`',
      },
    },
    {
      kind: 'bad',
      target: '3.14',
      code: `#include <Python.h>
PyObject *get(int i)
{
    static const struct { const char *name; PyObject *value; } all[] = {{"yes", (PyObject *)Py_True}};
    return all[i].value;
}`,
      reports: {
        at: '4:93 Py_True',
        message: 'from level 3.13 on `Py_True` is a call, which C does not take as the initial value of `all`',
      },
    },
    {
      kind: 'bad',
      target: '3.13',
      code: `#include <Python.h>
#define DEFAULT Py_None
PyObject *last = DEFAULT;`,
      reports: {
        at: '3:18 DEFAULT',
        message: 'from level 3.13 on `Py_None` is a call, which C does not take as the initial value of `last`',
      },
    },
    {
      kind: 'bad',
      target: '3.13',
      code: '#include <Python.h>\nPyObject *all[2] = { [1] = Py_Ellipsis };',
      reports: {
        at: '2:28 Py_Ellipsis',
        message: 'from level 3.13 on `Py_Ellipsis` is a call, which C does not take as the initial value of `all`',
      },
    },
    { kind: 'good', target: '3.12', code: '#include <Python.h>\nPyObject *last = Py_None;' },
    { kind: 'good', target: '3.13', file: 'example.cpp', code: '#include <Python.h>\nPyObject *last = Py_None;' },
    {
      kind: 'good',
      target: '3.13',
      code: `#include <Python.h>
PyObject *get(void)
{
    PyObject *last = Py_None, *all[] = {Py_None};
    return all[0] = last;
}`,
    },
  ],
  *check({ model, target }) {
    if (target.level < from) return
    for (const [name, singleton] of singletonNames(model))
      for (const file of model.project.filesWith(name)) {
        if (model.files[file]!.dialect === 'cpp') continue
        const code = model.project.code(file)
        for (const start of code.references(name)) {
          const around = code.isInDirective(start) ? null : code.codeAt(start)
          const value = around && nameAt(around, start)
          const variable = around && value && initialisedBy(around, value, code.text)
          const compiled = compiledAt(model, file, start)
          if (!variable || !isStatic(around, variable) || compiled === 'no') continue
          yield {
            file,
            start,
            end: start + name.length,
            symbol: singleton,
            ...(compiled === 'yes' ? {} : { severity: 'warning', notes: buildDoubts(compiled) }),
            message:
              `from level 3.13 on \`${singleton}\` is a call, which C does not take as the initial value of ` +
              `\`${variable.name}\``,
            advice: 'Set it where the module is made.',
          }
        }
      }
  },
}

const singletons = ['Py_None', 'Py_True', 'Py_False', 'Py_Ellipsis', 'Py_NotImplemented']

/** The names of the singletons, and of macros that stand for them, with the singleton. */
function singletonNames(model: ProjectModel): ReadonlyMap<string, string> {
  const found = new Map(singletons.map((name) => [name, name]))
  for (const [file, { macros }] of model.files.entries())
    for (const { name, parameters, bodyStart, bodyEnd } of macros) {
      const singleton =
        parameters === null &&
        singletons.find((each) => model.project.code(file).text.slice(bodyStart, bodyEnd).includes(each))
      if (!singleton) continue
      const [body, ...others] = functionsOf(model).macrosNamed(file, name)
      const value = body && others.length === 0 ? bodyValue(body.code) : null
      if (value && nameOf(value) === singleton) found.set(name, singleton)
    }
  return found
}

/** The variable whose initial value a value is, or is a part of; null for what stands in a call, and all else. */
function initialisedBy(code: FunctionCode, value: Value, text: string): Variable | null {
  const parents = parentsIn(code)
  for (let at = parents.get(value); at; at = parents.get(at)) {
    if (at.kind === 'variable') return at
    // `[1] = Py_None`, of which the place is not read.
    const isItem = at.kind === 'unknown' && text[at.span.start] === '['
    if (!isItem && !/^(?:braces|group|cast|conditional|binary|unary)$/.test(at.kind)) return null
  }
  return null
}

const isStatic = (code: FunctionCode, { storage }: Variable): boolean => code.kind === 'file' || storage === 'static'
