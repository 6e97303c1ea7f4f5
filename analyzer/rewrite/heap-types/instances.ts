import {
  type FunctionText,
  indentAt,
  isBraceless,
  nextToken,
  type Outline,
  outermostStatement,
  type StatementTokens,
  simpleStatement,
  tokenFrom,
  wordAt,
} from '../../code/outline.ts'
import type { Variable } from '../../code/tree.ts'
import { calleeName } from '../../code/values.ts'
import type { TextEdit } from '../../fix/fix.ts'
import { isStaticType, objectFunction } from '../../knowledge/object-functions.ts'
import type { ProjectModel } from '../../project/model.ts'
import { type Effect, effectsOf, isOn } from '../../semantics/effects.ts'
import type { Body } from '../../semantics/functions.ts'
import type { Offset, TokenIndex } from '../../source/text.ts'
import { textOf } from './references.ts'

/**
 * What functions in slots have to do for instances of a heap type, which own a reference to it: `tp_dealloc` gives it
 * back, `tp_traverse` visits it (CPython 3.8 and 3.9; Doc/howto/isolating-extensions.rst).
 */

/** Edits of one function, or why there are none and the token that is in the way. */
export type FunctionEdits =
  | { readonly edits: readonly TextEdit[] }
  | { readonly why: string; readonly token: TokenIndex }

/** Whether a name is a function of CPython's that does as a `tp_dealloc` what `subtype_dealloc` does better. */
export const isFreeing = (name: string): boolean => objectFunction(name) === 'free'

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

/** A function in a slot: where its tokens are, and what it does. */
export interface SlotFunction {
  readonly outline: Outline
  readonly text: FunctionText
  readonly body: Body
}

/** The object is the first parameter of a slot's function. */
const self = 0

/** The edits that make a `tp_dealloc` give back the instance's reference to its type. */
export function releasingEdits(model: ProjectModel, dealloc: SlotFunction, owners: Owners): FunctionEdits {
  const { outline, text, body } = dealloc
  const [object] = body.code.parameters
  if (!object || object.name === '')
    return { why: `the parameters of \`${text.name}\` are not understood`, token: text.nameToken }
  const effects = effectsOf(model, body, 'all')
  if (effects.some((effect) => effect.what === 'decref' && isOn(effect, self, 'type'))) return { edits: [] }
  const found = releases(dealloc, effects, owners)
  if ('why' in found) return found
  if (found.statements.length === 0) {
    // An object that nobody frees keeps its reference, too.
    return found.isDelegated || !found.isHandedOn
      ? { edits: [] }
      : { why: `\`${text.name}\` does not free its object in a way that is understood`, token: text.nameToken }
  }
  const variable = ['tp', 'type', 'cls', 'heap_type'].find(
    (name) => !new RegExp(`\\b${name}\\b`).test(textOf(outline, text.open, text.end)),
  )!
  const edits: TextEdit[] = [atStart(outline, text, `PyTypeObject *${variable} = Py_TYPE(${asObject(object)});`)]
  const release = owners.withStatic
    ? `if (PyType_GetFlags(${variable}) & Py_TPFLAGS_HEAPTYPE) {\n@    Py_DECREF(${variable});\n@}`
    : `Py_DECREF(${variable});`
  for (const statement of found.statements) edits.push(...after(outline, statement, release))
  return { edits }
}

/** A parameter as a `PyObject *`. */
const asObject = ({ name, type }: Variable): string => (type === 'PyObject*' ? name : `(PyObject *)${name}`)

/** The statements of a body after which the object is gone; or what is in the way. */
type Releases =
  | { readonly statements: readonly StatementTokens[]; readonly isDelegated: boolean; readonly isHandedOn: boolean }
  | { readonly why: string; readonly token: TokenIndex }

