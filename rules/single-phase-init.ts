import type { Rule } from '../analyzer/check/rule.ts'
import type { Fix, ProjectEdits } from '../analyzer/fix/fix.ts'
import { initFunctions } from '../analyzer/project/init-functions.ts'
import { compiledAt } from '../analyzer/semantics/calls.ts'
import { moduleInit } from '../analyzer/semantics/module-init.ts'

interface RewrittenModule {
  /** What is not as it was, or stays as it was. */
  readonly differs: readonly string[]
  readonly edits: ProjectEdits | null
}

const fixOf = ({ differs, edits }: RewrittenModule): Fix | null =>
  edits && {
    title: 'make it in several phases: `Py_mod_exec`, with what it keeps in a state of its own',
    safety: 'unsafe',
    reason: ['each import makes a module of its own, which loses what it keeps when it goes', ...differs].join('; '),
    kind: 'project',
    change: edits,
    isOnDemand: true,
  }

export const singlePhaseInit: Rule = {
  name: 'single-phase-init',
  summary: 'module that its `PyInit_` function makes whole',
  explanation: `A module that \`PyModule_Create\` makes in its \`PyInit_\` function is made once for the process: what
it keeps in global variables is shared by all interpreters, Python 3.12 and later refuse to import it in interpreters
with a GIL of their own, and a second import gives the same objects again. With multi-phase initialisation (PEP 489)
the function returns the definition, by \`PyModuleDef_Init\`; a \`Py_mod_exec\` slot fills each module object, and what
was global goes into the state of the module. \`abi3lint rewrite module\` does that.`,
  severity: 'info',
  effect: 'advice',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: `static PyObject *SpamError; /* for all that goes wrong */
static PyObject *cache;

static PyObject *
fail(const char *why)
{
    PyErr_SetString(SpamError, why);
    return NULL;
}

static PyObject *
spam_get(PyObject *self, PyObject *key)
{
    PyObject *found = PyDict_GetItemWithError(cache, key);
    if (found == NULL)
        return PyErr_Occurred() ? NULL : fail("not there");
    Py_INCREF(found);
    return found;
}

static PyMethodDef spam_methods[] = {
    {"get", spam_get, METH_O, NULL},
    {NULL, NULL, 0, NULL}
};

static struct PyModuleDef spam_module = {
    PyModuleDef_HEAD_INIT,
    "spam",
    NULL,
    -1,
    spam_methods
};

PyMODINIT_FUNC
PyInit_spam(void)
{
    PyObject *m = PyModule_Create(&spam_module);
    if (m == NULL)
        return NULL;

    cache = PyDict_New();
    SpamError = PyErr_NewException("spam.Error", NULL, NULL);
    if (cache == NULL || SpamError == NULL) {
        Py_DECREF(m);
        return NULL;
    }
    Py_INCREF(SpamError);
    PyModule_AddObject(m, "Error", SpamError);
    return m;
}`,
      fixes: 'unsafe',
      fixed: `/* What was once for the process, and is now for each module object. */
typedef struct {
    PyObject *SpamError; /* for all that goes wrong */
    PyObject *cache;
} spam_state;

static PyObject *
fail(spam_state *state, const char *why)
{
    PyErr_SetString(state->SpamError, why);
    return NULL;
}

static PyObject *
spam_get(PyObject *self, PyObject *key)
{
    spam_state *state = (spam_state *)PyModule_GetState(self);
    PyObject *found = PyDict_GetItemWithError(state->cache, key);
    if (found == NULL)
        return PyErr_Occurred() ? NULL : fail(state, "not there");
    Py_INCREF(found);
    return found;
}

static PyMethodDef spam_methods[] = {
    {"get", spam_get, METH_O, NULL},
    {NULL, NULL, 0, NULL}
};

static int
spam_traverse(PyObject *module, visitproc visit, void *arg)
{
    spam_state *state = (spam_state *)PyModule_GetState(module);
    Py_VISIT(state->SpamError);
    Py_VISIT(state->cache);
    return 0;
}

static int
spam_clear(PyObject *module)
{
    spam_state *state = (spam_state *)PyModule_GetState(module);
    Py_CLEAR(state->SpamError);
    Py_CLEAR(state->cache);
    return 0;
}

static void
spam_free(void *module)
{
    spam_clear((PyObject *)module);
}

static int spam_exec(PyObject *m);

static PyModuleDef_Slot spam_slots[] = {
    {Py_mod_exec, (void *)spam_exec},
#ifdef Py_MOD_PER_INTERPRETER_GIL_SUPPORTED
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
    {0, NULL}
};

static struct PyModuleDef spam_module = {
    PyModuleDef_HEAD_INIT,
    "spam",
    NULL,
    sizeof(spam_state),
    spam_methods,
    spam_slots,
    spam_traverse,
    spam_clear,
    spam_free
};

static int
spam_exec(PyObject *m)
{
    spam_state *state = (spam_state *)PyModule_GetState(m);

    state->cache = PyDict_New();
    state->SpamError = PyErr_NewException("spam.Error", NULL, NULL);
    if (state->cache == NULL || state->SpamError == NULL) {
        return -1;
    }
    Py_INCREF(state->SpamError);
    PyModule_AddObject(m, "Error", state->SpamError);
    return PyErr_Occurred() ? -1 : 0;
}

PyMODINIT_FUNC
PyInit_spam(void)
{
    return PyModuleDef_Init(&spam_module);
}`,
      reports: { at: '35:1 PyInit_spam', message: '`spam` is made in one phase, once for all interpreters' },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: `static PyModuleDef spam_module = {
    PyModuleDef_HEAD_INIT, .m_name = "spam", .m_size = sizeof(int),
};
PyMODINIT_FUNC PyInit_spam(void) { return PyModule_Create(&spam_module); }`,
      reports: {
        at: '4:16 PyInit_spam',
        message: '`spam` is made in one phase, once for all interpreters',
      },
    },
    {
      kind: 'good',
      target: '3.12',
      code: `static int spam_exec(PyObject *module) { return PyModule_AddIntConstant(module, "one", 1); }
static PyModuleDef_Slot spam_slots[] = { {Py_mod_exec, (void *)spam_exec}, {0, NULL} };
static PyModuleDef spam_module = { PyModuleDef_HEAD_INIT, .m_name = "spam", .m_slots = spam_slots };
PyMODINIT_FUNC PyInit_spam(void) { return PyModuleDef_Init(&spam_module); }`,
    },
  ],
  *check(context) {
    const { model } = context
    for (const { module, file, kind, bodies } of initFunctions(model.project)) {
      const body =
        kind === 'PyInit' ? bodies.find(({ span }) => compiledAt(model, file, span.start) !== 'no') : undefined
      if (!body || moduleInit(model, { name: module, definedIn: file, files: [] }).init !== 'single-phase') continue
      const plan = context.rewrittenModule(module, file)
      yield {
        file,
        start: body.nameSpan.start,
        end: body.nameSpan.end,
        symbol: body.name,
        message: `\`${module}\` is made in one phase, once for all interpreters`,
        advice: plan
          ? ''
          : '`abi3lint rewrite module` makes it in several; `--select single-phase-init` says what is in the way.',
        notes: (plan?.obstacles ?? []).map((each) => `abi3lint rewrite module leaves it alone: ${each}`),
        fix: plan && fixOf(plan),
      }
    }
  },
}
