import type { Rule } from '../analyzer/check/rule.ts'
import type { Fix } from '../analyzer/fix/fix.ts'
import { isShimHeader, shimHeaderName } from '../analyzer/fix/shim-header.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { buildDoubts, compiledAt } from '../analyzer/semantics/calls.ts'
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
      code: 'int f(PyObject *o) { return PepMethod_Check(o); }',
      reports: { at: '1:29 PepMethod_Check', message: '`PepMethod_Check` is defined nowhere' },
    },
    {
      kind: 'good',
      target: '3.9',
      code:
        'static int PepMethod_Check(PyObject *o) { return o != NULL; }\n' +
        'int f(PyObject *o) { return PepMethod_Check(o); }',
    },
    { kind: 'good', target: '3.9', code: '/* PepMethod_Check */ int PepMine(PyObject *o) { return o != NULL; }' },
  ],
  *check({ model, target }) {
    for (const [file, { file: name }] of model.files.entries()) {
      const { text } = model.project.code(file)
      if (!text.includes('Pep') || isShimHeader.test(name)) continue
      for (const word of new Set(text.match(/\bPep[A-Z]\w*/g))) {
        const shim = shims.get(word)
        const place = shim === undefined ? null : useOf(model, file, word)
        if (place === null) continue
        const isDefined = model.isProjectDefined(file, word)
        if (isDefined === 'yes') continue
        const { start, end } = place
        const compiled = compiledAt(model, file, start)
        const isCertain = isDefined === 'no' && compiled === 'yes'
        yield {
          file,
          start,
          end,
          symbol: word,
          message: `\`${word}\` is defined ${isDefined === 'no' ? 'nowhere' : 'in some builds only'}`,
          advice: `\`abi3lint shims ${word} -o ${shimHeaderName}\` writes a header that does.`,
          ...(isCertain ? {} : { severity: 'warning' as const, notes: buildDoubts(compiled) }),
          fix: isDefined === 'no' && shim!.since <= target.level ? fixBy(word) : null,
        }
      }
    }
  },
}

/** The first use of a name in code that may be compiled; null where there is none. */
function useOf(model: ProjectModel, file: FileId, name: string): Span | null {
  const uses = model.project.code(file).occurrences(name)
  return uses.find(({ span, isField }) => !isField && compiledAt(model, file, span.start) !== 'no')?.span ?? null
}

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
