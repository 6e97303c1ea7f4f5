import {
  type FunctionText,
  indentAt,
  isBraceless,
  nextToken,
  type Outline,
  outermostStatement,
  previousToken,
  type StatementTokens,
  simpleStatement,
  wordAt,
} from '../../code/outline.ts'
import type { TextEdit } from '../../fix/fix.ts'
import { freeingFunctions } from '../../knowledge/slots.ts'
import { Kind } from '../../preprocess/scanner.ts'
import type { TokenIndex } from '../../source/text.ts'
import { argumentsOf, textOf } from './references.ts'
import type { Sources } from './sources.ts'

/**
 * What functions in slots have to do for instances of a heap type, which own a reference to it: `tp_dealloc` gives it
 * back, `tp_traverse` visits it (CPython 3.8 and 3.9; Doc/howto/isolating-extensions.rst).
 */

/** Edits of one function, or why there are none and the token that is in the way. */
export type FunctionEdits =
  | { readonly edits: readonly TextEdit[] }
  | { readonly why: string; readonly token: TokenIndex }

/** Functions and macros that free the memory of the object that they get. */
const freeing = new Set([...freeingFunctions, 'PyMem_DEL', '_PyObject_GC_Del', '_PyObject_Del'])

/** Whether a name is a function of CPython's that does as a `tp_dealloc` what `subtype_dealloc` does better. */
export const isFreeing = (name: string): boolean => freeing.has(name)

export interface ParameterText {
  readonly name: string
  /** As written, without the name: `SpamObject *`. */
  readonly type: string
}

/** The parameters of a function; null where they are not written in the usual way. */
export function parametersOf(outline: Outline, { open }: FunctionText): readonly ParameterText[] | null {
  if (open < 0) return null
  const found: ParameterText[] = []
  for (const { first, last } of argumentsOf(outline, open)) {
    if (first === last) {
      if (wordAt(outline, first) === 'void') continue
      return null
    }
    if (outline.tokens.kind[last] !== Kind.identifier) {
      found.push({ name: '', type: textOf(outline, first, last) })
      continue
    }
    found.push({
      name: wordAt(outline, last),
      type: outline.text.slice(outline.tokens.start[first], outline.tokens.start[last]).replace(/\s+/g, ' ').trim(),
    })
  }
  return found
}

/** What an argument is behind casts and parentheses. */
const bare = (argument: string): string => {
  let text = argument.trim()
  for (;;) {
    const next =
      /^\(\s*(?:const\s+)?(?:struct\s+)?\w+\s*\*+\s*\)\s*([\s\S]*)$/.exec(text)?.[1] ??
      /^(?:reinterpret_cast|static_cast)\s*<[^>]*>\s*\(([\s\S]*)\)$/.exec(text)?.[1] ??
      /^\(([^()]*)\)$/.exec(text)?.[1]
    if (next === undefined) return text
    text = next.trim()
  }
}

/** The statements of a body after which the object is gone. */
interface Release {
  readonly statement: StatementTokens
}

/** What is known of the types that a function is the `tp_dealloc` of. */
export interface Owners {
  /** Whether one of them stays a static type. */
  readonly withStatic: boolean
  /**
   * Whether a function is the `tp_dealloc` of a type that is a heap type by then: it gives the reference back itself.
   */
  releases(name: string): boolean
  /** What becomes of a type object by its name: `heap`, `static`, or null for none of the project's. */
  fate(name: string): 'heap' | 'static' | null
}

