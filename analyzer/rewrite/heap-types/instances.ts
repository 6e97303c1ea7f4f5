import { isBraceless, isInLoopHead, mayBeSkipped, outermostStatements, statementOf } from '../../code/placement.ts'
import { eachStatement, isSimple, valuesOf } from '../../code/statements.ts'
import type { FunctionCode, Statement, Variable } from '../../code/tree.ts'
import { calleeName, eachValue, nameOf } from '../../code/values.ts'
import type { TextEdit } from '../../fix/fix.ts'
import { isStaticType, objectFunction } from '../../knowledge/object-functions.ts'
import type { ProjectModel } from '../../project/model.ts'
import { givesBack } from '../../semantics/deallocation.ts'
import type { Effect } from '../../semantics/effect-list.ts'
import { effectsOf, isOn } from '../../semantics/effects.ts'
import { mayMeet } from '../../semantics/exits.ts'
import type { Body } from '../../semantics/functions.ts'
import { commentBehind } from '../../source/comments.ts'
import { addAll } from '../../source/lists.ts'
import type { Offset } from '../../source/text.ts'
import { indentAt, lineEndOf, ownLine } from '../places.ts'

/**
 * What functions in slots have to do for instances of a heap type, which own a reference to it: `tp_dealloc` gives it
 * back, `tp_traverse` visits it (CPython 3.8 and 3.9; Doc/howto/isolating-extensions.rst).
 */

/** Edits of one function, or why there are none and the place that is in the way. */
export type FunctionEdits = { readonly edits: readonly TextEdit[] } | Refusal

interface Refusal {
  readonly why: string
  readonly offset: Offset
}

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
  /**
   * How objects come back that a function keeps for later use: `PyObject_Init` makes them anew, and takes a second
   * reference to their type if the first was not given back.
   */
  readonly comeBack: 'initialised' | 'as they are' | 'unknown'
  /** What becomes of a type object by its name: `heap`, `static`, or null for none of the project's. */
  fate(name: string): 'heap' | 'static' | null
  /** The name of the base of a type object, by its name; null for one that is known at run time only. */
  base(name: string): string | null
}

/** The object is the first parameter of a slot's function. */
const self = 0

/** The edits that make a `tp_dealloc` give back the instance's reference to its type. */
export function releasingEdits(model: ProjectModel, body: Body, owners: Owners): FunctionEdits {
  const { code } = body
  const { text } = model.project.code(body.file)
  const [object] = code.parameters
  if (!object || object.name === '')
    return { why: `the parameters of \`${code.name}\` are not understood`, offset: code.nameSpan.start }
  const effects = effectsOf(model, body, 'all')
  if (effects.some((effect) => givesBack(effect) && isOn(effect, self, 'type'))) return { edits: [] }
  const found = releases(body, effects, owners)
  if ('why' in found) return found
  const kept = owners.comeBack === 'as they are' ? [] : keptBy(model, body, found.statements)
  if ('why' in kept) return kept
  if (kept.length > 0 && owners.comeBack === 'unknown')
    return { why: `how the objects come back that \`${code.name}\` keeps is not known`, offset: kept[0]!.span.start }
  const statements = [...found.statements, ...kept]
  if (statements.length === 0) {
    // An object that nobody frees keeps its reference, too.
    return found.isDelegated || !found.isHandedOn
      ? { edits: [] }
      : { why: `\`${code.name}\` does not free its object in a way that is understood`, offset: code.nameSpan.start }
  }
  const written = text.slice(code.nameSpan.end, code.span.end)
  const variable = ['tp', 'type', 'cls', 'heap_type'].find((name) => !new RegExp(`\\b${name}\\b`).test(written))!
  const edits: TextEdit[] = [
    ...usable(text, code, [object]),
    atStart(text, code, `PyTypeObject *${variable} = Py_TYPE(${asObject(object)});`),
  ]
  const release = owners.withStatic
    ? `if (PyType_GetFlags(${variable}) & Py_TPFLAGS_HEAPTYPE) {\n@    Py_DECREF(${variable});\n@}`
    : `Py_DECREF(${variable});`
  for (const statement of statements) addAll(edits, after(text, code, statement, release))
  return { edits }
}

/**
 * The statements by which a function keeps its object for later use, such as in a list of free objects; or what is in
 * the way. A branch for another Python, such as PyPy, says nothing of CPython's objects.
 * @param freeing the statements after which the object is gone
 */
