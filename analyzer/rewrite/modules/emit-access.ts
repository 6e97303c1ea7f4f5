import type { DeclarationStatement, FunctionCode, Statement } from '../../code/tree.ts'
import { bare } from '../../code/values.ts'
import { addTo } from '../../source/multimap.ts'
import type { Offset, Span } from '../../source/text.ts'
import type { EditList } from '../edit-list.ts'
import { indentAt, lineEndOf } from '../places.ts'
import type { Sources } from '../sources.ts'
import type { Names } from './names.ts'
import type { Obstacles } from './obstacles.ts'
import { errorOf, parameterName } from './role-access.ts'
import type { StateAccess, StateUser } from './state-access.ts'
import type { StateMember } from './state-members.ts'

/** Which functions that find the state a module needs: in all builds, in some, or in none. */
export interface Lookups {
  byType: Need
  byOperands: Need
  /** Of three operands. */
  byPower: Need
}

export type Need = 'always' | 'sometimes' | 'never'

/**
 * Writes how each function comes by the state: what it is called with, and what it begins with.
 * @param header that declares the state; null where the file does itself that defines the module
 * @param trampolines functions that macros give the state
 * @returns the functions that find the state which are used by that
 */
export function emitAccess(
  sources: Sources,
  { users, calls, prototypes }: StateAccess,
  members: readonly StateMember[],
  names: Names,
  header: string | null,
  trampolines: ReadonlyMap<FunctionCode, unknown>,
  edits: EditList,
  obstacles: Obstacles,
): Lookups {
  const lookups: Lookups = { byType: 'never', byOperands: 'never', byPower: 'never' }
  const used = new Map<FunctionCode, Offset[]>()
  for (const { uses } of members) for (const { around, offset } of uses) if (around) addTo(used, around, offset)
  for (const user of users.values()) {
    if (trampolines.has(user.code)) continue
    if (['parameter', 'method', 'entry'].includes(user.access.by))
      addParameter(sources, user.file, user.code.nameSpan.end, parameterOf(user, names), edits, obstacles)
    begin(sources, user, used.get(user.code) ?? [], names, edits, lookups)
  }
  const announced = new Set<string>()
  for (const { file, start, offset, code } of prototypes) {
    const user = users.get(code)!
    const isState = user.access.by !== 'parameter' || user.access.what === 'state'
    // Headers that are read before that of the state have to know that there is such a struct.
    const isForeign = isState && header !== null && file !== header
    const parameter = parameterOf(user, names)
    addParameter(
      sources,
      file,
      offset + code.name.length,
      isForeign ? `struct ${parameter}` : parameter,
      edits,
      obstacles,
    )
    if (!isForeign || announced.has(file)) continue
    announced.add(file)
    const text = sources.text(file)
    edits.insert(file, text.lastIndexOf('\n', start - 1) + 1, `struct ${names.struct};${lineEndOf(text)}`)
  }
  for (const { file, around, call, callee } of calls) {
    const { access } = users.get(callee)!
    if (access.by !== 'parameter' && access.by !== 'method' && access.by !== 'entry') continue
    const isState = access.by !== 'parameter' || access.what === 'state'
    const given = isState ? names.state : moduleOf(users.get(around)!, names)
    edits.insert(file, call.open + 1, call.operands.length === 0 ? given : `${given}, `)
  }
  return lookups
}

/** What the module is called in a function that has it. */
export function moduleOf({ access }: StateUser, names: Names): string {
  return access.by === 'module' && access.module !== '' ? access.module : names.module
}

/** What the parameter is called that a function gets. */
const givenName = ({ access }: StateUser, names: Names): string =>
  access.by === 'parameter' && access.what === 'module' ? names.module : names.state

function parameterOf(user: StateUser, names: Names): string {
  const name = givenName(user, names)
  return name === names.module ? `PyObject *${name}` : `${names.struct} *${name}`
}

/** @param nameEnd where the name of the function ends */
function addParameter(
  sources: Sources,
  file: string,
  nameEnd: Offset,
  parameter: string,
  edits: EditList,
  obstacles: Obstacles,
): void {
  const text = sources.text(file)
  const [head] = /^\s*\(\s*(?:void\s*(?=\)))?/.exec(text.slice(nameEnd, nameEnd + longestHead)) ?? []
  if (head === undefined) {
    obstacles.add(file, nameEnd, 'the parameters there are not understood')
    return
  }
  const open = nameEnd + head.indexOf('(') + 1
  if (text[nameEnd + head.length] !== ')') edits.insert(file, open, `${parameter}, `)
  else edits.replace(file, { start: open, end: nameEnd + head.length }, parameter)
}

/** Characters between the name of a function and its first parameter. */
const longestHead = 200

/**
 * What a function begins with that has to find the state.
 * @param used where it uses members of the state
 */
function begin(
  sources: Sources,
  user: StateUser,
  used: readonly Offset[],
  names: Names,
  edits: EditList,
  lookups: Lookups,
): void {
  const { file, code, access, needsState } = user
  if (access.by === 'macro' || access.by === 'none') return
  const isGiven = ['parameter', 'method', 'entry'].includes(access.by)
  const text = sources.text(file)
  const lineEnd = lineEndOf(text)
  const indent = indentIn(text, code)
  const isOneLine = !text.slice(code.span.start, code.span.end).includes('\n')
  const write = (at: Offset, line: string, ...more: readonly string[]): void => {
    const lines = [line, ...more.map((each) => `${indentStep(indent)}${each}`)]
    const written = isOneLine ? ` ${lines.join(' ')}` : lines.map((each) => `${lineEnd}${indent}${each}`).join('')
    edits.insert(file, at, written)
  }
  const start = code.span.start + 1
  const isNamed = needsState && !(isGiven && givenName(user, names) === names.state)
  const found = isNamed ? stateOf(sources, user, names, lookups) : access.by === 'module' ? access.module : ''
  nameParameters(sources, file, code, found, edits)
  if (isNamed) write(start, `${names.struct} *${names.state} = ${found};`)
  const after = lastDeclaration(sources, file, code, [...used, ...user.uses.flatMap((at) => at ?? [])]) ?? start
  if (isNamed && (access.by === 'type' || access.by === 'operands'))
    write(after, `if (${names.state} == NULL)`, errorOf(code) ?? '')
  else if ((isNamed || isGiven) && !isSurelyUsed(sources, user))
    write(after, `(void)${isNamed ? names.state : givenName(user, names)};`)
}

