import type { Finding, Rule } from '../analyzer/check/rule.ts'
import { macroAround } from '../analyzer/facts/macro-index.ts'
import { cachedPointers } from '../analyzer/semantics/cached-capsules.ts'
import { capsuleTables, indexedEntries } from '../analyzer/semantics/capsule-tables.ts'

const header = (index: string, client = ''): string => `#define Spam_boil_NUM 0
#define Spam_fry_NUM 1
#define Spam_boil (*(int (*)(int))Spam_API[Spam_boil_NUM])
#define Spam_fry (*(int (*)(int))Spam_API[${index}])
static void **Spam_API;
static int import_spam(void)
{
    Spam_API = (void **)PyCapsule_Import("spam._C_API", 0);
    return Spam_API != NULL ? 0 : -1;
}
int cook(void) { return import_spam() < 0 ? -1 : Spam_fry(1) + Spam_boil(1); }
${client}`

const maker = (size: string): string => `static int boil(int minutes) { return minutes; }
static void *table[${size}] = {(void *)boil};
int add_api(PyObject *module)
{
    return PyModule_AddObject(module, "_C_API", PyCapsule_New(table, "spam._C_API", NULL));
}`

export const indexedCapsuleMacro: Rule = {
  name: 'indexed-capsule-macro',
  summary: 'functions of a capsule that are taken by number',
  explanation: `\`#define Spam_boil (*(int (*)(int))Spam_API[0])\` says by hand what a struct would say: the number of
the entry, and its type. Nothing compares it with the table: a number behind its end reads what lies there, and a
wrong type calls the function with wrong arguments. A struct with a field for each function is checked by the compiler
on both sides, and its layout is that of the array as long as it begins with the same pointers.`,
  severity: 'info',
  effect: 'abi-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: header('Spam_fry_NUM'),
      reports: {
        at: '3:35 Spam_API[Spam_boil_NUM]',
        message: '`Spam_boil` and 1 more take entries of `Spam_API` by their numbers',
        notes: ['in the body of macro `Spam_boil`, used in example.c'],
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: header('1', maker('2')).replaceAll('Spam_API[Spam_boil_NUM]', 'Spam_API[0]'),
      reports: {
        at: '3:35 Spam_API[0]',
        message: '`Spam_boil` and 1 more take entries of `Spam_API` by their numbers',
        notes: ['in the body of macro `Spam_boil`, used in example.c'],
      },
    },
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code: header('2', maker('2'))
        .replace('#define Spam_boil (*(int (*)(int))Spam_API[Spam_boil_NUM])', '#define Spam_boil abs')
        .replace('#define Spam_boil_NUM 0\n', '#include <stdlib.h>\n'),
      reports: {
        at: '4:34 Spam_API[2]',
        message: 'entry 2 is behind the end of `table`, which has 2',
        severity: 'error',
        notes: ['in the body of macro `Spam_fry`, used in example.c'],
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code: `typedef struct { int (*boil)(int); } SpamApi;
static SpamApi *api;
int cook(void)
{
    api = PyCapsule_Import("spam._C_API", 0);
    return api == NULL ? -1 : api->boil(1);
}`,
    },
    {
      kind: 'good',
      target: '3.9',
      code: `static int *limits;
int first(void)
{
    limits = PyCapsule_Import("spam.limits", 0);
    return limits == NULL ? -1 : limits[1];
}`,
    },
  ],
  *check({ model }) {
    const tables = capsuleTables(model)
    for (const { variable, made } of cachedPointers(model)) {
      if (!/^void\*\*$/.test(model.apiType(variable.file, variable.type))) continue
      const entries = indexedEntries(model, variable.name)
      const own = tables.filter(({ capsule, shape }) => shape === 'array' && made.includes(capsule))
      const size = own.length === 1 ? (own[0]?.size ?? null) : null
      const behind = size === null ? [] : entries.filter(({ index }) => index >= size)
      for (const { file, around, value, index } of behind)
        yield {
          ...place(file, value.span),
          macro: around.kind === 'macro' ? macroAround(model.files[file]!, around.span.start) : -1,
          severity: 'error',
          message: `entry ${index} is behind the end of \`${own[0]!.name}\`, which has ${size}`,
          advice: 'Take an entry that the table has, or add it to the table.',
        }
      const macros = entries.filter(({ around }) => around.kind === 'macro')
      const [first] = macros
      if (!first || behind.length > 0) continue
      const names = new Set(macros.map(({ around }) => around.name))
      yield {
        ...place(first.file, first.value.span),
        macro: macroAround(model.files[first.file]!, first.around.span.start),
        message:
          names.size === 1
            ? `\`${first.around.name}\` takes an entry of \`${variable.name}\` by its number`
            : `\`${first.around.name}\` and ${names.size - 1} more take entries of \`${variable.name}\` by their ` +
              'numbers',
        advice: 'Declare a struct with a field for each entry, of its type.',
      }
    }
  },
}

const place = (
  file: number,
  { start, end }: { readonly start: number; readonly end: number },
): Pick<Finding, 'file' | 'start' | 'end' | 'symbol'> => ({
  file,
  start,
  end,
  symbol: 'PyCapsule_Import',
})
