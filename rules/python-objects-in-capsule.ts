import type { Rule } from '../analyzer/check/rule.ts'
import { ownGilModules } from '../analyzer/semantics/cached-capsules.ts'
import { capsuleTables } from '../analyzer/semantics/capsule-tables.ts'

const exporting = (
  fields: string,
  slots = '',
  storage = 'static SpamApi api;',
): string => `typedef struct { size_t size; ${fields}int (*boil)(int); } SpamApi;
${storage}
static int spam_exec(PyObject *module)
{
    return PyModule_AddObject(module, "_C_API", PyCapsule_New(&api, "spam._C_API", NULL));
}
static PyModuleDef_Slot slots[] = {{Py_mod_exec, spam_exec}, ${slots}{0, NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "spam", .m_slots = slots};
PyMODINIT_FUNC PyInit_spam(void) { return PyModuleDef_Init(&definition); }`

const ownGil = '{Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED}, '

export const pythonObjectsInCapsule: Rule = {
  name: 'python-objects-in-capsule',
  summary: 'table of the process that hands out objects of an interpreter',
  explanation: `A \`static\` table is one for all interpreters of the process, and for all copies of the module. Types
and exceptions are not: each interpreter has its own, and so has each copy of a module with multi-phase init. The one
that is imported last fills the table for all: others then raise exceptions that no \`except\` of theirs catches, and
count references of objects that another thread counts at the same time.

Allocate the table for each module, with references of its own, and free it in the destructor of the capsule; or hand
out functions that take the module and find the objects in its state.`,
  severity: 'info',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: exporting('PyObject *error; '),
      reports: {
        at: '5:49 PyCapsule_New(&api, "spam._C_API", NULL)',
        message: '`api` is one table for all interpreters, and hands out objects of one: `error`',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: exporting('PyTypeObject *type; ', ownGil),
      reports: {
        at: '5:49 PyCapsule_New(&api, "spam._C_API", NULL)',
        message:
          '`api` is one table for all interpreters, and hands out objects of one: `type`; `spam` is for interpreters ' +
          'with a GIL of their own',
        severity: 'warning',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `static int boil(int minutes) { return minutes; }
extern PyTypeObject Spam_Type;
static void *api[] = {(void *)boil, (void *)&Spam_Type};
int add_api(PyObject *module)
{
    return PyModule_AddObject(module, "_C_API", PyCapsule_New(api, "spam._C_API", NULL));
}`,
      reports: {
        at: '6:49 PyCapsule_New(api, "spam._C_API", NULL)',
        message: '`api` is one table for all interpreters, and hands out objects of one: `Spam_Type`',
      },
    },
    { kind: 'good', target: '3.12', code: exporting('', ownGil) },
    {
      kind: 'good',
      target: '3.9',
      code: `typedef struct { PyObject *error; int (*boil)(int); } SpamApi;
static void drop(PyObject *capsule) { PyMem_Free(PyCapsule_GetPointer(capsule, "spam._C_API")); }
int add_api(PyObject *module)
{
    SpamApi *api = PyMem_Calloc(1, sizeof(SpamApi));
    return api ? PyModule_AddObject(module, "_C_API", PyCapsule_New(api, "spam._C_API", drop)) : -1;
}`,
    },
  ],
  *check({ model, buildFiles }) {
    for (const { capsule, name, shape, objects } of capsuleTables(model)) {
      const [first] = objects
      const [origin] = capsule.origins
      if (first === undefined || origin?.kind !== 'static') continue
      const { file, call, macro, doubts } = capsule
      const [claiming] = ownGilModules(model, buildFiles, file)
      const table = shape === 'array' ? name : (origin.variable?.name ?? name)
      const more = objects.length > 1 ? ` and ${objects.length - 1} more` : ''
      yield {
        file,
        ...call.span,
        macro,
        symbol: 'PyCapsule_New',
        ...(claiming && doubts.length === 0 ? { severity: 'warning' } : {}),
        notes: doubts,
        message:
          `\`${table}\` is one table for all interpreters, and hands out objects of one: \`${first}\`${more}` +
          (claiming ? `; \`${claiming}\` is for interpreters with a GIL of their own` : ''),
        advice: 'Allocate the table for each module, and free it in the destructor of the capsule.',
      }
    }
  },
}