function keptBy(model: ProjectModel, body: Body, freeing: readonly Statement[]): Statement[] | Refusal {
  const { code } = body
  const effects = effectsOf(model, body)
  const kept = new Set<Statement>()
  const frees = effects.filter(({ what }) => what === 'free').map(({ top }) => top)
  for (const effect of effects) {
    if (effect.what !== 'store' || !isOn(effect, self, 'object')) continue
    const statement = statementOf(code, effect.top)
    if (statement !== null && freeing.includes(statement)) continue
    const isAlone = statement !== null && isSimple(statement) && statement.kind !== 'return'
    if (!isAlone || isInLoopHead(code, statement) || mayBeSkipped(code, effect.top) || mayMeet(code, statement, frees))
      return { why: `where \`${code.name}\` keeps its object is not understood`, offset: effect.top.span.start }
    kept.add(statement)
  }
  return [...kept]
}

/**
 * The edits that give parameters their names where a macro takes these away as unused: `PyObject *Py_UNUSED(self)`,
 * `NPY_UNUSED(PyObject *self)`.
 */
function usable(text: string, { nameSpan }: FunctionCode, parameters: readonly Variable[]): TextEdit[] {
  return parameters.flatMap(({ nameSpan: { start, end } }) => {
    const before = /([\w\x80-\xff]+[ \t\r\n]*\()((?:[^(),*][^(),]*)?)$/.exec(text.slice(nameSpan.end, start))
    const behind = /^[^(),]*\)/.exec(text.slice(end))
    if (before === null || behind === null) return []
    const from = nameSpan.end + before.index
    const to = end + behind[0].length
    return [{ start: from, end: to, text: text.slice(from + before[1]!.length, to - 1) }]
  })
}

/** A parameter as a `PyObject *`. */
const asObject = ({ name, type }: Variable): string => (type === 'PyObject*' ? name : `(PyObject *)${name}`)

/** The statements of a body after which the object is gone; or what is in the way. */
type Releases =
  | { readonly statements: readonly Statement[]; readonly isDelegated: boolean; readonly isHandedOn: boolean }
  | Refusal

function releases({ code }: Body, effects: readonly Effect[], owners: Owners): Releases {
  const statements = new Set<Statement>()
  let isDelegated = false
  let isHandedOn = false
  for (const effect of effects) {
    if (!isOn(effect, self, 'object')) continue
    const offset = effect.top.span.start
    if (effect.how === 'delete') return { why: `\`${code.name}\` deletes its object as C++ does`, offset }
    if (effect.what === 'unknown') isHandedOn = true
    const isSlot = effect.what === 'call-slot' && effect.how === 'tp_dealloc'
    if (effect.what !== 'free' && !isSlot) continue
    const called = effect.top.kind === 'call' ? calleeName(effect.top) : null
    const isKnown = (word: string): boolean => owners.fate(word) !== null || isStaticType(word)
    const named = [...effect.type.matchAll(/[\w\x80-\xff]+/g)].map(([word]) => word).find(isKnown)
    // `Spam_Type.tp_base->tp_dealloc` names the type, and means its base.
    const base = named !== undefined && /\btp_base\b/.test(effect.type) ? owners.base(named) : named
    const type = typeof base === 'string' && isKnown(base) ? base : undefined
    const fate = type === undefined ? null : owners.fate(type)
    if (
      (isSlot && fate === 'heap') ||
      (!effect.isOwn && called !== null && called !== code.name && owners.releases(called))
    ) {
      isDelegated = true
      continue
    }
    if (isSlot && type === undefined)
      return { why: `\`${code.name}\` calls the \`tp_dealloc\` of a type that is not known`, offset }
    const statement = statementOf(code, effect.top)
    if (statement?.kind === 'return')
      return { why: `\`${code.name}\` returns what frees its object`, offset: statement.span.start }
    if (statement === null || !isSimple(statement) || isInLoopHead(code, statement) || mayBeSkipped(code, effect.top))
      return { why: `\`${code.name}\` frees its object in the middle of an expression`, offset }
    statements.add(statement)
  }
  return { statements: [...statements], isDelegated, isHandedOn }
}

/**
 * The edits that make a `tp_traverse` visit the instance's type, once.
 * @param others the `tp_traverse` of types that do so themselves
 * @param fate what becomes of a type object by its name
 * @param condition under which that is done; null for always
 */
