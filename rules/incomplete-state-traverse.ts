import { listedNames } from '../analyzer/check/listed-names.ts'
import type { Finding, Rule } from '../analyzer/check/rule.ts'
import { callsForMembers } from '../analyzer/fix/member-calls.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { buildDoubts, compiledAt } from '../analyzer/semantics/calls.ts'
import type { Body } from '../analyzer/semantics/functions.ts'
import { type MentionedNames, mentionedNames } from '../analyzer/semantics/mentioned-names.ts'
import { type ModuleState, moduleStates } from '../analyzer/semantics/module-states.ts'
import { isReleased, isSet, type MemberValues, memberUses, memberValues } from '../analyzer/semantics/state-members.ts'

const spam = (
  functions: string,
  fields = '.m_traverse = spam_traverse, .m_clear = spam_clear',
): string => `typedef struct { PyObject *name; PyObject *error; PyObject *type; } State;
extern PyType_Spec spam_spec;
static int spam_exec(PyObject *m)
{
    State *state = PyModule_GetState(m);
    state->name = PyUnicode_FromString("spam");
    state->error = PyErr_NewException("spam.Error", NULL, NULL);
    state->type = PyType_FromModuleAndSpec(m, &spam_spec, NULL);
    return state->name && state->error && state->type ? 0 : -1;
}
${functions}static PyModuleDef_Slot slots[] = {{Py_mod_exec, spam_exec}, {0, NULL}};
PyModuleDef spam_def = {
    PyModuleDef_HEAD_INIT, .m_name = "spam", .m_size = sizeof(State), .m_slots = slots,
    ${fields}
};
`

const functions = (
  visits: string,
  clears: string,
): string => `static int spam_traverse(PyObject *m, visitproc visit, void *arg)
{
    State *state = PyModule_GetState(m);
    ${visits}
    return 0;
}
static int spam_clear(PyObject *m)
{
    State *state = PyModule_GetState(m);
    ${clears}
    return 0;
}
`

const clearAll = 'Py_CLEAR(state->name);\n    Py_CLEAR(state->error);\n    Py_CLEAR(state->type);'

