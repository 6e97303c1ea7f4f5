import { type MacroDefinition, readDirectives } from './directives.ts'
import { isMemberOperator, isPunctuation, Kind, scan, type Tokens, tokenText } from './scanner.ts'

/**
 * What a macro does to the grammar of the text around it, so that a parser that expands nothing can still read it.
 * `blank`: take it away, arguments too (attributes, specifiers, fields). `empty`: a whole statement that says nothing
 * here. `open`, `close`: it holds an unpaired brace. `statement`: a statement without its semicolon. `comma`: an
 * initialiser that brings its own comma. `unwrap`: only its argument counts (`PyAPI_FUNC(int)`). `extern`: that
 * specifier, with or without others, and the argument if there is one (`PyAPI_DATA(int)`).
 */
export type Shape = 'blank' | 'empty' | 'open' | 'close' | 'statement' | 'comma' | 'unwrap' | 'extern'

export type Shapes = ReadonlyMap<string, Shape>

/** CPython's own macros. Source: the headers of 3.2 to 3.15. */
export const cpythonShapes: Shapes = new Map<string, Shape>([
  ...[
    'PyObject_HEAD',
    'PyObject_VAR_HEAD',
    '_PyObject_HEAD_EXTRA',
    '_PyObject_EXTRA_INIT',
    'PyDescr_COMMON',
    'PyException_HEAD',
    'Py_ALWAYS_INLINE',
    'Py_NO_INLINE',
    'Py_DEPRECATED',
    'Py_GCC_ATTRIBUTE',
    'Py_EXPORTED_SYMBOL',
    'Py_IMPORTED_SYMBOL',
    'Py_LOCAL_SYMBOL',
    '_Py_NO_SANITIZE_UNDEFINED',
    '_Py_NO_SANITIZE_MEMORY',
    'Py_FORMAT_PARSETUPLE',
    '_Py_NO_RETURN',
    '_Py_ALIGN_AS',
    '_Py_thread_local',
    '_Py_COMP_DIAG_PUSH',
    '_Py_COMP_DIAG_IGNORE_DEPR_DECLS',
    '_Py_COMP_DIAG_POP',
    '_Py_COMP_DIAG_IGNORE_DEPR_DECL',
    'Py_BUILD_ASSERT',
  ].map((name): [string, Shape] => [name, 'blank']),
  ...[
    'Py_BEGIN_ALLOW_THREADS',
    'Py_END_ALLOW_THREADS',
    'Py_BLOCK_THREADS',
    'Py_UNBLOCK_THREADS',
    'Py_BEGIN_CRITICAL_SECTION',
    'Py_END_CRITICAL_SECTION',
    'Py_BEGIN_CRITICAL_SECTION2',
    'Py_END_CRITICAL_SECTION2',
    'Py_BEGIN_CRITICAL_SECTION_MUT',
    'Pep_BEGIN_CRITICAL_SECTION',
    'Pep_END_CRITICAL_SECTION',
    'Pep_BEGIN_CRITICAL_SECTION2',
    'Pep_END_CRITICAL_SECTION2',
    'Py_TRASHCAN_BEGIN',
    'Py_TRASHCAN_END',
    'Pep_TRASHCAN_BEGIN',
    'Pep_TRASHCAN_END',
    'Py_TRASHCAN_SAFE_BEGIN',
    'Py_TRASHCAN_SAFE_END',
    '_Py_BEGIN_SUPPRESS_IPH',
    '_Py_END_SUPPRESS_IPH',
  ].map((name): [string, Shape] => [name, 'empty']),
  ...['PyAPI_FUNC', 'Py_LOCAL', 'Py_LOCAL_INLINE'].map((name): [string, Shape] => [name, 'unwrap']),
  ['PyAPI_DATA', 'extern'],
  ['PyObject_HEAD_INIT', 'comma'],
  ['PyVarObject_HEAD_INIT', 'comma'],
])

const specifier = new RegExp(
  `^(?:${[
    'static|inline|extern|const|volatile|register|restrict|auto|thread_local|constexpr|_Thread_local|_Noreturn',
    'noexcept|__(?:static_)?inline(?:__)?|__forceinline|__extension__|__attribute(?:__)?|__declspec',
    '__(?:std|c|fast|vector)call|__restrict(?:__)?|__volatile__|__const|_cdecl|__pascal|WINAPI',
  ].join('|')})$`,
)

/**
 * The shape of a project's macro, from its body; null where it reads as what it looks like.
 */
