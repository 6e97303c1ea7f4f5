import type { CheckContext, Rule } from '../analyzer/check/rule.ts'
import type { NameReference } from '../analyzer/facts/file-facts.ts'
import { bringsHeader, harmlessHeaders } from '../analyzer/knowledge/c-headers.ts'
import { libraryHeaders } from '../analyzer/knowledge/library.ts'
import { showVersion } from '../analyzer/knowledge/version.ts'
import { buildDoubts } from '../analyzer/semantics/calls.ts'
import { firstPythonInclude, includedFile } from '../analyzer/semantics/python-include.ts'
import { addTo } from '../analyzer/source/multimap.ts'
import type { FileId } from '../analyzer/source/text.ts'

export const missingStandardInclude: Rule = {
  name: 'missing-standard-include',
  summary: 'name of the C library whose header `Python.h` no longer includes at the target',
  explanation: `From level 3.11 on \`Python.h\` does not include \`errno.h\`, \`stdio.h\` and \`stdlib.h\`, from 3.13
on neither \`ctype.h\` nor \`unistd.h\`; the headers of 3.11 to 3.14 leave out \`string.h\`, too. Sources that
relied on it stop compiling when the level is raised: \`errno\` is undeclared, \`malloc\` implicitly declared.
Include what is used.`,
  severity: 'error',
  effect: 'build-break',
  examples: [
    {
      kind: 'bad',
      target: '3.12',
      code: 'int f(void) { return errno; }',
      reports: {
        at: '1:22 errno',
        message: '`errno` needs `<errno.h>`, which `Python.h` does not include from level 3.11 on',
      },
    },
    {
      kind: 'bad',
      target: '3.13',
      code: 'int f(int c) { return isdigit(c) + isalpha(c); }',
      reports: {
        at: '1:23 isdigit',
        message: '`isdigit` needs `<ctype.h>`, which `Python.h` does not include from level 3.13 on',
      },
    },
    {
      kind: 'bad',
      target: '3.12',
      headers: '3.13',
      code: 'Py_ssize_t f(const char *s) { return (Py_ssize_t)strlen(s); }',
      reports: {
        at: '1:50 strlen',
        message: '`strlen` needs `<string.h>`, which `Python.h` does not include from level 3.11 on',
      },
    },
    {
      kind: 'good',
      target: '3.12',
      headers: '3.15',
      code: 'Py_ssize_t f(const char *s) { return (Py_ssize_t)strlen(s); }',
    },
    { kind: 'good', target: '3.10', code: 'int f(void) { return errno; }' },
    { kind: 'good', target: '3.12', code: '#include <errno.h>\nint f(void) { return errno; }' },
    { kind: 'good', target: '3.12', headers: '3.15', code: 'int f(int c) { return isdigit(c); }' },
  ],
  *check(context) {
    const { model, target } = context
    const wanted = libraryHeaders.filter(
      ({ goneAt, inHeaders, lastInHeaders }) =>
        target.level >= goneAt && target.headers >= inHeaders && target.headers <= (lastInHeaders ?? target.headers),
    )
    if (wanted.length === 0) return
    for (const [file, facts] of model.files.entries()) {
      if (!/\.(?:c|cc|cpp|cxx|c\+\+)$/i.test(facts.file) || model.project.graph.includers[file]!.length > 0) continue
      const python = firstPythonInclude(model, file)
      if (python === null) continue
      const unit = [file, ...model.project.graph.closure(file)]
      const others = otherIncludes(context, unit)
      const macros = throughMacros(context, file)
      for (const { header, names, goneAt } of wanted) {
        if (others.some((path) => bringsHeader(path, header))) continue
        const first = names
          .filter((name) => !fromElsewhere.has(name) && !commonWords.has(name))
          .map((name): [string, readonly Used[]] => [
            name,
            [...(facts.names[name] ?? []), ...(macros.get(name) ?? [])].filter(
              ({ called }) => called || !onlyCalled.has(name),
            ),
          ])
          .filter(
            ([name, mentions]) =>
              mentions.length > 0 && model.isProjectDefined(file, name) === 'no' && !isField(context, unit, name),
          )
          .flatMap(([name, mentions]) => mentions.map((mention) => ({ name, ...mention })))
          .filter(({ region }) => model.active(file, region) !== 'no')
          .sort((a, b) => a.offset - b.offset)
        // `free` may as well be a variable: it is believed less than the others.
        const use = first.find(({ name }) => name !== 'free') ?? first[0]
        if (!use) continue
        const isSure = python.verdict === 'yes' && model.active(file, use.region) === 'yes'
        const strange = others.find((path) => !harmlessHeaders.test(path))
        const notes = [
          ...(strange === undefined ? [] : [`\`${strange}\`, which was not read, may include \`${header}\``]),
          ...(use.name === 'free' ? ['`free` may be a variable here'] : []),
          ...buildDoubts(isSure ? 'yes' : 'unknown'),
        ]
        yield {
          file,
          start: use.offset,
          end: use.offset + (use.by ?? use.name).length,
          symbol: use.name,
          notes,
          ...(notes.length > 0 ? { severity: 'warning' as const } : {}),
          message:
            `\`${use.name}\`${use.by === undefined ? '' : `, which the macro \`${use.by}\` uses,`} needs ` +
            `\`<${header}>\`, which \`Python.h\` does not include from level ${showVersion(goneAt)} on`,
          advice: `Write \`#include <${header}>\`.`,
          fix: {
            title: `write \`#include <${header}>\``,
            safety: 'safe',
            reason: '',
            kind: 'file',
            rewrites: [],
            includes: [`<${header}>`],
            shims: [],
          },
        }
      }
    }
  },
}

