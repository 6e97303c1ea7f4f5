import type { FileCode } from '../code/file-code.ts'
import { inParentheses, nameAt, type Parent, parentsIn, statementOf } from '../code/placement.ts'
import { eachStatement, valuesInCode } from '../code/statements.ts'
import type { DeclaredVariable, FunctionCode, MemberValue, Statement, Value } from '../code/tree.ts'
import { bare, calleeName, eachValue, isNull, nameOf, plainText } from '../code/values.ts'
import { variablesIn, variablesNamed } from '../code/variables.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset, Span } from '../source/text.ts'
import { lvalueUse } from './lvalues.ts'
import { isNamedByMacro } from './macro-names.ts'
import { isOnlyTested } from './null-tests.ts'

/** The fields of types that point to tables of slots, and the types of the tables. Source: cpython/object.h. */
export const slotTables: ReadonlyMap<string, string> = new Map([
  ['tp_as_async', 'PyAsyncMethods'],
  ['tp_as_number', 'PyNumberMethods'],
  ['tp_as_sequence', 'PySequenceMethods'],
  ['tp_as_mapping', 'PyMappingMethods'],
])

/** The table of slots of a type, where nothing is done with it but to ask whether it is there and to read its slots. */
export interface SlotTableUse {
  /** What reads the pointer to the table, `.tp_as_number` and its like; the type before it takes its place. */
  readonly fields: readonly { readonly field: Span; readonly type: Span; readonly arrow: boolean }[]
  /** The variable that holds the pointer, and its type as it is declared, null for `auto`; null for none. */
  readonly variable: { readonly name: string; readonly type: Span | null } | null
  /** What reads slots: `nb->nb_add`, or those that are asked for with the table; the type, or the variable, alone. */
  readonly reads: readonly SlotRead[]
}

interface SlotRead {
  readonly span: Span
  readonly slot: string
  readonly type: Span
}

/**
 * What becomes of a pointer to a table of slots: `PyNumberMethods *nb = Py_TYPE(o)->tp_as_number;`, or
 * `Py_TYPE(o)->tp_as_number != NULL`. The Limited API tells slots, and not whether there
 * is a table: that may only be asked where a slot is asked for with it, or where nothing is done without one.
 * @param start where the expression that reads the pointer begins, in bytes
 * @param field of the type: `tp_as_number`
 * @returns null where more is done with it, or where that is not understood
 */
export function slotTableUse(model: ProjectModel, file: FileId, start: Offset, field: string): SlotTableUse | null {
  const text = model.project.code(file)
  const code = text.codeAt(start)
  if (!code || code.kind === 'file') return null
  const table = membersIn(code).find(({ span, name }) => span.start === start && name === field)
  if (!table) return null
  const { parent } = inParentheses(code, table)
  const name = parent?.kind === 'variable' ? parent.name : parent?.kind === 'assign' ? nameOf(parent.target) : null
  if (name !== null) return variableUse(model, file, code, name, field)
  const type = typeText(table.object)
  const isSame = (value: Value): boolean =>
    value.kind === 'member' && value.name === field && value.arrow && typeText(value.object) === type
  const asked = table.arrow && type !== null ? askedWithSlot(code, table, isSame) : null
  if (asked === null) return null
  const reads = membersIn(code).flatMap((member) => {
    const object = bare(member.object)
    const isAsked = asked.span.start <= member.span.start && member.span.end <= asked.span.end
    return isAsked && isSlot(member, isSame) && object.kind === 'member'
      ? [{ span: member.span, slot: member.name, type: object.object.span }]
      : []
  })
  return { fields: [fieldOf(table)], variable: null, reads }
}

/**
 * Whether a pointer to a table of slots is compared with `NULL` where the type has it, and nothing else is done with
 * it.
 * @param start where the expression that reads the pointer begins, in bytes
 * @param field of the type: `tp_as_number`
 */
export function isTableTested(model: ProjectModel, file: FileId, start: Offset, field: string): boolean {
  const code = model.project.code(file).codeAt(start)
  if (!code || code.kind === 'file') return false
  const table = membersIn(code).find(({ span, name }) => span.start === start && name === field)
  return table !== undefined && isOnlyTested(model.project.code(file).text, code, table)
}

/** Characters that are looked at. */
const nearby = 40

