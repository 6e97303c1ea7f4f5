import type { Rule } from '../analyzer/check/rule.ts'
import { callStarting, operandsAround } from '../analyzer/code/placement.ts'
import type { FunctionCode } from '../analyzer/code/tree.ts'
import { calleeName } from '../analyzer/code/values.ts'
import { declaresName } from '../analyzer/code/variables.ts'
import { macroAround } from '../analyzer/facts/macro-index.ts'
import type { Fix } from '../analyzer/fix/fix.ts'
import { isShimHeader, shimHeaderName } from '../analyzer/fix/shim-header.ts'
import type { Verdict } from '../analyzer/preprocess/condition.ts'
import { isSystemHeader } from '../analyzer/project/includes.ts'
import type { ProjectModel } from '../analyzer/project/model.ts'
import { buildDoubts, compiledAt } from '../analyzer/semantics/calls.ts'
import { mayMake, pastingsOf } from '../analyzer/semantics/pasted-names.ts'
import { isPythonHeader } from '../analyzer/semantics/python-include.ts'
import type { FileId, Offset, Span } from '../analyzer/source/text.ts'
import { shims } from './shims/index.ts'

export const undefinedShim: Rule = {
  name: 'undefined-shim',
  summary: 'a `Pep*` shim that nothing defines',
  explanation: `Shims are functions and macros of a header, \`${shimHeaderName}\`, which fixes write or \`abi3lint shims\`.
Where a file uses one that no header defines, perhaps since a merge lost it, or since the include is missing, a compiler
of C++ refuses the call, one of C takes it for a function that nobody has, and the module cannot be imported. \`--fix\`
puts the shim into the header, and the include where it belongs. Where a file includes a \`${shimHeaderName}\` that was
not found, by a directory that only the compiler is told of perhaps, that may define it: \`-I\` says where it is.`,
  severity: 'error',
  effect: 'build-break',
  isOfFile: true,
  examples: () => [
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
    {
      kind: 'bad',
      target: '3.9',
      compiler: 'silent',
      code:
        '#define CHECK(o) PepMethod_Check(o)\nint f(PyObject *o) { return CHECK(o); }\n' +
        'int g(PyObject *o) { return CHECK(o); }',
      reports: { at: '2:29 CHECK', message: '`PepMethod_Check`, which `CHECK` uses, is defined nowhere' },
    },
    {
      kind: 'bad',
      target: '3.9',
      file: 'spam.cc',
      compiler: 'silent',
      code:
        'struct C { static int PepMethod_Check(PyObject *o); int f(PyObject *o); };\n' +
        'int C::f(PyObject *o) { return PepMethod_Check(o); }',
      reports: {
        at: '2:32 PepMethod_Check',
        message: '`PepMethod_Check` is defined nowhere',
        severity: 'warning',
        notes: ['spam.cc may declare it in a way that is not understood'],
      },
    },
    {
      kind: 'good',
      target: '3.9',
      compiler: 'silent',
      code:
        '#ifdef HAVE_X\nint PepMethod_Check(PyObject *o);\n' +
        'int f(PyObject *o) { return PepMethod_Check(o); }\n#endif',
    },
    {
      kind: 'bad',
      target: '3.9',
      file: 'spam.cc',
      compiler: 'silent',
      code:
        'struct C { int PepMethod_Check(PyObject *o); int f(PyObject *o); };\n' +
        'int C::f(PyObject *o) { return PepMethod_Check(o); }',
      reports: {
        at: '2:32 PepMethod_Check',
        message: '`PepMethod_Check` is defined nowhere',
        severity: 'warning',
        notes: ['spam.cc may declare it in a way that is not understood'],
      },
    },
    {
      kind: 'good',
      target: '3.9',
      code: '%:define PepMethod_Check(o) ((o) != 0)\nint f(PyObject *o) { return PepMethod_Check(o); }',
    },
    {
      kind: 'good',
      target: '3.9',
      code:
        '#define DROP(x) 0\n#define TEXT(x) #x\n#define PASTE(x) my_##x\n' +
        'static int my_PepMethod_Check(PyObject *o) { return 0; }\n' +
        'int f(PyObject *o) { return DROP(PepMethod_Check(o)) + PASTE(PepMethod_Check(o)); }\n' +
        'const char *g(PyObject *o) { return TEXT(PepMethod_Check(o)); }',
    },
    { kind: 'good', target: '3.9', code: '/* PepMethod_Check */ int PepMine(PyObject *o) { return o != NULL; }' },
  ],
  *check({ model, target, buildFiles }) {
    const byMacro = shimsOfMacros(model)
    for (const [file, { file: name }] of model.files.entries()) {
      const { text } = model.project.code(file)
      if (isShimHeader.test(name)) continue
      const told = new Set<string>()
      for (const { word, place, macro } of usedIn(model, file, byMacro)) {
        const shim = shims.get(word)
        if (told.has(word) || isAskedFor(text, word) || isOption(model, name, word)) continue
        const { start, end } = place
        const isDefined = model.isProjectDefined(file, word)
        if (isDefined === 'yes' || isDefinedBeside(model, file, word, start)) continue
        told.add(word)
        const compiled = compiledAt(model, file, start)
        const named = buildFiles.find((each) => each.text.includes(word))
        const doubts = [
          ...(named === undefined ? [] : [`${named.path} names it, and may define it`]),
          ...doubtsOf(model, file, word, isDefined),
          ...buildDoubts(compiled),
        ]
        yield {
          file,
          start,
          end,
          symbol: word,
          message: `\`${word}\`${macro === null ? '' : `, which \`${macro}\` uses,`} is defined nowhere`,
          advice: `\`abi3lint shims ${word} -o ${shimHeaderName}\` writes a header that does.`,
          ...(doubts.length > 0 ? { severity: 'warning' as const, notes: doubts } : {}),
          fix: doubts.length === 0 && shim!.since <= target.level ? fixBy(word) : null,
        }
      }
    }
  },
}