export function shapeOf(tokens: Tokens, macro: MacroDefinition): Shape | null {
  if (macro.firstToken >= macro.endToken) return macro.parameters === null ? 'blank' : null
  let depth = 0
  let lowest = 0
  let parentheses = 0
  let onlySpecifiers = true
  let argument = false
  let isExtern = false
  for (let at = macro.firstToken; at < macro.endToken; at++) {
    const text = tokenText(tokens, at)
    if (text === '{') depth++
    else if (text === '}') lowest = Math.min(lowest, --depth)
    if (text === '(') parentheses++
    else if (text === ')') parentheses--
    else if (parentheses === 0 && onlySpecifiers) {
      if (text === 'extern') isExtern = true
      else if (text === '{') isExtern = false
      // `extern "C" {` opens what declarations may stand in: as if it were not there
      const linkage =
        text === '"C"' ||
        text === '"C++"' ||
        (text === '{' && at > macro.firstToken && tokens.kind[at - 1] === Kind.string)
      if (macro.parameters?.length === 1 && text === macro.parameters[0] && !argument) argument = true
      else if (!linkage && !(tokens.kind[at] === Kind.identifier && specifier.test(text))) onlySpecifiers = false
    }
  }
  const only = macro.endToken - macro.firstToken === 1
  if (onlySpecifiers && !isPunctuation(tokens, macro.firstToken, '('))
    return isExtern ? 'extern' : argument ? (macro.endToken - macro.firstToken > 1 ? 'unwrap' : null) : 'blank'
  if (only && isPunctuation(tokens, macro.firstToken, '}')) return 'close'
  if (depth > 0) return 'open'
  if (lowest < 0 && depth < 0) return 'close'
  if (isPunctuation(tokens, macro.endToken - 1, ';') || isPunctuation(tokens, macro.endToken - 1, '}'))
    return 'statement'
  return null
}

/** A macro of the project as all its files need to know it. */
export interface MacroShape {
  readonly name: string
  readonly shape: Shape | null
  /** It is called, and its body reads fields or sizes: what it is called with, and where, matters to types. */
  readonly readsFields: boolean
  /** Its body makes names of its arguments: by `##`, as a field, as what is declared or called. */
  readonly makesNames: boolean
  /** The identifiers in the body. */
  readonly words: readonly string[]
  /** The body is one identifier, and there are no parameters. */
  readonly isName: boolean
  /** It has parameters and no body. */
  readonly isNothing: boolean
}

/** The macros that a text defines. Cheap: only the directives are looked at closely. */
export function macroShapes(text: string): MacroShape[] {
  if (!text.includes('define')) return []
  const found: MacroShape[] = []
  const define = /^(?:\xef\xbb\xbf)?[ \t]*#[ \t]*define[ \t][^\n\\]*(?:\\(?:\r?\n)?[^\n\\]*)*/gm
  const only = text.match(define)
  if (!only) return []
  const tokens = scan(only.join('\n'))
  for (const macro of readDirectives(tokens).macros) {
    let readsFields = false
    if (macro.parameters) {
      for (let at = macro.firstToken; at < macro.endToken && !readsFields; at++) {
        readsFields = isMemberOperator(tokens, at) || tokenText(tokens, at) === 'sizeof'
      }
    }
    const isName =
      macro.parameters === null &&
      macro.endToken - macro.firstToken === 1 &&
      tokens.kind[macro.firstToken] === Kind.identifier
    const words = new Set<string>()
    let makesNames = false
    for (let at = macro.firstToken; at < macro.endToken; at++) {
      if (tokens.kind[at] !== Kind.identifier) {
        makesNames ||= isPunctuation(tokens, at, '##')
        continue
      }
      const word = tokenText(tokens, at)
      words.add(word)
      if (makesNames || at === macro.firstToken || !macro.parameters?.includes(word)) continue
      // `->field`, `PyTypeObject name`, `sizeof(type)`, `typedef struct {...} name`
      const before = at - 1
      makesNames =
        isPunctuation(tokens, before, '}') ||
        isMemberOperator(tokens, before) ||
        tokens.kind[before] === Kind.identifier ||
        (isPunctuation(tokens, before, '(') && tokenText(tokens, before - 1) === 'sizeof')
    }
    if (macro.parameters && !makesNames) {
      for (let at = macro.firstToken; at + 1 < macro.endToken && !makesNames; at++)
        makesNames = isPunctuation(tokens, at + 1, '(') && macro.parameters.includes(tokenText(tokens, at))
    }
    const isNothing = macro.parameters !== null && macro.firstToken >= macro.endToken
    const { name } = macro
    found.push({ name, shape: shapeOf(tokens, macro), readsFields, makesNames, words: [...words], isName, isNothing })
  }
  return found
}