function variableUse(
  model: ProjectModel,
  file: FileId,
  code: FunctionCode,
  name: string,
  field: string,
): SlotTableUse | null {
  const text = model.project.code(file)
  const [variable, ...others] = variablesNamed(code, name)
  if (!variable || others.length > 0 || code.kind === 'macro' || isNamedByMacro(model, file, code, name)) return null
  // `while (auto nb = ...)` asks for the table itself
  if (/\(\s*$/.test(text.text.slice(0, variable.declaration.span.start).slice(-nearby))) return null
  const type = declaredType(text, variable, slotTables.get(field)!)
  if (type === null || code.parameters.some((each) => each.name === name)) return null
  const fields = variable.initialiser === null || isNull(variable.initialiser) ? [] : [variable.initialiser]
  const reads: SlotRead[] = []
  const isSame = (value: Value): boolean => value.kind === 'name' && value.name === name
  for (const { span, isField } of text.occurrencesIn(name, code.span)) {
    if (isField) continue
    if (span.start === variable.nameSpan.start) continue
    const value = nameAt(code, span.start)
    if (!value) return null
    const { whole, parent } = inParentheses(code, value)
    if (parent?.kind === 'assign' && parent.target === whole && isStatement(code, parent)) {
      if (parent.operator !== '=') return null
      if (!isNull(parent.value)) fields.push(parent.value)
    } else if (parent?.kind === 'member' && parent.arrow) {
      if (lvalueUse(code, parent) !== null) return null
      reads.push({ span: parent.span, slot: parent.name, type: value.span })
    } else if (askedWithSlot(code, value, isSame) === null) return null
  }
  const tables = fields.map((value) => (value.kind === 'group' ? value.inner : value))
  if (!tables.every((value): value is MemberValue => value.kind === 'member' && value.name === field)) return null
  return reads.length > 0 ? { fields: tables.map(fieldOf), variable: { name, type: type.span }, reads } : null
}

/** Where the type of a variable is declared as a pointer to the table; null where it is anything else. */
function declaredType(
  text: FileCode,
  { type, storage, declaration, nameSpan }: DeclaredVariable,
  table: string,
): { readonly span: Span | null } | null {
  if (storage !== '' || declaration.variables.length !== 1) return null
  if (/^auto\**$/.test(type)) return { span: null }
  if (type !== `${table}*`) return null
  const words = (name: string): readonly Span[] =>
    text.occurrencesIn(name, { start: declaration.span.start, end: nameSpan.start }).map(({ span }) => span)
  const [span, ...others] = words(table)
  return span && others.length === 0 && !words('const').some((each) => each.start < span.start) ? { span } : null
}

const fieldOf = ({ dot, object, span, arrow }: MemberValue): SlotTableUse['fields'][number] => ({
  field: { start: dot, end: span.end },
  type: object.span,
  arrow,
})

function membersIn(code: FunctionCode): readonly MemberValue[] {
  return valuesInCode(code.body).filter((value): value is MemberValue => value.kind === 'member')
}

/** A type as text, that of an object the same however it is asked for it; null where something is done for it. */
function typeText(value: Value): string | null {
  const type = bare(value)
  const isPlain = eachValue(type).every(
    (each) =>
      /^(?:name|literal|member|index|cast|group|type)$/.test(each.kind) ||
      (each.kind === 'call' && calleeName(each) === 'Py_TYPE'),
  )
  if (!isPlain) return null
  if (type.kind === 'member' && type.name === 'ob_type' && type.arrow) return `Py_TYPE(${plainText(type.object)})`
  if (type.kind === 'call' && calleeName(type) === 'Py_TYPE' && type.operands.length === 1)
    return `Py_TYPE(${plainText(type.operands[0]!)})`
  return plainText(type)
}

/** Whether a value is a statement of its own. */
const isStatement = (code: FunctionCode, value: Value): boolean =>
  inParentheses(code, value).parent?.kind === 'expression'

/**
 * What decides together with a question for a pointer, if it makes no difference that the pointer is never NULL, but
 * one to a table without slots: `nb->nb_int != NULL` of `nb != NULL && nb->nb_int != NULL`. Null where it does.
 * @param isTable whether a value is the same pointer
 */
function askedWithSlot(code: FunctionCode, pointer: Value, isTable: IsTable): Value | Statement | null {
  const { test, isThere } = testOf(code, pointer)
  const { whole, parent } = inParentheses(code, test)
  if (parent?.kind === 'binary' && parent.operator === (isThere ? '&&' : '||')) {
    const rest = parent.left === whole ? parent.right : behind(code, parent)
    return rest !== null && withoutSlots(rest, isTable) === !isThere ? rest : null
  }
  if (parent?.kind === 'conditional' && parent.condition === whole) {
    const [slot, other] = isThere ? [parent.whenTrue, parent.whenFalse] : [parent.whenFalse, parent.whenTrue]
    return isSlot(slot, isTable) && isNull(other) ? slot : null
  }
  if (parent?.kind !== 'if' || parent.condition !== whole || !isThere || parent.otherwise !== null) return null
  return isIdle(code, parent.then, isTable) ? parent.then : null
}

type IsTable = (value: Value) => boolean

/** The condition that asks whether a pointer is NULL, and what it says where it is not. */
function testOf(code: FunctionCode, pointer: Value): { readonly test: Value; readonly isThere: boolean } {
  let test = pointer
  let isThere = true
  for (;;) {
    const { whole, parent } = inParentheses(code, test)
    if (parent?.kind === 'unary' && parent.operator === '!') isThere = !isThere
    else if (test === pointer && parent?.kind === 'binary' && /^[!=]=$/.test(parent.operator)) {
      if (!isNull(parent.left === whole ? parent.right : parent.left)) return { test, isThere }
      isThere = parent.operator === '!='
    } else return { test, isThere }
    test = parent
  }
}

/** What follows `a && b`, of which `b` is asked, in `a && b && c`; null for nothing. */
function behind(code: FunctionCode, binary: Value & { readonly kind: 'binary' }): Value | null {
  const { whole, parent } = inParentheses(code, binary)
  return parent?.kind === 'binary' && parent.operator === binary.operator && parent.left === whole ? parent.right : null
}

const isSlot = (value: Value, isTable: IsTable): boolean => {
  const slot = bare(value)
  return slot.kind === 'member' && slot.arrow && isTable(bare(slot.object))
}

/** What a condition says of a table without slots; null where it asks for more. */
function withoutSlots(value: Value, isTable: IsTable): boolean | null {
  const at = bare(value)
  if (isSlot(at, isTable)) return false
  if (isTable(at)) return true
  if (at.kind === 'unary' && at.operator === '!') {
    const said = withoutSlots(at.operand, isTable)
    return said === null ? null : !said
  }
  if (at.kind !== 'binary') return null
  if (at.operator === '&&' || at.operator === '||') {
    const said = withoutSlots(at.left, isTable)
    return said === null || said === (at.operator === '||') ? said : withoutSlots(at.right, isTable)
  }
  if (!/^[!=]=$/.test(at.operator) || isNull(at.left) === isNull(at.right)) return null
  const said = withoutSlots(isNull(at.right) ? at.left : at.right, isTable)
  return said === null ? null : said === (at.operator === '!=')
}

/** Whether a statement does nothing where a table has no slots. */
function isIdle(code: FunctionCode, statement: Statement, isTable: IsTable): boolean {
  if (statement.kind === 'block')
    return statement.block === 'plain' && statement.statements.every((each) => isIdle(code, each, isTable))
  if (statement.kind === 'if') {
    const said = withoutSlots(statement.condition, isTable)
    const done = said ? statement.then : statement.otherwise
    return said !== null && (done === null || isIdle(code, done, isTable))
  }
  if (statement.kind !== 'expression') return false
  const set = statement.value
  if (set?.kind !== 'assign' || set.operator !== '=' || !isSlot(set.value, isTable)) return false
  return isNullBefore(code, set.target, statement)
}

/** Whether a variable is NULL whenever a statement is done that sets it. */
function isNullBefore(code: FunctionCode, target: Value, statement: Statement): boolean {
  const [variable, ...others] = variablesIn(code).filter((each) => each.name === nameOf(target))
  if (!variable?.initialiser || !isNull(variable.initialiser) || variable.storage !== '' || others.length > 0)
    return false
  const parents = parentsIn(code)
  for (let at: Parent | undefined = statement; at !== undefined; at = parents.get(at))
    if (at.kind === 'loop') return false
  for (const each of eachStatement(code.body))
    if (each.kind === 'label' && each.span.start < statement.span.start && !/^(?:case|default)$/.test(each.name))
      return false
  for (const value of parents.keys())
    if (value.kind === 'name' && value.name === variable.name && lvalueUse(code, value) !== null)
      if (statementOf(code, value) !== statement) return false
  return true
}
