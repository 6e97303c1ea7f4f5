import { memberAt, nameAt } from '../../code/placement.ts'
import type { Variable } from '../../code/tree.ts'
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
  { name: struct, entries: fields }: CapsuleTable,
  variable: Variable,
  obstacles: Obstacles,
): Entries | null {
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
    else if (isObject(field.type) && !(values.get(name) ?? []).every((each) => isNull(each) || isAddress(each)))
      obstacles.add(where, offset, `\`${name}\` is an object, which belongs to one interpreter`)
    else
      all.push({
        ...{ index, name, condition: null, file: where, offset, value: `${variable.name}.${name}` },
        declarator: { before: at[1]!, behind: at[2]! },
      })
  }
  refuseWrites(sources, file, variable, obstacles)
  return { all, end: variable.initialiser?.span.end ?? variable.nameSpan.end }
}

const isObject = (type: string): boolean => /^Py(?:Type)?Object\*+$/.test(type)

const isAddress = (value: Parameters<typeof bare>[0]): boolean => {
  const inner = bare(value)
  return inner.kind === 'unary' && inner.operator === '&'
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

/** The fields of a table have to stay what they are. */
function refuseWrites(sources: Sources, file: string, { name, nameSpan }: Variable, obstacles: Obstacles): void {
  const places: readonly PlaceIn[] = sources.references(name)
  for (const { file: where, offset } of places) {
    if (where === file && offset === nameSpan.start) continue
    const code = sources.code(where)
    const around = code.codeAt(offset)
    const named = around && nameAt(around, offset)
    const behind = sources.text(where).slice(offset + name.length, offset + name.length + longestUse)
    const isMember = around !== null && named !== null && memberAt(around, offset + name.length) !== null
    if (/^\s*\.\s*\w+\s*=[^=]/.test(behind) || isMember)
      obstacles.add(where, offset, `\`${name}\` is written to, or looked into, outside of its initialiser`)
  }
}

/** Characters behind a name that are looked at. */
const longestUse = 200