export const incompleteStateTraverse: Rule = {
  name: 'incomplete-state-traverse',
  summary: "members of a module's state that are not visited, or whose references are never given back",
  explanation: `A module that keeps references in its state has to show them to the collector in \`m_traverse\`, and
to give them back in \`m_clear\` or \`m_free\`. A type that is made with the module refers to it; where \`m_traverse\`
does not visit the type, the collector takes the module for one that is used from outside, and module, types and all
that they hold are never freed. What no function gives back stays, too. Each import in a new interpreter, and each
import after \`del sys.modules[...]\`, leaves another set of them behind.

Of strings, numbers and their like nothing is said where they are not visited: they refer to nothing.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: spam(functions('Py_VISIT(state->error);', clearAll)),
      fixed: spam(functions('Py_VISIT(state->error);\n    Py_VISIT(state->type);', clearAll)),
      reports: {
        at: '11:12 spam_traverse',
        message: '`spam_traverse` does not visit `type` of the state of the module',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: spam(functions('Py_VISIT(state->error);\n    Py_VISIT(state->type);', 'Py_CLEAR(state->type);')),
      reports: {
        at: '18:12 spam_clear',
        message: 'nothing gives back the references in `name` and `error` of the state of `spam_def`',
      },
      fixed: spam(
        functions(
          'Py_VISIT(state->error);\n    Py_VISIT(state->type);',
          'Py_CLEAR(state->type);\n    Py_CLEAR(state->name);\n    Py_CLEAR(state->error);',
        ),
      ),
      fixes: 'unsafe',
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: spam('', ''),
      reports: {
        at: '12:13 spam_def',
        message: 'nothing gives back the references in `name`, `error` and `type` of the state of `spam_def`',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: spam(functions('Py_VISIT(state->error);', clearAll), '.m_clear = spam_clear'),
      reports: {
        at: '26:13 spam_def',
        message: '`spam_def` has no `m_traverse`, and its state holds objects in `error` and `type`',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: spam(functions('Py_VISIT(state->type);', clearAll)),
      fixed: spam(functions('Py_VISIT(state->type);\n    Py_VISIT(state->error);', clearAll)),
      reports: {
        at: '11:12 spam_traverse',
        message: '`spam_traverse` does not visit `error` of the state of the module',
        severity: 'info',
        notes: ['whether what is not visited can refer to the module is not known'],
      },
    },
    {
      kind: 'good',
      target: '3.10',
      code: spam(functions('Py_VISIT(state->error);\n    Py_VISIT(state->type);', clearAll)),
    },
    {
      kind: 'good',
      target: '3.10',
      code: spam(
        `#define EACH(DO) DO(error) DO(type)
static int visit_all(State *state, visitproc visit, void *arg)
{
#define VISIT(name) Py_VISIT(state->name);
    EACH(VISIT)
    return 0;
}
static int spam_traverse(PyObject *m, visitproc visit, void *arg)
{
    return visit_all(PyModule_GetState(m), visit, arg);
}
static void spam_free(void *m)
{
    State *state = PyModule_GetState((PyObject *)m);
    PyObject **each[] = {&state->name, &state->error, &state->type};
    for (int i = 0; i < 3; i++)
        Py_CLEAR(*each[i]);
}
`,
        '.m_traverse = spam_traverse, .m_free = spam_free',
      ),
    },
    {
      kind: 'good',
      target: '3.10',
      code: `PyTypeObject *make_type(void);
typedef struct { PyTypeObject *spam_type; } Table;
typedef struct { PyTypeObject *type; Table table; } State;
static int spam_exec(PyObject *m)
{
    State *state = PyModule_GetState(m);
    state->type = make_type();
    state->table.spam_type = state->type;
    Py_INCREF(state->type);
    return PyModule_AddObject(m, "Spam", (PyObject *)(state->type));
}
static int spam_traverse(PyObject *m, visitproc visit, void *arg)
{
    State *state = PyModule_GetState(m);
    Py_VISIT(state->type);
    return 0;
}
static int spam_clear(PyObject *m)
{
    State *state = PyModule_GetState(m);
    Py_CLEAR(state->type);
    return 0;
}
static PyModuleDef_Slot slots[] = {{Py_mod_exec, spam_exec}, {0, NULL}};
PyModuleDef spam_def = {
    PyModuleDef_HEAD_INIT, .m_name = "spam", .m_size = sizeof(State), .m_slots = slots,
    .m_traverse = spam_traverse, .m_clear = spam_clear,
};`,
    },
    {
      kind: 'good',
      target: '3.10',
      code: `typedef struct { PyObject *error; } State;
static int spam_exec(PyObject *m)
{
    State *state = PyModule_GetState(m);
    state->error = PyErr_NewException("spam.Error", NULL, NULL);
    return PyModule_AddObject(m, "Error", state->error);
}
static PyModuleDef_Slot slots[] = {{Py_mod_exec, spam_exec}, {0, NULL}};
PyModuleDef spam_def = {
    PyModuleDef_HEAD_INIT, .m_name = "spam", .m_size = sizeof(State), .m_slots = slots,
};`,
    },
  ],
  *check({ model }) {
    for (const state of moduleStates(model)) yield* incomplete(model, state)
  },
}

/** A member of a state with what is known of it. */
interface Member extends MemberValues {
  readonly name: string
  /** Whether `m_traverse`, or `m_clear` or `m_free`, names it. */
  readonly isVisited: boolean
  readonly isReleased: boolean
  /** Whether `m_clear` or `m_free` gives its reference back by `Py_CLEAR` and the like. */
  readonly isClearedAtEnd: boolean
  /** Whether a function other than those, and than the one that sets it, gives its reference back. */
  readonly isReleasedElsewhere: boolean
}

function* incomplete(model: ProjectModel, state: ModuleState): Iterable<Finding> {
  const { def, functions } = state
  const { m_traverse, m_clear, m_free } = functions
  if (m_traverse === null || m_clear === null || m_free === null || state.members.length === 0) return
  const traverse = mentionedNames(model, m_traverse)
  const release = mentionedNames(model, [...m_clear, ...m_free])
  if (traverse.isOpen || release.isOpen) return
  const members = state.members.map((name) => memberOf(model, state, name, traverse, release))
  const lost = members.filter((each) => each.reference === 'new' && !each.isReleased && !each.isReleasedElsewhere)
  const unvisited = members.filter(
    (each) =>
      !each.isVisited &&
      each.refersToModule !== 'no' &&
      (each.reference === 'new' || (each.reference === 'unknown' && each.isClearedAtEnd)),
  )
  const base = { symbol: 'PyModuleDef', notes: buildDoubts(compiledAt(model, def.file, def.span.start)) }
  if (lost.length > 0) {
    const at = m_clear[0] ?? m_free[0]
    yield {
      ...base,
      ...placeOf(state, at),
      message: `nothing gives back the references in ${listedNames(namesOf(lost))} of the state of \`${def.variable}\``,
      advice: `Add \`Py_CLEAR\` of each to \`m_clear\`, and call that from \`m_free\`.`,
      fix: at ? callsForMembers(model, at, 'Py_CLEAR', namesOf(lost), state.struct) : null,
    }
  }
  if (unvisited.length === 0 || (m_traverse.length === 0 && lost.length > 0)) return
  const isSure = unvisited.some(({ refersToModule }) => refersToModule === 'yes')
  const at = m_traverse[0]
  yield {
    ...base,
    ...placeOf(state, at),
    ...(isSure
      ? {}
      : {
          severity: 'info',
          notes: [...base.notes, 'whether what is not visited can refer to the module is not known'],
        }),
    message: at
      ? `\`${at.code.name}\` does not visit ${listedNames(namesOf(unvisited))} of the state of the module`
      : `\`${def.variable}\` has no \`m_traverse\`, and its state holds objects in ${listedNames(namesOf(unvisited))}`,
    advice: 'Add `Py_VISIT` of each to `m_traverse`.',
    fix: at ? callsForMembers(model, at, 'Py_VISIT', namesOf(unvisited), state.struct) : null,
  }
}

const namesOf = (members: readonly Member[]): readonly string[] => members.map(({ name }) => name)

const placeOf = ({ def }: ModuleState, body: Body | undefined): Pick<Finding, 'file' | 'start' | 'end'> =>
  body ? { file: body.file, ...body.code.nameSpan } : { file: def.file, ...def.span }

function memberOf(
  model: ProjectModel,
  state: ModuleState,
  name: string,
  traverse: MentionedNames,
  release: MentionedNames,
): Member {
  const uses = memberUses(model, state, name)
  const setters = new Set(uses.filter(isSet).map(({ around }) => around))
  const own = new Set([...traverse.bodies, ...release.bodies].map(({ code }) => code))
  return {
    name,
    ...memberValues(model, uses),
    isVisited: traverse.has(name),
    isReleased: release.has(name),
    isClearedAtEnd: uses.some((use) => isReleased(use) && release.bodies.some(({ code }) => code === use.around)),
    isReleasedElsewhere: uses.some((use) => isReleased(use) && !setters.has(use.around) && !own.has(use.around)),
  }
}
