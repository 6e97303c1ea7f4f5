import type { Finding, Rule } from '../analyzer/check/rule.ts'
import { nameAt, parentsIn } from '../analyzer/code/placement.ts'
import type { FunctionCode, MemberValue } from '../analyzer/code/tree.ts'
import { variablesIn } from '../analyzer/code/variables.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { structBehind } from '../analyzer/project/typing.ts'
import { buildDoubts, compiledAt } from '../analyzer/semantics/calls.ts'
import { type HiddenName, hiddenNames, isAskedFor, isDeclaredFor, sees } from '../analyzer/semantics/hidden-names.ts'
import { typeOfValue } from '../analyzer/semantics/value-types.ts'
import type { FileId, Span } from '../analyzer/source/text.ts'

export const undeclaredOwnName: Rule = {
  name: 'undeclared-own-name',
  summary: 'name of the project that exists without the Limited API only, and is used with it',
  explanation: `The project itself leaves out a function, a macro, a type or the fields of a struct where
\`Py_LIMITED_API\` is defined, and code that is compiled with it uses them. Declare them for the Limited API as well, or
leave out what uses them.`,
  severity: 'error',
  effect: 'build-break',
  examples: [
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
    const hidden = hiddenNames(model)
    if (hidden.length === 0) return
    for (const file of model.files.keys()) {
      // Several branches may declare one name.
      const asked = new Set<string>()
      for (const each of hidden) {
        const key = `${each.kind} ${each.name}`
        if (asked.has(key) || !sees(model, file, each.file)) continue
        asked.add(key)
        const found = each.kind === 'struct' ? accessesOf(model, file, each) : usesOf(model, file, each)
        for (const finding of found) {
          if (isDeclaredFor(model, file, each)) break
          yield finding
        }
      }
    }
  },
}

/** Where a file uses a name that is not declared. */
function* usesOf(model: ProjectModel, file: FileId, hidden: HiddenName): Iterable<Finding> {
  const { name, kind } = hidden
  const code = model.project.code(file)
  for (const { span, before, isField } of code.occurrences(name)) {
    if (isField || /^(?:struct|union|enum|class|::|#|##|goto)$/.test(before)) continue
    const around = code.codeAt(span.start)
    if (around === null || isDeclaredIn(around, name)) continue
    if (isAskedFor(model, file, span.start, name)) continue
    const isUsed = kind === 'type' ? isType(around, span) : isValue(around, span, kind === 'macro')
    if (isUsed) yield* at(model, file, around, span, name, `\`${name}\` is declared only without \`Py_LIMITED_API\``)
  }
}

/** Whether a name is a variable or a parameter where code stands. */
const isDeclaredIn = (code: FunctionCode, name: string): boolean =>
  [...code.parameters, ...variablesIn(code)].some((each) => each.name === name)

/** Whether a name stands for a value; of a macro with parameters, for its call. */
function isValue(code: FunctionCode, { start }: Span, isCalled: boolean): boolean {
  const value = nameAt(code, start)
  if (value === null || value.scope !== '') return false
  const parent = parentsIn(code).get(value)
  return !isCalled || (parent?.kind === 'call' && parent.callee === value)
}

/** Whether a name stands for a type: it declares a variable, or something is cast to it. */
const isType = (code: FunctionCode, { start, end }: Span): boolean =>
  [...parentsIn(code).keys()].some(
    (each) =>
      (each.kind === 'cast' && each.span.start < start && end < each.operand.span.start) ||
      (each.kind === 'type' && each.span.start === start),
  ) ||
  [...variablesIn(code)].some(
    ({ declaration, nameSpan }) =>
      declaration.span.start <= start && end <= nameSpan.start && nameSpan.end <= declaration.span.end,
  )

/** Where a file reads or writes a field of a struct that has none. */
function* accessesOf(model: ProjectModel, file: FileId, { name: tag, fields }: HiddenName): Iterable<Finding> {
  const code = model.project.code(file)
  for (const field of fields) {
    for (const { span, isField } of code.occurrences(field)) {
      const around = isField ? code.codeAt(span.start) : null
      const access =
        around &&
        [...parentsIn(around).keys()].find(
          (each): each is MemberValue => each.kind === 'member' && each.span.end === span.end && each.name === field,
        )
      const type = access ? typeOfValue(model, file, around, access.object) : null
      if (type === null || structBehind(model.apiType(file, type)) !== tag) continue
      yield* at(model, file, around!, span, field, `\`${tag}\` has fields only without \`Py_LIMITED_API\``)
    }
  }
}

function* at(
  model: ProjectModel,
  file: FileId,
  around: FunctionCode,
  span: Span,
  symbol: string,
  message: string,
): Iterable<Finding> {
  const compiled = compiledAt(model, file, span.start)
  if (compiled === 'no') return
  const notes = [
    ...buildDoubts(compiled),
    ...(hasUnread(model, file) ? ['a header that was not read may declare it'] : []),
  ]
  yield {
    file,
    ...span,
    macro:
      around.kind === 'macro'
        ? model.files[file]!.macros.findIndex(({ bodyStart }) => bodyStart === around.span.start)
        : -1,
    symbol,
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
