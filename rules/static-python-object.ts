import type { Finding, Rule } from '../analyzer/check/rule.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { buildDoubts, compiledAt } from '../analyzer/semantics/calls.ts'
import { usesOf } from '../analyzer/semantics/global-uses.ts'
import { type GlobalVariable, globalVariables } from '../analyzer/semantics/global-variables.ts'
import { moduleSlotTables } from '../analyzer/semantics/module-slots.ts'
import { modulesOf } from '../analyzer/semantics/modules.ts'

const spam = (variable: string, body: string, says = 'Py_MOD_PER_INTERPRETER_GIL_SUPPORTED'): string => `${variable}
PyObject *spam(PyObject *self, PyObject *none)
{
    ${body}
}
static PyModuleDef_Slot spam_slots[] = {{Py_mod_multiple_interpreters, ${says}}, {0, NULL}};
static PyModuleDef spam_def = {PyModuleDef_HEAD_INIT, .m_name = "spam", .m_slots = spam_slots};
PyMODINIT_FUNC PyInit_spam(void) { return PyModuleDef_Init(&spam_def); }`

const cached = `if (cache == NULL)
        cache = PyDict_New();
    return Py_XNewRef(cache);`

export const staticPythonObject: Rule = {
  name: 'static-python-object',
  summary: 'a variable that holds objects, in a module for interpreters with a GIL of their own',
  explanation: `\`Py_MOD_PER_INTERPRETER_GIL_SUPPORTED\` says that a module may be used by several interpreters at
once, each with a GIL of its own. What a static or global variable holds is there once for the whole process: an object
that one interpreter has made is used by another, whose threads change its reference count at the same time. That
corrupts memory, and objects of an interpreter that has ended are used after they are gone.

Keep such objects in the state of the module, and make types with \`PyType_FromModuleAndSpec\`; \`abi3lint module\`
lists the variables with the functions that use them. Until then the module must say
\`Py_MOD_MULTIPLE_INTERPRETERS_SUPPORTED\` at most. Where a module does not promise it, this rule says nothing.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: spam('static PyObject *cache;', cached),
      reports: {
        at: '1:18 cache',
        message:
          '`cache` holds objects of whichever interpreter sets it: `spam` is for interpreters with a GIL of their own',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: spam('', `static PyObject *cache = NULL;\n    ${cached}`),
      reports: {
        at: '4:22 cache',
        message:
          '`cache` holds objects of whichever interpreter sets it: `spam` is for interpreters with a GIL of their own',
      },
    },
    {
      kind: 'good',
      target: '3.12',
      code: spam('static PyObject *cache;', cached, 'Py_MOD_MULTIPLE_INTERPRETERS_SUPPORTED'),
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: spam('void fill(PyObject **);\nstatic PyObject *cache;', 'fill(&cache);\n    return Py_NewRef(cache);'),
      reports: {
        at: '2:18 cache',
        message:
          '`cache` holds objects of whichever interpreter sets it: `spam` is for interpreters with a GIL of their own',
        severity: 'info',
        notes: ['its address is handed on: who writes to it is not known'],
      },
    },
    { kind: 'good', target: '3.12', code: spam('static _Thread_local PyObject *cache;', cached) },
    {
      kind: 'good',
      target: '3.12',
      code: spam(
        'static const char *const names[] = {"a"}; static PyObject *none_yet;',
        'return none_yet ? NULL : PyUnicode_FromString(names[0]);',
      ),
    },
  ],
  *check({ model, buildFiles }) {
    const promises = moduleSlotTables(model).flatMap(({ file, slots }) =>
      slots.flatMap((slot) =>
        slot.name === 'Py_mod_multiple_interpreters' && slot.value === 'Py_MOD_PER_INTERPRETER_GIL_SUPPORTED'
          ? [{ file, slot }]
          : [],
      ),
    )
    if (promises.length === 0) return
    const told = new Set<GlobalVariable>()
    for (const { name, files } of modulesOf(model.project, buildFiles)) {
      const promise = promises.find(({ file }) => files.includes(file))
      if (!promise) continue
      for (const variable of globalVariables(model)) {
        if (!files.includes(variable.file) || told.has(variable)) continue
        const finding = findingFor(model, variable, name, promise.slot.compiled)
        if (finding === null) continue
        told.add(variable)
        yield finding
      }
    }
  },
}

function findingFor(
  model: ProjectModel,
  variable: GlobalVariable,
  module: string,
  promised: 'yes' | 'unknown',
): Finding | null {
  const { file, name, span, holds, isThreadLocal, isConstant } = variable
  if (holds === 'data' || isThreadLocal) return null
  const isType = holds === 'type'
  // What nobody writes holds nothing that an interpreter has made.
  const uses = isType ? [] : usesOf(model, variable)
  if (!isType && (isConstant || uses.every(({ how }) => how === 'read'))) return null
  const doubts = [
    ...(promised === 'yes' ? [] : ['whether the module says so depends on options of the build']),
    ...(isType || uses.some(({ how }) => how === 'write')
      ? []
      : ['its address is handed on: who writes to it is not known']),
  ]
  const compiled = compiledAt(model, file, span.start)
  return {
    file,
    ...span,
    symbol: 'PyObject',
    severity: doubts.length === 0 ? 'warning' : 'info',
    notes: [...buildDoubts(compiled), ...doubts],
    message:
      (isType
        ? `\`${name}\` is a type for all interpreters`
        : `\`${name}\` holds objects of whichever interpreter sets it`) +
      `: \`${module}\` is for interpreters with a GIL of their own`,
    advice: isType
      ? 'Make it with `PyType_FromModuleAndSpec`, and keep it in the state of the module.'
      : 'Keep it in the state of the module.',
  }
}
