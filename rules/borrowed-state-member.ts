import type { Rule } from '../analyzer/check/rule.ts'
import { mentionedNames } from '../analyzer/semantics/mentioned-names.ts'
import { moduleStates } from '../analyzer/semantics/module-states.ts'
import { isReleased, memberUses, memberValues } from '../analyzer/semantics/state-members.ts'

const spam = (exec: string, clear = 'Py_CLEAR(state->path);'): string => `typedef struct { PyObject *path; } State;
static int spam_exec(PyObject *m)
{
    State *state = PyModule_GetState(m);
    ${exec}
    return state->path == NULL ? -1 : 0;
}
static int spam_clear(PyObject *m)
{
    State *state = PyModule_GetState(m);
    ${clear}
    return state == NULL;
}
static PyModuleDef_Slot slots[] = {{Py_mod_exec, spam_exec}, {0, NULL}};
PyModuleDef spam_def = {
    PyModuleDef_HEAD_INIT, .m_name = "spam", .m_size = sizeof(State), .m_slots = slots, .m_clear = spam_clear
};`

export const borrowedStateMember: Rule = {
  name: 'borrowed-state-member',
  summary: "a borrowed reference in a module's state that is given back as if it were the module's own",
  explanation: `\`PySys_GetObject\`, \`PyDict_GetItemString\`, \`PyImport_AddModule\` and others give a borrowed
reference: whoever keeps it has to take one of its own. Where \`m_clear\` or \`m_free\` gives back what the state only
borrowed, each module that ends takes a reference away from somebody else, and sooner or later an object that is in use
is freed. Write \`Py_INCREF\` where the member is set.`,
  severity: 'warning',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: spam('state->path = PySys_GetObject("path");'),
      reports: {
        at: '11:14 state->path',
        message: '`spam_clear` gives back the reference in `path`, which `PySys_GetObject` has only lent',
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code: spam('state->path = PySys_GetObject("path");\n    Py_XINCREF(state->path);'),
    },
    {
      kind: 'good',
      target: '3.9',
      code: spam('PyObject *path = PySys_GetObject("path");\n    Py_XINCREF(path);\n    state->path = path;'),
    },
    { kind: 'good', target: '3.10', code: spam('state->path = Py_XNewRef(PySys_GetObject("path"));') },
    { kind: 'good', target: '3.9', code: spam('state->path = PySys_GetObject("path");', 'state->path = NULL;') },
    { kind: 'good', target: '3.9', code: spam('state->path = PyUnicode_FromString("path");') },
  ],
  *check({ model }) {
    for (const state of moduleStates(model)) {
      const { m_clear, m_free } = state.functions
      if (m_clear === null || m_free === null) continue
      const ends = new Set(mentionedNames(model, [...m_clear, ...m_free]).bodies.map(({ code }) => code))
      for (const name of state.members) {
        const uses = memberUses(model, state, name)
        const { lender } = memberValues(model, uses)
        const release = lender === '' ? undefined : uses.find((use) => isReleased(use) && ends.has(use.around))
        if (!release) continue
        yield {
          file: release.file,
          ...release.member.span,
          symbol: lender,
          message:
            `\`${release.around.name}\` gives back the reference in \`${name}\`, which ` +
            `\`${lender}\` has only lent`,
          advice: `Take a reference where it is set: \`Py_XINCREF\` of what \`${lender}\` gives.`,
        }
      }
    }
  },
}