export function visitingEdits(
  model: ProjectModel,
  body: Body,
  others: ReadonlySet<string>,
  fate: Owners['fate'],
  condition: string | null,
): FunctionEdits {
  const { code } = body
  const isVisited = (effect: Effect): boolean =>
    (effect.what === 'visit' && isOn(effect, self, 'type')) ||
    (effect.what === 'call' && effect.how !== code.name && others.has(effect.how)) ||
    // That of a static type visits no type.
    (effect.what === 'call-slot' &&
      effect.how === 'tp_traverse' &&
      fate(effect.type) !== 'static' &&
      !isStaticType(effect.type))
  if (effectsOf(model, body, 'all').some(isVisited)) return { edits: [] }
  const [object, visit, arg] = code.parameters
  if (!object || !visit || !arg || [object, visit, arg].some(({ name }) => name === ''))
    return { why: `the parameters of \`${code.name}\` are not understood`, offset: code.nameSpan.start }
  const line =
    visit.name === 'visit' && arg.name === 'arg'
      ? `Py_VISIT(Py_TYPE(${asObject(object)}));`
      : `{ int stop = ${visit.name}((PyObject *)Py_TYPE(${asObject(object)}), ${arg.name}); if (stop) return stop; }`
  const first = firstVisit(outermostStatements(code.body), visit.name)
  if (first === null) return { why: `\`${code.name}\` has no \`return\``, offset: code.nameSpan.start }
  const { text } = model.project.code(body.file)
  const found = insertedLine(text, code, first, line, condition)
  return 'why' in found ? found : { edits: [...usable(text, code, [object, visit, arg]), ...found.edits] }
}

/** The first statement that visits, hands `visit` on or returns, or a macro before it, which may; null for none. */
function firstVisit(statements: readonly Statement[], visit: string): Statement | null {
  let at = statements.findIndex((statement) => visitsOrReturns(statement, visit))
  const isMacro = (statement: Statement | undefined): boolean =>
    statement?.kind === 'expression' && statement.value?.kind === 'name'
  while (isMacro(statements[at - 1])) at--
  return statements[at] ?? null
}

/** Whether a statement, or one in it, calls `visit` or `Py_VISIT`, hands `visit` on, or returns. */
function visitsOrReturns(outer: Statement, visit: string): boolean {
  for (const statement of eachStatement([outer])) {
    if (statement.kind === 'return') return true
    for (const value of valuesOf(statement).flatMap((each) => [...eachValue(each)])) {
      if (value.kind !== 'call') continue
      const name = calleeName(value)
      if (name === visit || name?.startsWith('Py_VISIT')) return true
      if (value.operands.some((operand) => nameOf(operand) === visit)) return true
    }
  }
  return false
}

/** Puts a line before a statement. @param condition an `#if` around it; null for none */
function insertedLine(
  text: string,
  { name, nameSpan }: FunctionCode,
  { span: { start } }: Statement,
  line: string,
  condition: string | null,
): FunctionEdits {
  const lineStart = ownLine(text, start)
  const lineEnd = lineEndOf(text)
  if (lineStart === null)
    return condition === null
      ? { edits: [{ start, end: start, text: `${line} ` }] }
      : { why: `\`${name}\` is written on one line`, offset: nameSpan.start }
  const indent = indentAt(text, start)
  // A condition around what comes next stays around it alone.
  let put = lineStart
  while (/^[ \t]*#[ \t]*if/.test(previousLine(text, put))) put = text.lastIndexOf('\n', put - 2) + 1
  const inserted =
    condition === null
      ? `${indent}${line}${lineEnd}`
      : `#if ${condition}${lineEnd}${indent}${line}${lineEnd}#endif${lineEnd}`
  return { edits: [{ start: put, end: put, text: inserted }] }
}

const previousLine = (text: string, lineStart: number): string =>
  text.slice(text.lastIndexOf('\n', lineStart - 2) + 1, lineStart)

/** Puts a declaration at the beginning of a function's body. */
function atStart(text: string, { span, body }: FunctionCode, declaration: string): TextEdit {
  const open = span.start + 1
  const start = outermostStatements(body)[0]?.span.start ?? span.end - 1
  const isOneLine = !text.slice(open, start).includes('\n')
  if (isOneLine) return { start: open, end: open, text: ` ${declaration}` }
  const indent = body.length === 0 ? `${indentAt(text, open)}    ` : indentAt(text, start)
  const lineEnd = text.indexOf('\n', open) + 1
  // A comment behind the brace stays there.
  return { start: lineEnd, end: lineEnd, text: `${indent}${declaration}${lineEndOf(text)}` }
}

/**
 * Puts a statement behind another one, within braces where those are needed.
 * @param put lines, with `@` for the indent of those after the first
 */
function after(text: string, code: FunctionCode, statement: Statement, put: string): TextEdit[] {
  const { start, end } = statement.span
  const indent = indentAt(text, start)
  const lineEnd = lineEndOf(text)
  const lines = put.replaceAll('\n', lineEnd).replaceAll('@', indent)
  if (isBraceless(code, statement)) {
    return [
      { start, end: start, text: '{ ' },
      { start: end, end, text: ` ${lines} }` },
    ]
  }
  if (ownLine(text, start) === null) return [{ start: end, end, text: ` ${lines}` }]
  const at = end + (commentBehind(text, end)?.length ?? 0)
  return [{ start: at, end: at, text: `${lineEnd}${indent}${lines}` }]
}
