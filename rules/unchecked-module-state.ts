import type { Finding, Rule } from '../analyzer/check/rule.ts'
import { assignedTo, inCasts, leadOf, statementOf } from '../analyzer/code/placement.ts'
import { valuesInCode } from '../analyzer/code/statements.ts'
import type { CallValue, FunctionCode } from '../analyzer/code/tree.ts'
import { bare, isNull, plainText } from '../analyzer/code/values.ts'
import type { Fix } from '../analyzer/fix/fix.ts'
import { oldestPython } from '../analyzer/knowledge/target.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { foreignLookups } from '../analyzer/semantics/foreign-lookups.ts'
import { isNegative, type ModuleDef, moduleDefs } from '../analyzer/semantics/module-defs.ts'
import { isComparedWithNull } from '../analyzer/semantics/null-tests.ts'
import { type StateLookup, stateLookups } from '../analyzer/semantics/state-lookups.ts'
import type { FileId } from '../analyzer/source/text.ts'

const spam = (
  functions: string,
  fields = '.m_size = sizeof(State), .m_slots = slots, .m_traverse = spam_traverse',
): string => `typedef struct { PyObject *error; } State;
static PyModuleDef spam_def;
${functions}
static PyModuleDef_Slot slots[] = {{0, NULL}};
static PyModuleDef spam_def = {PyModuleDef_HEAD_INIT, .m_name = "spam", ${fields}};
PyMODINIT_FUNC PyInit_spam(void) { return PyModuleDef_Init(&spam_def); }`

const traverse = (test: string): string => `static int spam_traverse(PyObject *m, visitproc visit, void *arg)
{
    State *state = PyModule_GetState(m);
    ${test}Py_VISIT(state->error);
    return 0;
}`

const add = (test: string): string =>
  spam(
    `static PyObject *spam_add(PyObject *left, PyObject *right)
{
    PyObject *m = PyType_GetModuleByDef(Py_TYPE(left), &spam_def);
    ${test}State *state = PyModule_GetState(m);
    return PyNumber_Add(state->error, right);
}
PyType_Slot type_slots[] = {{Py_nb_add, spam_add}, {0, NULL}};`,
    '.m_size = sizeof(State), .m_slots = slots',
  )

const noRoom = (size: string, slots: string): string => `typedef struct { PyObject *error; } State;
static PyObject *spam(PyObject *m, PyObject *none)
{
    State *state = PyModule_GetState(m);
    return PyObject_Str(state->error);
}
static PyMethodDef methods[] = {{"spam", spam, METH_NOARGS, NULL}, {NULL}};
static PyModuleDef_Slot slots[] = {{0, NULL}};
static PyModuleDef spam_def = {PyModuleDef_HEAD_INIT, "spam", NULL, ${size}, methods, ${slots}};
PyMODINIT_FUNC PyInit_spam(void) { return slots[0].slot ? NULL : PyModule_Create(&spam_def); }`

export const uncheckedModuleState: Rule = {
  name: 'unchecked-module-state',
  summary: 'a module, or its state, that is used without a test where it can be `NULL`',
  explanation: `\`PyType_GetModuleByDef\` gives \`NULL\` with an exception for a type that the module has not made.
Slots for two operands are called with foreign ones, too: for \`1 + spam\` the first operand of \`nb_add\` is an
\`int\`. \`PyModule_GetState(NULL)\` crashes.

Up to Python 3.8 \`m_traverse\`, \`m_clear\` and \`m_free\` of a module with slots are called before there is a state,
for example for a module that is made and never executed; from 3.9 on they are not.

A module whose \`m_size\` is 0 or negative has no state: \`PyModule_GetState\` gives \`NULL\`, or with slots the address
of nothing.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.13',
      compiler: 'silent',
      code: add(''),
      reports: {
        at: '5:19 PyType_GetModuleByDef(Py_TYPE(left), &spam_def)',
        message:
          '`PyType_GetModuleByDef` gives `NULL` where `left` of `nb_add` is a foreign object, which is not tested',
      },
    },
    { kind: 'good', target: '3.13', code: add('if (m == NULL) { PyErr_Clear(); Py_RETURN_NOTIMPLEMENTED; }\n    ') },
    {
      kind: 'good',
      target: '3.13',
      code: spam(
        `static PyObject *spam_repr(PyObject *self)
{
    State *state = PyModule_GetState(PyType_GetModuleByDef(Py_TYPE(self), &spam_def));
    return PyObject_Str(state->error);
}
PyType_Slot type_slots[] = {{Py_tp_repr, spam_repr}, {0, NULL}};`,
        '.m_size = sizeof(State), .m_slots = slots',
      ),
    },
    {
      kind: 'bad',
      target: '3.8',
      headers: '3.9',
      compiler: 'silent',
      code: spam(traverse('')),
      reports: {
        at: '5:20 PyModule_GetState(m)',
        message: 'Python up to 3.8 calls `spam_traverse` before the module has a state, which is not tested',
      },
      fixed: spam(traverse('if (state == NULL)\n        return 0;\n    ')),
    },
    { kind: 'good', target: '3.8', headers: '3.9', code: spam(traverse('if (state == NULL) return 0;\n    ')) },
    { kind: 'good', target: '3.9', code: spam(traverse('')) },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: noRoom('-1', 'NULL'),
      reports: {
        at: '4:20 PyModule_GetState(m)',
        message: '`PyModule_GetState` always gives `NULL`: the `m_size` of `spam_def` is `-1`',
        severity: 'error',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: noRoom('0', 'slots'),
      reports: {
        at: '4:20 PyModule_GetState(m)',
        message: 'there is no room behind what `PyModule_GetState` gives: the `m_size` of `spam_def` is `0`',
        severity: 'error',
      },
    },
    { kind: 'good', target: '3.9', code: noRoom('sizeof(State)', 'NULL') },
  ],
  *check({ model, target }) {
    for (const { lookup, origin, slot, result } of foreignLookups(model)) {
      if (result !== 'unchecked') continue
      const { file, call, macro, doubts } = lookup
      const name = origin.body.code.parameters[origin.parameter]!.name
      yield {
        file,
        ...call.span,
        macro,
        symbol: 'PyType_GetModuleByDef',
        notes: doubts,
        message:
          `\`PyType_GetModuleByDef\` gives \`NULL\` where \`${name}\` of \`${slot}\` is a foreign object, ` +
          'which is not tested',
        advice: 'Try the types of both operands, clear the error between, and return `Py_NotImplemented` for none.',
      }
    }
    for (const lookup of stateLookups(model, 'PyModule_GetState')) {
      if (oldestPython(target) < 9) yield* early(model, lookup)
      yield* roomless(model, lookup)
    }
  },
}