function releases({ outline, text, body }: SlotFunction, effects: readonly Effect[], owners: Owners): Releases {
  const statements: StatementTokens[] = []
  let isDelegated = false
  let isHandedOn = false
  for (const effect of effects) {
    if (!isOn(effect, self, 'object')) continue
    const token = tokenFrom(outline, effect.top.span.start)
    if (effect.how === 'delete') return { why: `\`${text.name}\` deletes its object as C++ does`, token }
    if (effect.what === 'unknown') isHandedOn = true
    const isSlot = effect.what === 'call-slot' && effect.how === 'tp_dealloc'
    if (effect.what !== 'free' && !isSlot) continue
    const called = effect.top.kind === 'call' ? calleeName(effect.top) : null
    // `Spam_Type.tp_base->tp_dealloc` names the type, too.
    const type = [...effect.type.matchAll(/\w+/g)]
      .map(([word]) => word)
      .find((word) => owners.fate(word) !== null || isStaticType(word))
    const fate = type === undefined ? null : owners.fate(type)
    if (
      (isSlot && fate === 'heap') ||
      (!effect.isOwn && called !== null && called !== text.name && owners.releases(called))
    ) {
      isDelegated = true
      continue
    }
    if (isSlot && type === undefined)
      return { why: `\`${text.name}\` calls the \`tp_dealloc\` of a type that is not known`, token }
    const statement = simpleStatement(outline, token)
    if (statement === null || !isOfBody(body, effect.top.span.start))
      return { why: `\`${text.name}\` frees its object in the middle of an expression`, token }
    if (wordAt(outline, statement.first) === 'return')
      return { why: `\`${text.name}\` returns what frees its object`, token: statement.first }
    if (!statements.some(({ first }) => first === statement.first)) statements.push(statement)
  }
  return { statements, isDelegated, isHandedOn }
}

const isOfBody = ({ code: { span } }: Body, offset: Offset): boolean => span.start < offset && offset < span.end

/**
 * The edits that make a `tp_traverse` visit the instance's type, once.
 * @param others the `tp_traverse` of types that do so themselves
 * @param fate what becomes of a type object by its name
 */
export function visitingEdits(
  model: ProjectModel,
  { outline, text: traverse, body }: SlotFunction,
  others: ReadonlySet<string>,
  fate: Owners['fate'],
  condition: string | null,
): FunctionEdits {
  const isVisited = (effect: Effect): boolean =>
    (effect.what === 'visit' && isOn(effect, self, 'type')) ||
    (effect.what === 'call' && effect.how !== traverse.name && others.has(effect.how)) ||
    // That of a static type visits no type.
    (effect.what === 'call-slot' &&
      effect.how === 'tp_traverse' &&
      fate(effect.type) !== 'static' &&
      !isStaticType(effect.type))
  if (effectsOf(model, body, 'all').some(isVisited)) return { edits: [] }
  const [object, visit, arg] = body.code.parameters
  if (!object || !visit || !arg || [object, visit, arg].some(({ name }) => name === ''))
    return { why: `the parameters of \`${traverse.name}\` are not understood`, token: traverse.nameToken }
  const line =
    visit.name === 'visit' && arg.name === 'arg'
      ? `Py_VISIT(Py_TYPE(${asObject(object)}));`
      : `{ int stop = ${visit.name}((PyObject *)Py_TYPE(${asObject(object)}), ${arg.name}); if (stop) return stop; }`
  let first = -1
  for (let at = traverse.body + 1; at < traverse.end && first < 0; at++) {
    if (outline.tokens.directive[at] !== -1) continue
    const word = wordAt(outline, at)
    if (/^Py_VISIT|^return$/.test(word) || (word === visit.name && wordAt(outline, nextToken(outline, at)) === '('))
      first = at
  }
  if (first < 0) return { why: `\`${traverse.name}\` has no \`return\``, token: traverse.nameToken }
  return insertedLine(outline, traverse, outermostStatement(outline, traverse, first), line, condition)
}

/** Puts a line before a statement. @param condition an `#if` around it; null for none */
function insertedLine(
  outline: Outline,
  traverse: FunctionText,
  statement: StatementTokens,
  line: string,
  condition: string | null,
): FunctionEdits {
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
