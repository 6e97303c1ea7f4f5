import type { Finding, Rule } from '../analyzer/check/rule.ts'
import { oldestPython } from '../analyzer/knowledge/target.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { buildDoubts, callsOf, compiledAt } from '../analyzer/semantics/calls.ts'
import { usesOf } from '../analyzer/semantics/global-uses.ts'
import { type GlobalVariable, globalVariables } from '../analyzer/semantics/global-variables.ts'
import { type ModuleSlotTable, moduleSlotTables } from '../analyzer/semantics/module-slots.ts'
import { type Module, modulesOf } from '../analyzer/semantics/modules.ts'
import { isDefinition } from '../analyzer/semantics/object-holders.ts'

const spam = (
  slots: string,
  before = '',
  body = 'return PyLong_FromLong(42);',
): string => `${before}static PyObject *answer(PyObject *m, PyObject *none)
{
    ${body}
}
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, NULL}, {NULL}};
static PyModuleDef_Slot slots[] = {${slots}{0, NULL}};
static PyModuleDef spam_def = {PyModuleDef_HEAD_INIT, "spam", NULL, 0, methods, slots};
PyMODINIT_FUNC PyInit_spam(void) { return PyModuleDef_Init(&spam_def); }`

const cached = 'if (cache == NULL)\n        cache = PyDict_New();\n    return Py_XNewRef(cache);'

export const undeclaredModuleSupport: Rule = {
  name: 'undeclared-module-support',
  summary: 'a module in phases that does not say for which interpreters it is',
  explanation: `From Python 3.12 on a module says by \`Py_mod_multiple_interpreters\` which interpreters may import it.
Where it says nothing it is taken to be for several interpreters that share a GIL. An interpreter with a GIL of its own,
as \`concurrent.interpreters\` makes them, refuses it with \`ImportError: module spam does not support loading in
subinterpreters\`, though a module that keeps nothing in static variables needs no more than the slot.

A module whose static variables hold objects says the opposite of what it is: an interpreter uses, and frees, objects of
another one. It should say \`Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED\`.

The C libraries that a module uses may keep something for the process, too: that is not looked at. The same holds for
\`Py_mod_gil\` of Python 3.13, without which a free-threaded Python turns its GIL on.`,
  severity: 'info',
  effect: 'advice',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: spam(''),
      reports: {
        at: '6:25 slots',
        message:
          '`slots` does not say `Py_mod_multiple_interpreters`, so interpreters with a GIL of their own refuse ' +
          '`spam`, which keeps nothing for the process',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: spam('', 'static PyObject *cache;\n', cached),
      reports: {
        at: '9:25 slots',
        message:
          '`slots` does not say `Py_mod_multiple_interpreters`, so several interpreters may import `spam`, whose ' +
          '`cache` holds objects of one',
      },
    },
    {
      kind: 'good',
      target: '3.12',
      code: spam('{Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED}, '),
    },
    { kind: 'good', target: '3.11', code: spam('') },
    {
      kind: 'good',
      target: '3.12',
      code: spam('', 'static int calls;\n', 'return PyLong_FromLong(++calls);'),
    },
  ],
  *check({ model, buildFiles, target }) {
    // Older Pythons refuse the slot.
    if (oldestPython(target) < 12) return
    const modules = modulesOf(model.project, buildFiles)
    for (const table of moduleSlotTables(model)) {
      const own = modules.filter(({ definedIn, files }) => definedIn === table.file || files.includes(table.file))
      if (!isSilent(model, table) || own.length !== 1) continue
      const finding = findingFor(model, table, own[0]!)
      if (finding) yield finding
    }
  },
}

/** Whether a table is that of a module and says nothing of interpreters, in no branch of conditions. */
function isSilent(model: ProjectModel, { file, type, variable, slots, isWhole, span }: ModuleSlotTable): boolean {
  // A function that makes the module may refuse to, as Cython's does.
  const mayTell = /^Py_(?:mod_multiple_interpreters|mod_create|slot_subslots|mod_slots)$/
  if (!isWhole || slots.some(({ name }) => mayTell.test(name))) return false
  if (type === 'PySlot' && !slots.some(({ name }) => name.startsWith('Py_mod_'))) return false
  // What is not compiled here may say it, and code may add to the table.
  const code = model.project.code(file)
  if (code.text.includes('Py_mod_multiple_interpreters')) return false
  return code.references(variable).every((offset) => offset === span.start || !/^\s*\[/.test(after(code.text, offset)))
}

const after = (text: string, offset: number): string => text.slice(offset).replace(/^\w+/, '').slice(0, 20)

function findingFor(model: ProjectModel, table: ModuleSlotTable, { name, files }: Module): Finding | null {
  const kept = globalVariables(model, files)
  const objects = kept.filter((each) => each.holds !== 'data' && isChanged(model, each))
  const [first] = objects
  const start = `\`${table.variable}\` does not say \`Py_mod_multiple_interpreters\`, so`
  const at = {
    file: table.file,
    ...table.span,
    symbol: 'Py_mod_multiple_interpreters',
    notes: buildDoubts(compiledAt(model, table.file, table.span.start)),
  }
  if (first) {
    const others = objects.length - 1
    const more = others === 0 ? '' : others === 1 ? ' and another variable' : ` and ${others} other variables`
    const holds = others > 0 ? 'hold objects of one' : first.holds === 'type' ? 'is of one' : 'holds objects of one'
    return {
      ...at,
      message: `${start} several interpreters may import \`${name}\`, whose \`${first.name}\`${more} ${holds}`,
      advice: 'Say `Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED` until they are in the state of the module.',
    }
  }
  // What only the main interpreter gives, or the first.
  const isTied = ['PyGILState_Ensure', 'PyState_FindModule'].some((each) => [...callsOf(model, each)].length > 0)
  if (isTied || kept.some((each) => each.holds === 'data' && isChanged(model, each))) return null
  return {
    ...at,
    message: `${start} interpreters with a GIL of their own refuse \`${name}\`, which keeps nothing for the process`,
    advice: 'Say `Py_MOD_PER_INTERPRETER_GIL_SUPPORTED` if the libraries that it uses keep nothing either.',
  }
}

/** Whether a variable of the process holds a type, or something that changes. */
function isChanged(model: ProjectModel, variable: GlobalVariable): boolean {
  const { holds, isThreadLocal, isConstant, type } = variable
  if (isThreadLocal || (holds === 'data' && (isConstant || isDefinition(type)))) return false
  return holds === 'type' || usesOf(model, variable).some(({ how }) => how !== 'read')
}