/** Whether a file asks whether a name is a macro, and knows what to do without, or defines it in digraphs. */
const isAskedFor = (text: string, name: string): boolean =>
  new RegExp(`^[ \\t]*#[ \\t]*(?:if|ifdef|ifndef|elif|undef)\\b.*\\b${name}\\b`, 'm').test(text) ||
  definedInDigraphs(name).test(text)

const definedInDigraphs = (name: string): RegExp =>
  new RegExp(`^[ \\t]*(?:%:|\\?\\?=)[ \\t]*define[ \\t]+${name}\\b`, 'm')

/** The use of a shim in a function. */
interface ShimUse {
  readonly word: string
  readonly place: Span
  /** The macro that uses it; null where the function does. */
  readonly macro: string | null
}

/** The first use of each shim in the functions of a file: those that call it, then macros that do. */
function* usedIn(model: ProjectModel, file: FileId, byMacro: MacroShims): Iterable<ShimUse> {
  const { text } = model.project.code(file)
  for (const word of new Set(text.match(/\bPep\w+/g))) {
    const place = shims.has(word) ? callOf(model, file, word) : null
    if (place !== null) yield { word, place, macro: null }
  }
  for (const [macro, { file: where, words: used }] of byMacro) {
    const isSeen = text.includes(macro) && unitsOf(model, file).every((unit) => unit.has(where))
    const place = isSeen ? callOf(model, file, macro, false) : null
    if (place !== null) for (const word of used) yield { word, place, macro }
  }
}

/** The shims that macros call, by the macro, and the file that defines it: of macros that are defined once. */
type MacroShims = ReadonlyMap<string, { readonly file: FileId; readonly words: readonly string[] }>