/** `m_traverse` and the like that look into the state before there is one. */
function* early(model: ProjectModel, { file, around, call, macro, doubts, origins }: StateLookup): Iterable<Finding> {
  for (const { body, roles, through } of origins) {
    const role = roles.find(({ kind, name }) => kind === 'module' && /^m_(?:traverse|clear|free)$/.test(name))
    const def = moduleDefs(model).find(({ stateFunctions }) => stateFunctions.includes(body.code.name))
    // What another function gives is tested there, or here.
    if (!role || through.length > 0 || def?.hasSlots !== 'yes' || isComparedWithNull(model, file, call.span.start))
      continue
    if (!isLookedInto(around, call) || def.sizes.some((each) => isNone(model, def, each))) continue
    yield {
      file,
      ...call.span,
      macro,
      symbol: 'PyModule_GetState',
      notes: doubts,
      message: `Python up to 3.8 calls \`${body.code.name}\` before the module has a state, which is not tested`,
      advice: 'Return where it is `NULL`.',
      fix: macro < 0 ? nullTest(model, file, around, call, role.name === 'm_free' ? 'return;' : 'return 0;') : null,
    }
  }
}

/** Tests the state behind the declaration that it is put into, and behind those that follow and do not use it. */
function nullTest(model: ProjectModel, file: FileId, around: FunctionCode, call: CallValue, ends: string): Fix | null {
  const { text } = model.project.code(file)
  const target = assignedTo(around, call)
  const statement = statementOf(around, call)
  const first = statement ? around.body.indexOf(statement) : -1
  if (target?.kind !== 'variable' || statement?.kind !== 'declaration' || first < 0) return null
  const lead = leadOf(text, statement.span)
  const behind = around.body.slice(first + 1).findIndex(({ kind }) => kind !== 'declaration')
  const last = around.body[behind < 0 ? -1 : first + behind]
  if (!last || !lead.includes('\n')) return null
  const between = text.slice(statement.span.end, last.span.end)
  if (/^[ \t]*#/m.test(between) || new RegExp(`\\b${target.name}\\b`).test(between)) return null
  return {
    title: 'return where there is no state',
    safety: 'safe',
    reason: '',
    includes: [],
    shims: [],
    kind: 'file',
    rewrites: [{ ...last.span, pieces: [last.span, `${lead}if (${target.name} == NULL)${lead}    ${ends}`] }],
  }
}

/** The state of a module that has none. */
function* roomless(model: ProjectModel, lookup: StateLookup): Iterable<Finding> {
  const { file, around, call, macro, doubts, origins } = lookup
  const ofModule = origins.length > 0 && origins.every(({ roles }) => roles.every((role) => isOfModule.test(role.kind)))
  const [def, ...others] = moduleDefs(model).filter((each) => each.file === file)
  const [size, ...sizes] = def?.sizes ?? []
  if (!ofModule || !def || others.length > 0 || sizes.length > 0 || def.hasSlots === 'unknown') return
  if ((size !== undefined && !isNone(model, def, size)) || isComparedWithNull(model, file, call.span.start)) return
  if (!isLookedInto(around, call)) return
  const what =
    def.hasSlots === 'yes'
      ? 'there is no room behind what `PyModule_GetState` gives'
      : '`PyModule_GetState` always gives `NULL`'
  const shown = size === undefined ? '0' : plainText(size)
  yield {
    file,
    ...call.span,
    macro,
    symbol: 'PyModule_GetState',
    ...(doubts.length > 0 ? { notes: doubts } : { severity: 'error' }),
    message: `${what}: the \`m_size\` of \`${def.variable}\` is \`${shown}\``,
    advice: 'Make `m_size` the size of the struct.',
  }
}

const isOfModule = /^(?:module function|exec|module)$/

/** Whether a function looks into the struct that a call gives, there or by the variable that it is put into. */
function isLookedInto(code: FunctionCode, call: CallValue): boolean {
  if (inCasts(code, call).parent?.kind === 'member') return true
  const target = assignedTo(code, call)
  const name = target?.kind === 'variable' ? target.name : target && plainText(target)
  return valuesInCode(code.body).some((each) => each.kind === 'member' && each.arrow && plainText(each.object) === name)
}

/** Whether an `m_size` is none. */
const isNone = (model: ProjectModel, { file }: ModuleDef, size: ModuleDef['sizes'][number]): boolean =>
  isNull(bare(size)) || isNegative(model, file, size)
