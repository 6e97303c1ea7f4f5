import type { Value, Variable } from '../../code/tree.ts'
import { bare, fieldValues, isNull } from '../../code/values.ts'
import type { CapsuleTable } from '../../semantics/capsule-tables.ts'
import type { Obstacles } from '../modules/obstacles.ts'
import type { PlaceIn, Sources } from '../sources.ts'
import type { Entries, TableEntry } from './entries.ts'
import { onOneLine } from './types.ts'

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

/** The fields that code gives values to; where that is not the function that hands the table out, it is an obstacle. */
function writtenFields(
  sources: Sources,
  file: string,
  { capsule }: CapsuleTable,
  { name, nameSpan, storage }: Variable,
  obstacles: Obstacles,
): ReadonlySet<string> {
  const places: readonly PlaceIn[] =
    storage === 'static' ? sources.referencesIn([file], name) : sources.references(name)
  const found = new Set<string>()
  for (const { file: where, offset } of places) {
    if (where === file && offset === nameSpan.start) continue
    const behind = sources.text(where).slice(offset + name.length, offset + name.length + longestUse)
    const [, field] = /^\s*\.\s*(\w+)\s*=[^=]/.exec(behind) ?? []
    if (field === undefined) continue
    found.add(field)
    const around = sources.code(where).functionAt(offset)
    if (around !== capsule.around)
      obstacles.add(where, offset, `\`${name}.${field}\` gets another value outside of \`${capsule.around.name}\``)
  }
  return found
}

/** Characters behind a name that are looked at. */
const longestUse = 200