/**
 * Gives parameters that some C names a name, where they have none, and takes away what says that nobody uses them and
 * may change their names: `Py_UNUSED(self)`.
 */
function nameParameters(sources: Sources, file: string, code: FunctionCode, used: string, edits: EditList): void {
  const text = sources.text(file)
  for (const parameter of code.parameters) {
    const { nameSpan } = parameter
    const name = parameterName(sources, file, code, parameter)
    if (!new RegExp(`\\b${name}\\b`).test(used) || nameSpan.start < code.nameSpan.end) continue
    const close = nameSpan.end + text.slice(nameSpan.end).search(/[,)]/)
    if (parameter.name === '') {
      const end = close - /\s*$/.exec(text.slice(nameSpan.end, close))![0].length
      edits.insert(file, end, text[end - 1] === '*' ? name : ` ${name}`)
      continue
    }
    const before = /([A-Za-z_]\w*[ \t]*\()([^(),*][^(),]*)?$/.exec(
      text.slice(text.indexOf('(', code.nameSpan.end) + 1, nameSpan.start),
    )
    if (!before || text[close] !== ')' || text.slice(nameSpan.end, close).trim() !== '') continue
    const start = nameSpan.start - before[0].length
    edits.replace(file, { start, end: start + before[1]!.length }, '')
    edits.replace(file, { start: close, end: close + 1 }, '')
  }
}

/** Whether a function uses the module or its state, as it has it, in all builds. */
export function isSurelyUsed(sources: Sources, { file, code, uses }: StateUser): boolean {
  const depth = sources.regionsAround({ file, offset: code.span.start }).length
  return uses.some((offset) => offset !== null && sources.regionsAround({ file, offset }).length === depth)
}

/** The C that finds the state in a function. @param lookups functions that are used for it from now on */
export function stateOf(sources: Sources, user: StateUser, names: Names, lookups: Lookups): string {
  const { file, code, access } = user
  const need = (known: Need): Need =>
    known === 'always' || sources.regionsAround({ file, offset: code.span.start }).length === 0 ? 'always' : 'sometimes'
  switch (access.by) {
    case 'type':
      lookups.byType = need(lookups.byType)
      return `${names.prefix}_state_of_type(${access.type})`
    case 'operands': {
      const which = access.operands.length > 2 ? 'byPower' : 'byOperands'
      lookups[which] = need(lookups[which])
      const suffix = which === 'byPower' ? 'power' : 'operands'
      return `${names.prefix}_state_of_${suffix}(${access.operands.join(', ')})`
    }
    case 'defining class':
      return `(${names.struct} *)PyType_GetModuleState(${access.type})`
    default:
      return `(${names.struct} *)PyModule_GetState(${moduleOf(user, names)})`
  }
}

/** The blanks that the statements of a function begin with. */
function indentIn(text: string, { body, span }: FunctionCode): string {
  const first = body[0]
  const own = first && text.slice(span.start, first.span.start).includes('\n') ? indentAt(text, first.span.start) : ''
  return own === '' ? `${indentAt(text, span.start)}    ` : own
}

const indentStep = (indent: string): string => (indent.includes('\t') ? '\t' : '    ')

/**
 * The end of the last declaration that a function begins with, also of those in branches of conditions, as far as none
 * uses the state; with a comment behind it. Null where there is none.
 */
function lastDeclaration(sources: Sources, file: string, code: FunctionCode, used: readonly Offset[]): Offset | null {
  const text = sources.text(file)
  const isPast = ({ start, end }: Span): boolean => !used.some((at) => start <= at && at < end)
  let last: Offset | null = null
  for (const statement of code.body) {
    const { end } = statement.span
    if (!isDeclaring(statement, text) || !isPast(statement.span)) break
    const [behind] = /^[ \t]*(?:\/\*[^\n]*?\*\/|\/\/[^\n]*?(?=\r?\n|$))?/.exec(text.slice(end, end + longestComment))!
    const next = end + behind.length
    // What follows `#endif` is of no declaration, so that nothing else may stand there.
    if (statement.kind === 'branches' && !/^[ \t]*\r?\n/.test(text.slice(next, next + longestComment))) break
    last = behind.trim() === '' ? end : next
  }
  return last
}

/** Characters behind a declaration that are looked at for a comment. */
const longestComment = 300

/** Whether a statement declares variables without calls, which may need the state, or is branches of such ones. */
const isDeclaring = (statement: Statement, text: string): boolean =>
  statement.kind === 'branches'
    ? statement.branches.every(({ statements }) => statements.every((each) => isDeclaring(each, text)))
    : statement.kind === 'declaration' &&
      statement.variables.length > 0 &&
      !(/\(/.test(text.slice(statement.span.start, statement.span.end)) && callsOthers(statement))

/** Whether the values of a declaration come from calls, which may need the state. */
const callsOthers = (statement: DeclarationStatement): boolean =>
  statement.variables.some(
    ({ initialiser }) => initialiser !== null && !['braces', 'name', 'literal'].includes(bare(initialiser).kind),
  )