/** A place where a name is used; by way of a macro that stands there, if it is that. */
type Used = NameReference & { readonly by?: string }

/**
 * What macros of the headers that a file includes use of the C library, by the names of that: where the file uses the
 * macro.
 */
function throughMacros({ model }: CheckContext, file: FileId): ReadonlyMap<string, readonly Used[]> {
  const { names } = model.files[file]!
  const found = new Map<string, Used[]>()
  for (const header of model.project.graph.closure(file)) {
    const { names: inHeader, macros } = model.files[header]!
    for (const [name, mentions] of Object.entries(inHeader)) {
      for (const { macro, region } of mentions) {
        if (macro < 0 || model.active(header, region) !== 'yes') continue
        const by = macros[macro]!.name
        for (const mention of Object.hasOwn(names, by) ? names[by]! : [])
          if (mention.macro < 0) addTo(found, name, { ...mention, by })
      }
    }
  }
  return found
}

/** `FILE` comes with `<wchar.h>` too, which `Python.h` includes. */
const fromElsewhere = new Set(['FILE'])

/**
 * Names that are labels, variables and methods more often than calls of the C library; what stands there is not
 * known.
 */
const commonWords = new Set(
  'close read write unlink access pipe dup sleep fork system exit abort rand srand rewind puts'.split(' '),
)

/** Names that are believed where they are called: a variable cannot be. */
const onlyCalled = new Set(['abs', 'labs'])

/** Whether a struct of the translation unit has a field of that name: the first use may be that. */
const isField = ({ model }: CheckContext, unit: readonly number[], name: string): boolean =>
  unit.some((index) => model.files[index]!.structs.some(({ fields }) => Object.hasOwn(fields, name)))

/** What a translation unit includes from outside the project, as it is written there. */
function otherIncludes({ model }: CheckContext, unit: readonly number[]): string[] {
  return unit.flatMap((index) => {
    return model.files[index]!.includes.filter(
      (include) => model.active(index, include.region) !== 'no' && includedFile(model, index, include) < 0,
    ).map(({ path }) => path)
  })
}
