import type { Rule } from '../analyzer/check/rule.ts'
import { callStarting } from '../analyzer/code/placement.ts'
import { declaresName } from '../analyzer/code/variables.ts'
import { macroAround } from '../analyzer/facts/macro-index.ts'
import type { Fix } from '../analyzer/fix/fix.ts'
import { isShimHeader, shimHeaderName } from '../analyzer/fix/shim-header.ts'
import type { Verdict } from '../analyzer/preprocess/condition.ts'
import { isSystemHeader } from '../analyzer/project/includes.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { buildDoubts, compiledAt } from '../analyzer/semantics/calls.ts'
import { isPythonHeader } from '../analyzer/semantics/python-include.ts'
import type { FileId, Span } from '../analyzer/source/text.ts'
import { shims } from './shims/index.ts'

export const undefinedShim: Rule = {
  name: 'undefined-shim',
  summary: 'a `Pep*` shim that nothing defines',
  explanation: `Shims are functions and macros of a header, \`${shimHeaderName}\`, which fixes write or \`abi3lint shims\`.
Where a file uses one that no header defines, perhaps since a merge lost it, or since the include is missing, a compiler
of C++ refuses the call, one of C takes it for a function that nobody has, and the module cannot be imported. \`--fix\`
puts the shim into the header, and the include where it belongs.`,
  severity: 'error',
  effect: 'build-break',
  examples: [
    {
      kind: 'bad',
      target: '3.9',
      // What judges examples gives the compiler all shims.
      compiler: 'silent',
      code: 'int f(PyObject *o) { return PepMethod_Check(o); }',
      reports: { at: '1:29 PepMethod_Check', message: '`PepMethod_Check` is defined nowhere' },
    },
    {
      kind: 'good',
      target: '3.9',
      compiler: 'silent',
      code:
        'int g(int PepMethod_Check) { return PepMethod_Check; }\n#ifdef PepMethod_Check\n' +
        'int f(PyObject *o) { return PepMethod_Check(o); }\n#endif',
    },
    { kind: 'good', target: '3.9', code: '/* PepMethod_Check */ int PepMine(PyObject *o) { return o != NULL; }' },
  ],
  *check({ model, target }) {
    for (const [file, { file: name }] of model.files.entries()) {
      const { text } = model.project.code(file)
      if (!text.includes('Pep') || isShimHeader.test(name)) continue
      for (const word of new Set(text.match(/\bPep[A-Z]\w*/g))) {
        const shim = shims.get(word)
        const place = shim === undefined || isAskedFor(text, word) ? null : callOf(model, file, word)
        const isDefined = place === null ? 'yes' : model.isProjectDefined(file, word)
        if (place === null || isDefined === 'yes') continue
        const { start, end } = place
        const compiled = compiledAt(model, file, start)
        const doubts = [...doubtsOf(model, file, word, isDefined), ...buildDoubts(compiled)]
        yield {
          file,
          start,
          end,
          symbol: word,
          message: `\`${word}\` is defined nowhere`,
          advice: `\`abi3lint shims ${word} -o ${shimHeaderName}\` writes a header that does.`,
          ...(doubts.length > 0 ? { severity: 'warning' as const, notes: doubts } : {}),
          fix: doubts.length === 0 && shim!.since <= target.level ? fixBy(word) : null,
        }
      }
    }
  },
}

/** Whether a file asks whether a name is a macro: then it knows what to do without. */
const isAskedFor = (text: string, name: string): boolean =>
  new RegExp(`^[ \\t]*#[ \\t]*(?:if|ifdef|ifndef|elif|undef)\\b.*\\b${name}\\b`, 'm').test(text)

/** The first call by a name, in a function that may be compiled and has no variable of that name; null for none. */
function callOf(model: ProjectModel, file: FileId, name: string): Span | null {
  const code = model.project.code(file)
  for (const { span, isField } of code.occurrences(name)) {
    if (isField || compiledAt(model, file, span.start) === 'no') continue
    if (macroAround(model.files[file]!, span.start) >= 0) continue
    const around = code.codeAt(span.start)
    const isCall = around !== null && callStarting(around, span.start) !== null
    if (!isCall) continue
    const isOwn = declaresName(around, name)
    if (!isOwn) return span
  }
  return null
}

/** Why a name may be defined all the same. */
function doubtsOf(model: ProjectModel, file: FileId, name: string, isDefined: Verdict): readonly string[] {
  const { declarations, graph } = model.project
  if (isDefined === 'unknown' || declarations.macro(name).length + declarations.value(name).length > 0)
    return ['the project defines it elsewhere, or in some builds']
  const unread = graph
    .roots(file)
    .flatMap((root) =>
      [root, ...graph.closure(root)].flatMap((each) =>
        model.files[each]!.includes.filter((_, index) => graph.targets[each]![index] === null).map(({ path }) => path),
      ),
    )
  const others = unread.filter((path) => !isSystemHeader(path) && !isPythonHeader(path) && !isShimHeader.test(path))
  const known = others.filter((path) => !ofPython.test(path))
  return known.length > 0 ? [`\`${known[0]}\` was not read, which may define it`] : []
}

/** Headers of CPython beside `Python.h`. */
const ofPython =
  /^(?:structmember|structseq|datetime|frameobject|marshal|pythread|pyconfig|patchlevel|cpython\/\w+|internal\/\w+)\.h$/

/** The shim in the header, and the include of that. */
const fixBy = (name: string): Fix => ({
  title: `put the shim \`${name}\` into \`${shimHeaderName}\``,
  safety: 'safe',
  reason: '',
  kind: 'file',
  rewrites: [],
  includes: [],
  shims: [name],
})
