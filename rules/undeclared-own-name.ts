import type { Finding, Rule } from '../analyzer/check/rule.ts'
import { macroAround } from '../analyzer/facts/macro-index.ts'
import type { Verdict } from '../analyzer/preprocess/condition.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { buildDoubts, compiledAt } from '../analyzer/semantics/calls.ts'
import { filesHolding, isDeclaredFor } from '../analyzer/semantics/hidden-declarations.ts'
import { hiddenSeenBy } from '../analyzer/semantics/hidden-index.ts'
import { type HiddenName, hiddenNames } from '../analyzer/semantics/hidden-names.ts'
import { usesOfStruct } from '../analyzer/semantics/hidden-structs.ts'
import { type HiddenUse, usesOfName } from '../analyzer/semantics/hidden-uses.ts'
import type { FileId } from '../analyzer/source/text.ts'

export const undeclaredOwnName: Rule = {
  name: 'undeclared-own-name',
  summary: 'name of the project that exists without the Limited API only, and is used with it',
  explanation: `The project itself leaves out a function, a macro, a type or the fields of a struct where
\`Py_LIMITED_API\` is defined, and code that is compiled with it uses them. Declare them for the Limited API as well, or
leave out what uses them.`,
  severity: 'error',
  effect: 'build-break',
  examples: () => [
    {
      kind: 'bad',
      target: '3.12',
      code: `#ifndef Py_LIMITED_API
#define OWNED 1
#endif
int f(int flags) { return flags & OWNED; }`,
      reports: { at: '4:35 OWNED', message: '`OWNED` is declared only without `Py_LIMITED_API`' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: `typedef struct spam Spam;
#ifndef Py_LIMITED_API
struct spam { PyObject_HEAD int flags; };
#endif
int f(Spam *spam) { return spam->flags; }`,
      reports: { at: '5:34 flags', message: '`struct spam` has fields only without `Py_LIMITED_API`' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: `typedef struct {
    PyObject_HEAD
#ifndef Py_LIMITED_API
    vectorcallfunc call;
#endif
} Spam;
int f(Spam *spam) { return spam->call != NULL; }`,
      reports: { at: '7:34 call', message: '`Spam` has the field `call` only without `Py_LIMITED_API`' },
    },
    {
      kind: 'bad',
      target: '3.12',
      code: `#ifndef Py_LIMITED_API
typedef struct { int n; } Stats;
#endif
static int f(Stats *stats) { return 0; }`,
      reports: { at: '4:14 Stats', message: '`Stats` is declared only without `Py_LIMITED_API`' },
    },
    {
      kind: 'good',
      target: '3.12',
      code: `#ifndef Py_LIMITED_API
static PyModuleDef spam_def;
PyObject *find(void) { return PyState_FindModule(&spam_def); }
#endif
#ifdef __cplusplus
namespace {
    PyModuleDef spam_def =
#else
static PyModuleDef spam_def =
#endif
{ PyModuleDef_HEAD_INIT, "spam", NULL, -1, NULL };
#ifdef __cplusplus
}
#endif
PyMODINIT_FUNC PyInit_spam(void) { return PyModule_Create(&spam_def); }`,
    },
    {
      kind: 'good',
      target: '3.12',
      code: `#ifdef Py_LIMITED_API
#define FAST 0
#else
#define FAST 1
static int fast(void) { return 1; }
#endif
int f(void) {
#ifdef Py_LIMITED_API
    return FAST;
#else
    return fast();
#endif
}
struct spam { int fast; };
int g(struct spam *spam, int fast) { return spam->fast + fast; }`,
    },
  ],
  *check({ model }) {
    if (hiddenNames(model).length === 0) return
    const found: Found[] = []
    for (const file of model.files.keys()) {
      const seen = new Set<string>()
      let unread: boolean | null = null
      for (const each of hiddenSeenBy(model, file)) {
        const isStruct = each.kind === 'struct'
        if (!isStruct && isDeclaredFor(model, file, each, null)) continue
        let hasFields: boolean | null = null
        const uses = isStruct ? usesOfStruct(model, file, each) : usesOfName(model, file, each)
        for (const use of uses) {
          // Several branches may declare one name.
          const key = `${use.span.start}`
          const compiled = seen.has(key) ? 'no' : compiledAt(model, file, use.span.start)
          if (compiled === 'no') continue
          seen.add(key)
          hasFields ??= isStruct && isDeclaredFor(model, file, each, null)
          unread ??= hasUnread(model, file)
          const finding = at(model, file, use, messageFor(each, use, hasFields), doubts(compiled, unread))
          found.push({ finding, macro: unexpandedMacro(model, file, finding.macro) })
        }
      }
    }
    yield* withoutUnusedMacros(model, found)
  },
}

interface Found {
  readonly finding: Finding
  /** The name of the macro in whose body it is, where the target expands that nowhere; null for none. */
  readonly macro: string | null
}

/** @param hasFields whether the struct that is used has fields with the Limited API, too */
function messageFor(hidden: HiddenName, { name, isField }: HiddenUse, hasFields: boolean): string {
  if (hidden.kind !== 'struct') return `\`${name}\` is declared only without \`Py_LIMITED_API\``
  return isField && hasFields
    ? `\`${hidden.name}\` has the field \`${name}\` only without \`Py_LIMITED_API\``
    : `\`${hidden.name}\` has fields only without \`Py_LIMITED_API\``
}

/** Why a finding may be none. @param unread whether a header was not read */
const doubts = (compiled: Exclude<Verdict, 'no'>, unread: boolean): readonly string[] => [
  ...buildDoubts(compiled),
  ...(unread ? ['a header that was not read may declare it'] : []),
]

/** The macro in whose body a use stands, among those of its file; -1 for none. */
const macroOf = (model: ProjectModel, file: FileId, { around }: HiddenUse): number =>
  around.kind === 'macro' ? macroAround(model.files[file]!, around.span.start) : -1

/** The name of a macro, by its number among those of a file, that the target expands nowhere; null for others. */
const unexpandedMacro = (model: ProjectModel, file: FileId, macro: number): string | null =>
  macro < 0 || model.expansionOf(file, macro) !== null ? null : model.files[file]!.macros[macro]!.name

/** What was found, but for the bodies of macros that are used, and of which all uses are left out, too. */
function withoutUnusedMacros(model: ProjectModel, found: readonly Found[]): readonly Finding[] {
  const isUse = (name: string, file: FileId): boolean => {
    const code = model.project.code(file)
    return code.occurrences(name).some(({ span }) => !code.definesMacro(span.start))
  }
  const asked = new Set(found.flatMap(({ macro }) => (macro === null ? [] : [macro])))
  const used = new Set<string>()
  for (const [name, files] of filesHolding(model, asked))
    if ([...files].some((file) => isUse(name, file))) used.add(name)
  return found.flatMap(({ finding, macro }) => (macro !== null && used.has(macro) ? [] : [finding]))
}

function at(
  model: ProjectModel,
  file: FileId,
  use: HiddenUse,
  message: string,
  notes: readonly string[],
): Finding & { readonly macro: number } {
  return {
    file,
    ...use.span,
    macro: macroOf(model, file, use),
    symbol: use.name,
    message,
    advice: 'Declare it for the Limited API as well, or leave out what uses it.',
    ...(notes.length > 0 ? { severity: 'warning', notes } : {}),
  }
}

/** Whether a file includes a header of a project that was not read. */
const hasUnread = (model: ProjectModel, file: FileId): boolean => {
  const { targets, closure } = model.project.graph
  return [file, ...closure(file)].some((each) =>
    model.files[each]!.includes.some(
      ({ quoted, path, region }, index) =>
        quoted &&
        !/(?:^|\/)(?:Python|structmember)\.h$/.test(path) &&
        targets[each]![index] === null &&
        model.active(each, region) !== 'no',
    ),
  )
}