/** The edits that make a `tp_dealloc` give back the instance's reference to its type. */
export function releasingEdits(sources: Sources, file: string, dealloc: FunctionText, owners: Owners): FunctionEdits {
  const outline = sources.outline(file)
  const self = parametersOf(outline, dealloc)?.[0]
  if (!self || self.name === '')
    return { why: `the parameters of \`${dealloc.name}\` are not understood`, token: dealloc.nameToken }
  const body = textOf(outline, dealloc.body, dealloc.end)
  const kept = [...body.matchAll(/\b(\w+)\s*=\s*(?:Py_TYPE\s*\(|\(?\(?(?:\(PyObject\s*\*\)\s*)?\w+\)?->ob_type)/g)].map(
    ([, name]) => name!,
  )
  if (kept.some((name) => new RegExp(`\\bPy_X?DECREF\\s*\\(\\s*(?:\\([^()]*\\)\\s*)?${name}\\s*\\)`).test(body)))
    return { edits: [] }
  const found = releases(sources, file, dealloc, self.name, owners)
  if ('why' in found) return found
  if (found.all.length === 0) {
    // An object that nobody frees keeps its reference, too.
    return found.isDelegated || !found.isHandedOn
      ? { edits: [] }
      : { why: `\`${dealloc.name}\` does not free its object in a way that is understood`, token: dealloc.nameToken }
  }
  const variable = ['tp', 'type', 'cls', 'heap_type'].find(
    (name) => !new RegExp(`\\b${name}\\b`).test(textOf(outline, dealloc.open, dealloc.end)),
  )!
  const object = /^PyObject\s*\*$/.test(self.type) ? self.name : `(PyObject *)${self.name}`
  const edits: TextEdit[] = [atStart(outline, dealloc, `PyTypeObject *${variable} = Py_TYPE(${object});`)]
  const release = owners.withStatic
    ? `if (PyType_GetFlags(${variable}) & Py_TPFLAGS_HEAPTYPE) {\n@    Py_DECREF(${variable});\n@}`
    : `Py_DECREF(${variable});`
  for (const { statement } of found.all) {
    if (wordAt(outline, statement.first) === 'return')
      return { why: `\`${dealloc.name}\` returns what frees its object`, token: statement.first }
    edits.push(...after(outline, statement, release))
  }
  return { edits }
}

type Found =
  | { readonly all: readonly Release[]; readonly isDelegated: boolean; readonly isHandedOn: boolean }
  | { readonly why: string; readonly token: TokenIndex }

function releases(
  sources: Sources,
  file: string,
  { body, end, name: own }: FunctionText,
  self: string,
  owners: Owners,
  depth = 0,
): Found {
  const outline = sources.outline(file)
  const all: Release[] = []
  let isDelegated = false
  let isHandedOn = false
  const selves = namesOf(self, textOf(outline, body, end))
  const take = (token: TokenIndex): { readonly why: string; readonly token: TokenIndex } | null => {
    const statement = simpleStatement(outline, token)
    if (statement === null) return { why: `\`${own}\` frees its object in the middle of an expression`, token }
    if (!all.some((each) => each.statement.first === statement.first)) all.push({ statement })
    return null
  }
  for (let at = body + 1; at < end; at++) {
    if (outline.tokens.kind[at] !== Kind.identifier || outline.tokens.directive[at] !== -1) continue
    const word = wordAt(outline, at)
    const next = nextToken(outline, at)
    const isField = /^(?:->|\.)$/.test(wordAt(outline, previousToken(outline, at)))
    if (word === 'delete' && selves.has(wordAt(outline, next)) && wordAt(outline, nextToken(outline, next)) === ';')
      return { why: `\`${own}\` deletes its object as C++ does`, token: at }
    if (word === 'tp_free' || word === 'Py_tp_free') {
      const statement = simpleStatement(outline, at)
      if (statement !== null && mentionsAsArgument(outline, statement, selves)) {
        const fault = take(at)
        if (fault) return fault
      }
      continue
    }
    if (word === 'tp_dealloc' || word === 'Py_tp_dealloc') {
      const statement = simpleStatement(outline, at)
      if (statement === null || !mentionsAsArgument(outline, statement, selves)) continue
      const base = [...textOf(outline, statement.first, statement.last).matchAll(/\b\w+\b/g)]
        .map(([each]) => each)
        .find((each) => owners.fate(each) !== null || /^Py\w+_Type$/.test(each))
      if (base === undefined)
        return { why: `\`${own}\` calls the \`tp_dealloc\` of a type that is not known`, token: at }
      if (owners.fate(base) === 'heap') isDelegated = true
      else {
        const fault = take(at)
        if (fault) return fault
      }
      continue
    }
    // `CppDealloc<T>(self)`
    let open = next
    if (wordAt(outline, open) === '<')
      while (open < end && !/^[;{}(]$/.test(wordAt(outline, open))) open = nextToken(outline, open)
    if (wordAt(outline, open) !== '(' || isField) continue
    const operands = argumentsOf(outline, open)
    const index = operands.findIndex(({ first, last }) => selves.has(bare(textOf(outline, first, last))))
    if (index < 0) continue
    if (!/^(?:Py_TYPE|PyObject_GC_UnTrack|PyObject_ClearWeakRefs|Py_REFCNT|Py_SIZE)$/.test(word)) isHandedOn = true
    const standsFor = sources
      .macros(word)
      .filter(({ macro }) => macro.parameters === null)
      .map(({ file: where, macro }) => sources.texts.get(where)!.slice(macro.bodyStart, macro.bodyEnd).trim())
    if (freeing.has(word) || standsFor.some((each) => freeing.has(each))) {
      const fault = take(at)
      if (fault) return fault
    } else if (owners.releases(word)) isDelegated = true
    else if (depth < 2 && word !== own && freesParameter(sources, file, word, index, owners, depth + 1)) {
      const fault = take(at)
      if (fault) return fault
    }
  }
  return { all, isDelegated, isHandedOn }
}

/** The parameter, and the variables that are another name for it: `Spam *spam = (Spam *)self;`. */
function namesOf(self: string, body: string): ReadonlySet<string> {
  const names = new Set([self])
  for (const [, name, value] of body.matchAll(/\b(\w+)\s*=\s*([^;=]*);/g)) if (bare(value!) === self) names.add(name!)
  return names
}

/** Whether a function or a macro of the project frees what it gets. */
function freesParameter(
  sources: Sources,
  file: string,
  name: string,
  index: number,
  owners: Owners,
  depth: number,
): boolean {
  for (const { file: where, found } of sources.functions(name, file)) {
    const parameter = parametersOf(sources.outline(where), found)?.[index]
    if (!parameter || parameter.name === '') continue
    const inner = releases(sources, where, found, parameter.name, owners, depth)
    if ('why' in inner || inner.all.length > 0) return true
  }
  return sources.macros(name).some(({ file: where, macro }) => {
    const parameter = macro.parameters?.[index]
    return (
      parameter !== undefined &&
      new RegExp(
        `\\b(?:${[...freeing].join('|')}|tp_free\\)?)\\s*\\(\\s*(?:\\([^()]*\\)\\s*)*\\(?${parameter}\\b`,
      ).test(sources.texts.get(where)!.slice(macro.bodyStart, macro.bodyEnd))
    )
  })
}

/** Whether the object itself, and not only a part of it, stands among the arguments of a call in a statement. */
function mentionsAsArgument(outline: Outline, { first, last }: StatementTokens, selves: ReadonlySet<string>): boolean {
  for (let at = first; at <= last; at++) {
    if (wordAt(outline, at) !== '(') continue
    const before = previousToken(outline, at)
    // A call of what stands before it, not a cast or the head of a condition; `Py_TYPE(self)` asks and frees nothing.
    if (
      !/^[\w)]+$/.test(wordAt(outline, before)) ||
      /^(?:if|while|for|switch|return|sizeof|Py_TYPE)$/.test(wordAt(outline, before))
    )
      continue
    if (argumentsOf(outline, at).some((operand) => selves.has(bare(textOf(outline, operand.first, operand.last)))))
      return true
  }
  return false
}

/**
 * The edits that make a `tp_traverse` visit the instance's type, once.
 * @param others the `tp_traverse` of types that do so themselves
 */
export function visitingEdits(
  sources: Sources,
  file: string,
  traverse: FunctionText,
  others: ReadonlySet<string>,
  condition: string | null,
): FunctionEdits {
  const outline = sources.outline(file)
  const body = textOf(outline, traverse.body, traverse.end)
  if (
    /\bPy_VISIT\s*\(\s*(?:\([^()]*\)\s*)?(?:Py_TYPE\s*\(|\w+->ob_type)/.test(body) ||
    /\btp_traverse\b|\bPy_tp_traverse\b/.test(body)
  )
    return { edits: [] }
  if ([...others].some((name) => name !== traverse.name && new RegExp(`\\b${name}\\s*\\(`).test(body)))
    return { edits: [] }
  const parameters = parametersOf(outline, traverse)
  const [self, visit, arg] = parameters ?? []
  if (!self || !visit || !arg || [self, visit, arg].some(({ name }) => name === ''))
    return { why: `the parameters of \`${traverse.name}\` are not understood`, token: traverse.nameToken }
  const object = /^PyObject\s*\*$/.test(self.type) ? self.name : `(PyObject *)${self.name}`
  const line =
    visit.name === 'visit' && arg.name === 'arg'
      ? `Py_VISIT(Py_TYPE(${object}));`
      : `{ int stop = ${visit.name}((PyObject *)Py_TYPE(${object}), ${arg.name}); if (stop) return stop; }`
  let first = -1
  for (let at = traverse.body + 1; at < traverse.end && first < 0; at++) {
    if (outline.tokens.directive[at] !== -1) continue
    const word = wordAt(outline, at)
    if (/^Py_VISIT|^return$/.test(word) || (word === visit.name && wordAt(outline, nextToken(outline, at)) === '('))
      first = at
  }
  if (first < 0) return { why: `\`${traverse.name}\` has no \`return\``, token: traverse.nameToken }
  const statement = outermostStatement(outline, traverse, first)
  const start = outline.tokens.start[statement.first]!
  const lineStart = outline.text.lastIndexOf('\n', start - 1) + 1
  const isOnOwnLine = /^\s*$/.test(outline.text.slice(lineStart, start))
  const lineEnd = lineEndOf(outline.text)
  if (!isOnOwnLine)
    return condition === null
      ? { edits: [{ start, end: start, text: `${line} ` }] }
      : { why: `\`${traverse.name}\` is written on one line`, token: traverse.nameToken }
  const indent = indentAt(outline.text, start)
  // A condition around what comes next stays around it alone.
  let put = lineStart
  while (/^[ \t]*#[ \t]*if/.test(previousLine(outline.text, put))) put = outline.text.lastIndexOf('\n', put - 2) + 1
  const text =
    condition === null
      ? `${indent}${line}${lineEnd}`
      : `#if ${condition}${lineEnd}${indent}${line}${lineEnd}#endif${lineEnd}`
  return { edits: [{ start: put, end: put, text }] }
}

const previousLine = (text: string, lineStart: number): string =>
  text.slice(text.lastIndexOf('\n', lineStart - 2) + 1, lineStart)

/** The line end that a text uses. */
export const lineEndOf = (text: string): string => (/\r\n/.test(text.slice(0, 2000)) ? '\r\n' : '\n')

/** Puts a declaration at the beginning of a function's body. */
function atStart(outline: Outline, { body }: FunctionText, declaration: string): TextEdit {
  const first = nextToken(outline, body)
  const open = outline.tokens.end[body]!
  const start = outline.tokens.start[first]!
  const isOneLine = !outline.text.slice(open, start).includes('\n')
  if (isOneLine) return { start: open, end: open, text: ` ${declaration}` }
  const indent = wordAt(outline, first) === '}' ? `${indentAt(outline.text, open)}    ` : indentAt(outline.text, start)
  const lineEnd = outline.text.indexOf('\n', open) + 1
  // A comment behind the brace stays there.
  return { start: lineEnd, end: lineEnd, text: `${indent}${declaration}${lineEndOf(outline.text)}` }
}

/**
 * Puts a statement behind another one, within braces where those are needed.
 * @param text lines, with `@` for the indent of those after the first
 */
function after(outline: Outline, statement: StatementTokens, text: string): TextEdit[] {
  const start = outline.tokens.start[statement.first]!
  const end = outline.tokens.end[statement.last]!
  const indent = indentAt(outline.text, start)
  const lineEnd = lineEndOf(outline.text)
  const lines = text.replaceAll('\n', lineEnd).replaceAll('@', indent)
  if (isBraceless(outline, statement)) {
    return [
      { start, end: start, text: '{ ' },
      { start: end, end, text: ` ${lines} }` },
    ]
  }
  const lineStart = outline.text.lastIndexOf('\n', start - 1) + 1
  const isOnOwnLine = /^\s*$/.test(outline.text.slice(lineStart, start))
  if (!isOnOwnLine) return [{ start: end, end, text: ` ${lines}` }]
  const rest = /^[ \t]*(?:\/\/[^\r\n]*|\/\*[^\r\n]*?\*\/)?[ \t]*(?=\r?\n)/.exec(outline.text.slice(end, end + 500))
  const at = rest ? end + rest[0].length : end
  return [{ start: at, end: at, text: `${lineEnd}${indent}${lines}` }]
}
