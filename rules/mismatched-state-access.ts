import type { Rule } from '../analyzer/check/rule.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import type { FunctionRole } from '../analyzer/semantics/function-roles.ts'
import { methodDefs } from '../analyzer/semantics/method-tables.ts'
import { asksForType, type LookupOrigin, stateLookups } from '../analyzer/semantics/state-lookups.ts'

const spam = (
  body: string,
  methods = '{"spam", (PyCFunction)spam, METH_NOARGS, NULL}',
  table = '{Py_tp_methods, methods}, ',
): string => `typedef struct { PyObject *error; } State;
extern PyModuleDef spam_def;
${body}
static PyMethodDef methods[] = {${methods}, {NULL}};
static PyType_Slot spam_slots[] = {${table}{0, NULL}};
PyType_Spec spam_spec = {"spam.Spam", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, spam_slots};`

const inModule = (body: string): string =>
  `${spam(body, undefined, '')}
PyModuleDef spam_def = {PyModuleDef_HEAD_INIT, "spam", NULL, sizeof(State), methods};`

export const mismatchedStateAccess: Rule = {
  name: 'mismatched-state-access',
  summary: "a way to the module's state that does not fit what the function is called with",
  explanation: `What a function gets first depends on the table that it stands in. A function of a module gets the
module, and \`PyModule_GetState\` has the state. A method, a getter or a slot gets an instance: that is no module, so
\`PyModule_GetState\` gives \`NULL\` with a \`TypeError\` or \`SystemError\` each time. A module is no type, and its
type is CPython's own: \`PyType_GetModuleState\` fails there, or reads what lies behind the module as if it were a
type.

A method gets the class that defines it with \`METH_METHOD | METH_FASTCALL | METH_KEYWORDS\`, and
\`PyType_GetModuleState\` has the state; slots and getters ask \`PyType_GetModuleByDef(Py_TYPE(self), &def)\`.`,
  severity: 'error',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: spam(`static PyObject *spam(PyObject *self, PyObject *none)
{
    State *state = PyModule_GetState(self);
    return state ? PyObject_Str(state->error) : NULL;
}`),
      reports: {
        at: '5:20 PyModule_GetState(self)',
        message: '`PyModule_GetState` gets an instance: `spam` is a method, and `self` is no module',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: spam(`#define STATE(m) ((State *)PyModule_GetState(m))
static State *state_of(PyObject *m) { return STATE(m); }
static PyObject *spam(PyObject *self, PyObject *none) { return PyObject_Str(state_of(self)->error); }`),
      reports: {
        at: '5:77 state_of(self)',
        message: '`PyModule_GetState` gets an instance: `spam` is a method, and `self` is no module',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: spam(
        `static PyObject *spam(PyObject *self, PyTypeObject *cls, PyObject *const *args, Py_ssize_t n, PyObject *kw)
{
    State *state = PyModule_GetState((PyObject *)cls);
    return state ? PyObject_Str(state->error) : NULL;
}`,
        '{"spam", (PyCFunction)(void (*)(void))spam, METH_METHOD | METH_FASTCALL | METH_KEYWORDS, NULL}',
      ),
      reports: {
        at: '5:20 PyModule_GetState((PyObject *)cls)',
        message: '`PyModule_GetState` gets a class: `spam` is a method, and `cls` is no module',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: inModule(`static PyObject *spam(PyObject *self, PyObject *none)
{
    State *state = PyType_GetModuleState((PyTypeObject *)self);
    return state ? PyObject_Str(state->error) : NULL;
}`),
      reports: {
        at: '5:20 PyType_GetModuleState((PyTypeObject *)self)',
        message: '`PyType_GetModuleState` gets a module: `spam` is a function of a module, and `self` is no type',
      },
    },
    {
      kind: 'bad',
      target: '3.13',
      compiler: 'silent',
      code: inModule(`static PyObject *spam(PyObject *self, PyObject *none)
{
    return PyType_GetModuleByDef(Py_TYPE(self), &spam_def);
}`),
      reports: {
        at: '5:12 PyType_GetModuleByDef(Py_TYPE(self), &spam_def)',
        message:
          '`PyType_GetModuleByDef` gets the type of a module: `spam` is a function of a module, and `self` is the ' +
          'module',
      },
    },
    {
      kind: 'bad',
      target: '3.10',
      compiler: 'silent',
      code: spam(`static PyObject *spam(PyObject *self, PyObject *none)
{
    State *state = PyType_GetModuleState((PyTypeObject *)self);
    return state ? PyObject_Str(state->error) : NULL;
}`),
      reports: {
        at: '5:20 PyType_GetModuleState((PyTypeObject *)self)',
        message: '`PyType_GetModuleState` gets an instance: `spam` is a method, and `self` is no type',
      },
    },
    {
      kind: 'good',
      target: '3.10',
      code: spam(
        `static PyObject *spam(PyObject *cls, PyObject *none)
{
    State *state = PyType_GetModuleState((PyTypeObject *)cls);
    return state ? PyObject_Str(state->error) : NULL;
}`,
        '{"spam", spam, METH_NOARGS | METH_CLASS, NULL}',
      ),
    },
    {
      kind: 'good',
      target: '3.10',
      code: spam(`static State *state_of(PyObject *self)
{
    return PyModule_Check(self) ? PyModule_GetState(self) : PyType_GetModuleState(Py_TYPE(self));
}
static PyObject *spam(PyObject *self, PyObject *none) { return PyObject_Str(state_of(self)->error); }`),
    },
    {
      kind: 'good',
      target: '3.10',
      code: inModule(`static State *state_of(PyObject *m) { return PyModule_GetState(m); }
static PyObject *spam(PyObject *self, PyObject *none) { return PyObject_Str(state_of(self)->error); }`),
    },
    {
      kind: 'good',
      target: '3.14',
      code: spam(
        `static PyObject *spam(PyObject *self, PyObject *none) { return Py_NewRef(self); }
static PyObject *spam_vectorcall(PyObject *type, PyObject *const *args, size_t n, PyObject *names)
{
    State *state = PyType_GetModuleState((PyTypeObject *)type);
    return state ? PyObject_Str(state->error) : NULL;
}`,
        undefined,
        '{Py_tp_vectorcall, spam_vectorcall}, ',
      ),
    },
    {
      kind: 'good',
      target: '3.13',
      code: spam(`static PyObject *spam(PyObject *self, PyObject *none)
{
    return PyType_GetModuleByDef(Py_TYPE(self), &spam_def);
}`),
    },
  ],
  *check({ model }) {
    for (const name of ['PyModule_GetState', ...typeFunctions]) {
      for (const { file, call, macro, doubts, origins } of stateLookups(model, name)) {
        for (const origin of origins) {
          const wrong = mismatchOf(model, name, origin)
          if (wrong === null || [origin.body, ...origin.through].some((each) => asksForType(model, each))) continue
          const isDirect = origin.through.length === 0
          yield {
            file: isDirect ? file : origin.body.file,
            ...(isDirect ? call : origin.call).span,
            ...(isDirect ? { macro } : {}),
            symbol: name,
            ...(doubts.length > 0 ? { severity: 'warning', notes: doubts } : {}),
            message: `\`${name}\` gets ${wrong}`,
            advice:
              'A module function gets the module, a method the class that defines it with `METH_METHOD`; slots ask ' +
              '`PyType_GetModuleByDef`.',
          }
        }
      }
    }
  },
}

const typeFunctions = ['PyType_GetModuleState', 'PyType_GetModule', 'PyType_GetModuleByDef']

/** What is wrong with what a function of some role hands to a look-up; null for nothing that is known. */
function mismatchOf(model: ProjectModel, name: string, origin: LookupOrigin): string | null {
  const { body, roles, parameter, as } = origin
  const kinds = roles.filter(({ kind }) => kind !== 'callback')
  const [role] = kinds
  const variable = body.code.parameters[parameter]?.name
  if (!role || variable === undefined || kinds.some((each) => placeOf(each) !== placeOf(role))) return null
  const place = placeOf(role)
  const shown = `\`${body.code.name}\` is ${shownPlace(role)}, and \`${variable}\` is`
  if (place === 'module') {
    if (parameter !== 0 || name === 'PyModule_GetState') return null
    return as === 'object' ? `a module: ${shown} no type` : `the type of a module: ${shown} the module`
  }
  if (place !== 'type' || as !== 'object') return null
  const { isClass, takesClass } = bindingOf(model, role, origin)
  const isFirstClass = isClass || /^tp_(?:new|alloc|vectorcall)$/.test(role.name)
  const isAClass = (parameter === 0 && isFirstClass) || (parameter === 1 && takesClass)
  if (name === 'PyModule_GetState') {
    // A subclass of the type of modules has instances that are modules.
    if (model.project.code(body.file).occurrences('PyModule_Type').length > 0) return null
    if (isAClass) return `a class: ${shown} no module`
    return parameter === 0 ? `an instance: ${shown} no module` : null
  }
  // An instance of a metaclass is a type.
  if (isAClass || parameter !== 0 || model.project.code(body.file).occurrences('PyType_Type').length > 0) return null
  return `an instance: ${shown} no type`
}

/** Whether the first parameter is the module, an instance or class, or not known. */
function placeOf({ kind, name }: FunctionRole): 'module' | 'type' | 'unknown' {
  if (kind === 'module function' || kind === 'exec' || (kind === 'module' && name !== '')) return 'module'
  return kind === 'method' || kind === 'getter' || kind === 'setter' || kind === 'slot' ? 'type' : 'unknown'
}

const shownPlace = ({ kind, name }: FunctionRole): string =>
  kind === 'module function'
    ? 'a function of a module'
    : kind === 'exec'
      ? 'a `Py_mod_exec` slot'
      : kind === 'module' || kind === 'slot'
        ? `a \`${name}\``
        : `a ${kind}`

/** By the flags of a method: whether its first parameter is a class, and whether it gets the one that defines it. */
function bindingOf(
  model: ProjectModel,
  { kind }: FunctionRole,
  { body }: LookupOrigin,
): { readonly isClass: boolean; readonly takesClass: boolean } {
  if (kind !== 'method') return { isClass: false, takesClass: false }
  const flags = methodDefs(model).flatMap(({ functions, flagBits }) =>
    functions.some(({ code }) => code === body.code) ? [flagBits] : [],
  )
  const all = (bit: number): boolean => flags.every((each) => each !== null && (each & bit) !== 0)
  // What is not known may be a class.
  const isOpen = flags.some((each) => each === null || (each & (METH_CLASS | METH_STATIC)) !== 0)
  return { isClass: isOpen, takesClass: all(METH_METHOD) }
}

const [METH_CLASS, METH_STATIC, METH_METHOD] = [0x10, 0x20, 0x200]
