import type { Rule } from '../analyzer/check/rule.ts'
import { cachedPointers, isForever, ownGilModules } from '../analyzer/semantics/cached-capsules.ts'

const client = (
  slots = '',
  before = '',
): string => `${before}typedef struct { PyObject *error; int (*boil)(int); } EggsApi;
static EggsApi *eggs;
static int spam_exec(PyObject *module)
{
    eggs = (EggsApi *)PyCapsule_Import("eggs._C_API", 0);
    return eggs == NULL ? -1 : 0;
}
static PyModuleDef_Slot slots[] = {{Py_mod_exec, spam_exec}, ${slots}{0, NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "spam", .m_slots = slots};
PyMODINIT_FUNC PyInit_spam(void) { return PyModuleDef_Init(&definition); }`

const maker = (payload: string, destructor: string): string => `static EggsApi table;
static void drop(PyObject *capsule) { PyMem_Free(PyCapsule_GetPointer(capsule, "eggs._C_API")); }
int add_api(PyObject *module)
{
    EggsApi *api = ${payload};
    return api ? PyModule_AddObject(module, "_C_API", PyCapsule_New(api, "eggs._C_API", ${destructor})) : -1;
}
PyCapsule_Destructor dropper(void) { return drop; }`

export const cachedCapsulePointer: Rule = {
  name: 'cached-capsule-pointer',
  summary: 'pointer of a capsule in a variable of the process',
  explanation: `\`PyCapsule_Import\` gives a pointer and no reference: what it points to is there as long as the
capsule, or the module that made it. A \`static\` variable outlives both, and is shared by all interpreters of the
process, though each of them imports a module of its own, with types and exceptions of its own.

Keep the pointer in the state of the module, with a reference to the capsule or to its module beside it. A table that
is \`static\` itself and holds functions alone may be cached: it stays where it is.`,
  severity: 'info',
  effect: 'runtime-bug',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: client(),
      reports: {
        at: '5:23 PyCapsule_Import("eggs._C_API", 0)',
        message: '`eggs` keeps the pointer of the capsule "eggs._C_API" for the whole process',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      compiler: 'silent',
      code: client('{Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED}, '),
      reports: {
        at: '5:23 PyCapsule_Import("eggs._C_API", 0)',
        message:
          '`eggs` keeps the pointer of the capsule "eggs._C_API" for the whole process, and `spam` is for ' +
          'interpreters with a GIL of their own',
        severity: 'warning',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `${client()}\n${maker('PyMem_Calloc(1, sizeof(EggsApi))', 'drop')}`,
      reports: {
        at: '5:23 PyCapsule_Import("eggs._C_API", 0)',
        message:
          '`eggs` keeps the pointer of the capsule "eggs._C_API" for the whole process, and `drop` frees it with the ' +
          'capsule',
        severity: 'warning',
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code: `${client()}\n${maker('&table', 'NULL')}`.replace('PyObject *error; ', ''),
    },
    {
      kind: 'good',
      target: '3.9',
      code: `typedef struct { int (*boil)(int); } EggsApi;
int boil(int minutes)
{
    EggsApi *eggs = PyCapsule_Import("eggs._C_API", 0);
    return eggs == NULL ? -1 : eggs->boil(minutes);
}`,
    },
    {
      kind: 'good',
      target: '3.9',
      file: 'example.cpp',
      code: `#include <Python.h>
namespace other { static void *value; void *get() { return value; } }
struct Caster {
    void *value;
    bool load(PyObject *source)
    {
        value = PyCapsule_GetPointer(source, "spam.handle");
        return value != nullptr;
    }
};`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: `typedef struct { void *eggs; } State;
int load(State *state)
{
    state->eggs = PyCapsule_Import("eggs._C_API", 0);
    return state->eggs == NULL ? -1 : 0;
}`,
    },
  ],
  *check({ model, buildFiles }) {
    for (const { variable, used, made } of cachedPointers(model)) {
      if (made.length > 0 && made.every((each) => isForever(model, each))) continue
      const { file, call, macro, doubts, called, names } = used
      const freed = made.find(
        ({ origins, destructor }) => destructor !== 'none' && origins.some(({ kind }) => kind === 'heap'),
      )
      const [claiming] = ownGilModules(model, buildFiles, variable.file)
      const capsule = names.length === 1 && names[0] !== '' ? `the capsule "${names[0]}"` : 'a capsule'
      const kept = `\`${variable.name}\` keeps the pointer of ${capsule} for the whole process`
      yield {
        file,
        ...call.span,
        macro,
        symbol: called,
        severity: (freed || claiming) && doubts.length === 0 ? 'warning' : 'info',
        notes: doubts,
        message: freed
          ? `${kept}, and \`${nameOfDestructor(freed.destructor)}\` frees it with the capsule`
          : claiming
            ? `${kept}, and \`${claiming}\` is for interpreters with a GIL of their own`
            : kept,
        advice: 'Keep it in the state of the module, with a reference to the capsule or to its module.',
      }
    }
  },
}

const nameOfDestructor = (destructor: 'none' | 'unknown' | { readonly code: { readonly name: string } }): string =>
  typeof destructor === 'object' ? destructor.code.name : 'its destructor'