function shimsOfMacros(model: ProjectModel): MacroShims {
  const found = new Map<string, { readonly file: FileId; readonly words: readonly string[] }>()
  for (const [file, { file: name, macros }] of model.files.entries()) {
    const { text } = model.project.code(file)
    if (isShimHeader.test(name) || !text.includes('Pep')) continue
    for (const macro of macros) {
      const body = text.slice(macro.bodyStart, macro.bodyEnd)
      const words = (body.match(/\bPep[A-Z]\w*(?=\s*\()/g) ?? []).filter(
        (word) => shims.has(word) && !macro.parameters?.includes(word) && !isAskedFor(text, word),
      )
      const isOnly = model.project.declarations.macro(macro.name).length === 1
      if (words.length > 0 && isOnly && model.activeFact(file, macro) === 'yes') found.set(macro.name, { file, words })
    }
  }
  return found
}

/** The files of each translation unit that a file is in. */
const unitsOf = ({ project: { graph } }: ProjectModel, file: FileId): readonly ReadonlySet<FileId>[] =>
  graph.roots(file).map((root) => new Set([root, ...graph.closure(root)]))

/** Whether the compiler's options define a name as a macro for a file. */
const isOption = ({ project: { options } }: ProjectModel, file: string, name: string): boolean =>
  [options, options.ofFile.get(file)].some((each) =>
    [...(each?.definitions ?? [])].some(([key, value]) => value !== null && key.split('(')[0] === name),
  )

/** Whether a name is defined in a branch of `#if` that its use stands in, too, or declared there. */
function isDefinedBeside(model: ProjectModel, file: FileId, name: string, place: Offset): boolean {
  const { declarations } = model.project
  const { text } = model.project.code(file)
  const entries = [...declarations.value(name), ...declarations.macro(name)].filter((each) => each.file === file)
  const regions = new Set<number>()
  const all = model.files[file]!.regions
  for (let at = model.project.code(file).regionAt(place); at >= 0 && !regions.has(at); at = all[at]?.parent ?? -1)
    regions.add(at)
  return (
    entries.some(({ fact }) => regions.has(fact.region)) ||
    new RegExp(`\\bextern\\b[^;{}]{0,200}\\b${name}\\b`).test(text)
  )
}

/**
 * The first call by a name, in a function that may be compiled and has no variable of that name; null for none.
 * @param isCalled false for a macro, which may do without parentheses
 */
function callOf(model: ProjectModel, file: FileId, name: string, isCalled = true): Span | null {
  const code = model.project.code(file)
  for (const { span, isField } of code.occurrences(name)) {
    if (isField || compiledAt(model, file, span.start) === 'no') continue
    if (macroAround(model.files[file]!, span.start) >= 0) continue
    const around = code.codeAt(span.start)
    const isCall = around !== null && (!isCalled || callStarting(around, span.start) !== null)
    if (!isCall) continue
    if (!declaresName(around, name) && isCompiledIn(model, file, around, span.start)) return span
  }
  return null
}

/** Whether no macro around a place drops it, or makes a text or a part of a name of it. */
const isCompiledIn = (model: ProjectModel, file: FileId, code: FunctionCode, place: Offset): boolean =>
  operandsAround(code, place).every(({ call, index }) => {
    const callee = calleeName(call)
    return callee === null || model.keepsArgument(file, callee, index) === 'yes'
  })

/** Why a name may be defined all the same. */
function doubtsOf(model: ProjectModel, file: FileId, name: string, isDefined: Verdict): readonly string[] {
  const { declarations, graph } = model.project
  const units = unitsOf(model, file)
  const seen = new Set(units.flatMap((unit) => [...unit]))
  // A header of shims that is not included is none that a compiler reads.
  const entries = [...declarations.macro(name), ...declarations.value(name)].filter(
    (each) => seen.has(each.file) || !isShimHeader.test(model.files[each.file]!.file),
  )
  if (isDefined === 'unknown' || entries.length > 0) return ['the project defines it elsewhere, or in some builds']
  for (const each of seen) {
    const [include] = /^[ \t]*#[ \t]*include[ \t]+[A-Za-z_]\w*/m.exec(model.project.code(each).text) ?? []
    if (include !== undefined) return [`what \`${include.trim()}\` includes was not read, which may define it`]
    if (isOutside(model, each, name))
      return [`${model.files[each]!.file} may declare it in a way that is not understood`]
    const pasting = pastingMacro(model, each, name)
    if (pasting !== null) return [`\`${pasting}\` in ${model.files[each]!.file} may put its name together`]
  }
  const unread = graph
    .roots(file)
    .flatMap((root) =>
      [root, ...graph.closure(root)].flatMap((each) =>
        model.files[each]!.includes.filter((_, index) => graph.targets[each]![index] === null).map(({ path }) => path),
      ),
    )
  const others = unread.filter((path) => !isSystemHeader(path) && !isPythonHeader(path))
  const known = others.filter((path) => !ofPython.test(path))
  return known.length > 0 ? [`\`${known[0]}\` was not read, which may define it`] : []
}

/** The macro of a file that may make a name of parts by `##`; null for none. */
function pastingMacro(model: ProjectModel, file: FileId, name: string): string | null {
  const { text } = model.project.code(file)
  // As a whole it would stand where a macro makes a declaration of it.
  const isPart = (part: string): boolean => part !== '' && part !== name
  const found = model.files[file]!.macros.find((macro) =>
    pastingsOf(text, macro).some((parts) => mayMake(model, parts, name, isPart)),
  )
  return found?.name ?? null
}

/** Whether a name stands outside of functions and macros: in a class, or where a macro makes a declaration of it. */
function isOutside(model: ProjectModel, file: FileId, name: string): boolean {
  const code = model.project.code(file)
  const { macros, dialect } = model.files[file]!
  // A member of a class that its methods call by its name.
  const member = new RegExp(`\\b(?:static|inline|virtual)\\b[^;{}()=]{0,200}\\b${name}\\s*\\(`)
  if (dialect === 'cpp' && member.test(code.text)) return true
  if (definedInDigraphs(name).test(code.text)) return true
  return code.occurrences(name).some(({ span: { start }, isField, isInDirective }) => {
    if (isField) return false
    if (dialect === 'cpp' && isAfterType(code.text, start)) return true
    if (code.codeAt(start) !== null)
      return !isInDirective && code.functionAt(start) === null && isListed(code.text, start)
    return !macros.some(({ bodyStart, bodyEnd }) => bodyStart <= start && start < bodyEnd)
  })
}

/** Characters before a name that are looked at. */
const nearby = 200

/** Whether words stand before a name as of a type in a declaration. */
function isAfterType(text: string, start: Offset): boolean {
  const before = text
    .slice(Math.max(0, start - nearby), start)
    .split(/[;{}()=,?!]/)
    .at(-1)!
  const words = before.slice(before.search(/(?<!:):(?!:)/) + 1).trim()
  return /^[A-Za-z_][\w:<>*&\s]*$/.test(words) && !/^(?:return|else|do|throw|delete|case|goto|co_\w+|not)\b/.test(words)
}

/** Whether a name outside of functions is an operand of what looks like a call. */
function isListed(text: string, start: Offset): boolean {
  let depth = 0
  for (let at = start - 1; at >= 0 && at > start - nearby; at--) {
    const sign = text[at]!
    if (')}]'.includes(sign)) depth++
    else if ('({['.includes(sign) && depth-- === 0)
      return sign === '(' && /\w\s*$/.test(text.slice(Math.max(0, at - 40), at))
    else if (sign === ';') return false
  }
  return false
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
