import { inCasts, inParentheses, nameAt } from '../../code/placement.ts'
import type { FunctionCode, Value, Variable } from '../../code/tree.ts'
import { bare, calleeName, fieldValues, isNull } from '../../code/values.ts'
import { declaresName } from '../../code/variables.ts'
import type { CapsuleTable } from '../../semantics/capsule-tables.ts'
import { onOneLine } from '../../source/comments.ts'
import type { Offset } from '../../source/text.ts'
import type { Obstacles } from '../modules/obstacles.ts'
import type { PlaceIn, Sources } from '../sources.ts'
import type { Entries, TableEntry } from './entries.ts'
import { makerDoubt } from './filling.ts'

/** The fields of a struct that is a table, each with the value that the struct has when the module is filled. */
export function structEntries(
  sources: Sources,
  file: string,
  table: CapsuleTable,
  variable: Variable,
  obstacles: Obstacles,
): Entries | null {
  const { name: struct, entries: fields } = table
  const code = sources.code(file)
  if (!code.variables.some(({ nameSpan }) => nameSpan.start === variable.nameSpan.start)) {
    obstacles.add(file, variable.nameSpan.start, `\`${variable.name}\` is declared in a function`)
    return null
  }
  if (code.namespaceAround(variable.nameSpan.start) !== null) {
    obstacles.add(file, variable.nameSpan.start, `\`${variable.name}\` stands in a namespace`)
    return null
  }
  const declared = fieldsOf(sources, struct)
  if (declared === null) {
    obstacles.add(file, variable.nameSpan.start, `how \`${struct}\` is declared is not understood`)
    return null
  }
  const entries = variable.initialiser?.kind === 'braces' ? variable.initialiser.entries : []
  const values = fieldValues(fields, entries ?? [])
  const written = writtenFields(sources, file, table, variable, obstacles)
  const all: TableEntry[] = []
  for (const [index, { field, text, offset, where }] of declared.entries()) {
    const name = field.name
    const at = new RegExp(`^([\\s\\S]*?\\W)${name}\\b([\\s\\S]*)$`).exec(text)
    const isPointer = /\*$/.test(field.type) || field.type.includes('(')
    if (!at || !isPointer || /,/.test(text.replace(/\([^()]*(?:\([^()]*\)[^()]*)*\)/g, '')))
      obstacles.add(
        where,
        offset,
        `\`${name}\` is no pointer, or declared with others: what is copied of it may change`,
      )
    else if (isObject(field.type) && (written.has(name) || !(values.get(name) ?? []).every(isStaticObject)))
      obstacles.add(where, offset, `\`${name}\` is an object, which belongs to one interpreter`)
    else
      all.push({
        ...{ index, name, condition: null, file: where, offset, value: `${variable.name}.${name}` },
        declarator: { before: at[1]!, behind: at[2]! },
      })
  }
  return { all, end: variable.initialiser?.span.end ?? variable.nameSpan.end }
}

const isObject = (type: string): boolean => /^Py(?:Type)?Object\*+$/.test(type)

/** A null pointer, or the address of a variable. */
const isStaticObject = (value: Value): boolean => {
  const inner = bare(value)
  return isNull(inner) || (inner.kind === 'unary' && inner.operator === '&')
}

interface DeclaredField {
  readonly field: Variable
  /** Its declaration, on one line. */
  readonly text: string
  readonly where: string
  readonly offset: number
}

function fieldsOf(sources: Sources, name: string): readonly DeclaredField[] | null {
  for (const where of sources.texts.keys()) {
    if (!sources.text(where).includes(name)) continue
    const code = sources.code(where)
    for (const { struct, types } of code.declarations) {
      if (struct === null || !(struct.tag === `struct ${name}` || types.includes(name))) continue
      const fields = code.fieldsIn(struct.span)
      if (fields === null || code.holdsDirectives(struct.span)) return null
      return fields.map((field) => {
        const { start, end } = field.nameSpan
        const text = sources.text(where)
        const from = Math.max(text.lastIndexOf(';', start), struct.span.start) + 1
        const to = text.indexOf(';', end)
        return { field, where, offset: start, text: onOneLine(text.slice(from, to)) }
      })
    }
  }
  return null
}

/**
 * The fields that code gives values to; where that is not the function that hands the table out, it is an obstacle, as
 * is whatever else may change the table: a pointer to it that is kept, or handed on.
 */
function writtenFields(
  sources: Sources,
  file: string,
  { capsule }: CapsuleTable,
  { name, nameSpan, storage }: Variable,
  obstacles: Obstacles,
): ReadonlySet<string> {
  const places: readonly PlaceIn[] =
    storage === 'static' ? sources.referencesIn(new Set([file]), name) : sources.references(name)
  const found = new Set<string>()
  for (const { file: where, offset } of places) {
    const code = sources.code(where)
    if (where === file && offset === nameSpan.start) continue
    if (code.variables.some((each) => each.name === name && each.nameSpan.start === offset)) continue
    const around = code.isInDirective(offset) ? null : code.functionAt(offset)
    if (around !== null && declaresName(around, name)) continue
    const use = around && useOf(around, offset)
    if (use === 'read') continue
    if (use === null) obstacles.add(where, offset, `what is done with \`${name}\` there may change it`)
    else if (around === capsule.around) {
      found.add(use.field)
      const doubt = makerDoubt(sources, { file, code: around }, offset)
      if (doubt !== null) obstacles.add(where, offset, doubt)
    } else
      obstacles.add(where, offset, `\`${name}.${use.field}\` gets another value outside of \`${capsule.around.name}\``)
  }
  return found
}

/** What a function does with a struct that it names: writes a field, or reads; null for anything else. */
function useOf(around: FunctionCode, offset: Offset): { readonly field: string } | 'read' | null {
  const named = nameAt(around, offset)
  if (named === null) return null
  const { whole, parent } = inParentheses(around, named)
  if (parent?.kind === 'member' && parent.object === whole && !parent.arrow) {
    const { whole: field, parent: user } = inParentheses(around, parent)
    if (user?.kind === 'assign' && user.target === field) return user.operator === '=' ? { field: parent.name } : null
    return user?.kind === 'unary' && /^(?:&|x?\+\+|x?--)$/.test(user.operator) ? null : 'read'
  }
  if (parent?.kind !== 'unary') return null
  if (parent.operator === 'sizeof') return 'read'
  const { whole: pointer, parent: call } = inCasts(around, parent)
  const isHandedOut = call?.kind === 'call' && calleeName(call) === 'PyCapsule_New' && call.operands[0] === pointer
  return parent.operator === '&' && isHandedOut ? 'read' : null
}
