import type { Rule } from '../analyzer/check/rule.ts'
import type { Fix, ProjectEdits } from '../analyzer/fix/fix.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { type CapsuleTable, capsuleTables, isUnversioned } from '../analyzer/semantics/capsule-tables.ts'

const exporting = (
  table: string,
  pointer = 'api',
  name = 'spam._C_API',
): string => `static int boil(int minutes) { return minutes; }
${table}
int add_api(PyObject *module)
{
    return PyModule_AddObject(module, "${name.slice(5)}", PyCapsule_New(${pointer}, "${name}", NULL));
}`

const struct = (fields: string, value: string): string => `typedef struct { ${fields}int (*boil)(int); } SpamApi;
static SpamApi api = {${value}};`

interface RewrittenTable {
  /** What stays as it was. */
  readonly differs: readonly string[]
  readonly edits: ProjectEdits | null
}

const fixOf = ({ differs, edits }: RewrittenTable): Fix | null =>
  edits && {
    title: 'offer it once more in a table with a version, kept in the state of the module',
    safety: 'unsafe',
    reason: ['what is compiled from here on asks for the new table, which older releases have not', ...differs].join(
      '; ',
    ),
    kind: 'project',
    change: edits,
    isOnDemand: true,
  }

/** Whether the same source offers a table with a version, too, as `abi3lint rewrite capsule` and `new` make it. */
const isAccompanied = (
  model: ProjectModel,
  { capsule: { file } }: CapsuleTable,
  all: readonly CapsuleTable[],
): boolean =>
  all.some(
    ({ capsule, isVersioned }) =>
      isVersioned &&
      capsule.names.some((name) => name.endsWith('._native_api')) &&
      (capsule.file === file || model.project.graph.closure(file).has(capsule.file)),
  )

export const unversionedCapsuleTable: Rule = {
  name: 'unversioned-capsule-table',
  summary: 'table of functions for other modules that does not say how long it is',
  explanation: `A capsule holds a pointer and a name. What is compiled against a later version of the table, with one
function more, reads behind the end of the one that it finds, and calls what lies there. Nothing else can tell it: the
capsule has no size.

Begin the table with what says so, and let users look before they use an entry: \`struct { uint32_t abi_major,
abi_minor; size_t size; int (*boil)(int); }\`. An entry that was published stays where it is; another layout gets
another major version, or another name, \`_C_API_v2\`. \`abi3lint rewrite capsule\` puts such a table beside the one that is there, which
stays as it is for modules that were compiled with it.`,
  severity: 'info',
  effect: 'abi-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: exporting('static void *api[] = {(void *)boil};'),
      reports: {
        at: '5:49 PyCapsule_New(api, "spam._C_API", NULL)',
        message: 'the array `api` is for other modules, and tells neither its version nor its size',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: exporting(
        'static int count_eggs(void) { return 2; }\nstatic void *api[] = {(void *)boil, (void *)count_eggs};',
      ),
      reports: {
        at: '6:49 PyCapsule_New(api, "spam._C_API", NULL)',
        message: 'the array `api` is for other modules, and tells neither its version nor its size',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: exporting(struct('', 'boil'), '&api'),
      reports: {
        at: '6:49 PyCapsule_New(&api, "spam._C_API", NULL)',
        message: 'the struct `SpamApi` is for other modules, and tells neither its version nor its size',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: exporting(struct('PyTypeObject *version_type; ', 'NULL, boil'), '&api'),
      reports: {
        at: '6:49 PyCapsule_New(&api, "spam._C_API", NULL)',
        message: 'the struct `SpamApi` is for other modules, and tells neither its version nor its size',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: exporting('typedef struct { int (*boil)(int); } SpamApi;', 'api').replace(
        '    return PyModule',
        '    SpamApi *api = (SpamApi *)PyMem_Calloc(1, sizeof(SpamApi));\n    return PyModule',
      ),
      reports: {
        at: '6:49 PyCapsule_New(api, "spam._C_API", NULL)',
        message: 'the struct `SpamApi` is for other modules, and tells neither its version nor its size',
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: `typedef struct { int (*boil)(int); } SpamApi;
static int boil(int minutes) { return minutes; }
int add_api(PyObject *module)
{
    SpamApi *api = PyMem_Malloc(sizeof(SpamApi));
    if (api == NULL)
        return -1;
    api->boil = boil;
    return PyModule_AddObject(module, "_C_API", PyCapsule_New(api, "spam._C_API", NULL));
}`,
      reports: {
        at: '9:49 PyCapsule_New(api, "spam._C_API", NULL)',
        message: 'the struct `SpamApi` is for other modules, and tells neither its version nor its size',
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code: exporting(struct('size_t size; ', 'sizeof(SpamApi), boil'), '&api'),
    },
    {
      kind: 'good',
      target: '3.9',
      code: exporting(
        `typedef struct { size_t size; unsigned major; } Head;
${struct('Head head; ', '{sizeof(SpamApi), 1}, boil')}`,
        '&api',
      ),
    },
    {
      kind: 'good',
      target: '3.9',
      code: exporting('static void *api[] = {(void *)boil};', 'api', 'spam._C_API_v1'),
    },
    {
      kind: 'good',
      target: '3.9',
      code: exporting(
        'static int spam_version(void) { return 2; }\nstatic void *api[] = {(void *)spam_version, (void *)boil};',
      ),
    },
    {
      kind: 'good',
      target: '3.9',
      code: exporting('static int api[2] = {1, 2};\nint first(void) { return boil(api[0]); }'),
    },
  ],
  *check(context) {
    const all = capsuleTables(context.model)
    for (const table of all) {
      const { capsule, shape, name } = table
      if (!isUnversioned(table) || isAccompanied(context.model, table, all)) continue
      const plan = context.rewrittenTable(table)
      yield {
        file: capsule.file,
        ...capsule.call.span,
        macro: capsule.macro,
        symbol: 'PyCapsule_New',
        notes: [
          ...capsule.doubts,
          ...(plan?.obstacles ?? []).map((each) => `abi3lint rewrite capsule leaves it alone: ${each}`),
        ],
        fix: plan && fixOf(plan),
        message:
          `${shape === 'array' ? 'the array' : 'the struct'} \`${name}\` is for other modules, ` +
          'and tells neither its version nor its size',
        advice: 'Offer one that begins with both beside it: `abi3lint rewrite capsule`.',
      }
    }
  },
}
