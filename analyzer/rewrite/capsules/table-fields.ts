import type { CapsuleTable } from '../../semantics/capsule-tables.ts'
import type { Obstacles } from '../modules/obstacles.ts'
import type { Sources } from '../sources.ts'
import type { TableEntry } from './entries.ts'
import type { Part } from './parts.ts'
import { type Declarator, isSameType, plainType } from './types.ts'

/** An entry of the new table. */
export interface TableField extends TableEntry {
  readonly table: CapsuleTable
  readonly field: string
  readonly declarator: Declarator
}

/**
 * The entries of the new table, typed as the functions themselves say. Where macros of the old one say something else,
 * one of both is wrong, and that is an obstacle.
 */
export function tableFields(sources: Sources, parts: readonly Part[], obstacles: Obstacles): readonly TableField[] {
  const taken = new Set(
    parts.flatMap(({ table, entries }) => (table.shape === 'struct' ? entries.all : [])).map((each) => each.name),
  )
  const named = fieldNames(
    sources,
    parts.flatMap(({ table, entries }) => (table.shape === 'array' ? entries.all : [])),
    taken,
  )
  const fields = parts.flatMap((part) => fieldsOf(part, named, obstacles))
  const twice = fields.find(
    ({ field }, at) => field === 'head' || fields.findIndex((each) => each.field === field) < at,
  )
  if (twice) obstacles.add(twice.file, twice.offset, `two fields of the new table would be called \`${twice.field}\``)
  return fields
}

function fieldsOf(
  { table, entries, users }: Part,
  named: ReadonlyMap<TableEntry, string>,
  obstacles: Obstacles,
): readonly TableField[] {
  const uses = users.flatMap((each) => each.uses)
  const known = new Set(entries.all.map(({ index, name }) => (table.shape === 'struct' ? name : index)))
  for (const { file, span, entry } of uses)
    if (!known.has(entry)) obstacles.add(file, span.start, `the table has no entry ${entry} that is known`)
  return entries.all.flatMap((each) => {
    const own = uses.filter(({ entry }) => entry === each.index)
    const { declarator } = each
    if (declarator === null) {
      obstacles.add(each.file, each.offset, `how \`${each.name}\` is defined is not understood`)
      return []
    }
    const type = plainType(`${declarator.before}${declarator.behind}`)
    for (const use of own)
      if (use.type === null || !isSameType(use.type, type))
        obstacles.add(
          use.file,
          use.span.start,
          `\`${each.name}\` is \`${type}\`, and is taken as \`${use.type ?? ''}\``,
        )
    return [{ ...each, table, declarator, field: named.get(each) ?? each.name }]
  })
}

/** The names of fields: those of the entries, in small letters, without what all begin with. */
function fieldNames(
  sources: Sources,
  entries: readonly TableEntry[],
  others: ReadonlySet<string>,
): ReadonlyMap<TableEntry, string> {
  const [first = '', ...more] = entries.map(({ name }) => name)
  let common = first
  for (const each of more) while (!each.startsWith(common)) common = common.slice(0, -1)
  const prefix = more.length === 0 ? (/^_?[A-Za-z]\w*?_(?=[A-Za-z])/.exec(first)?.[0] ?? '') : stemOf(common)
  const taken = new Set(others)
  const found = new Map<TableEntry, string>()
  for (const each of entries) {
    const { name } = each
    const plain = name.slice(prefix.length).replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    let field = plain.toLowerCase().replace(/^_+/, '')
    if (!/^[a-z]/.test(field)) field = `entry_${field}`
    while (reserved.has(field) || taken.has(field) || sources.macros(field).length > 0) field += '_'
    taken.add(field)
    found.set(each, field)
  }
  return found
}

/** What names have in common, up to the last `_`. */
const stemOf = (common: string): string => common.slice(0, common.lastIndexOf('_') + 1)

/** Words of C and C++, macros that headers of C libraries and compilers have, and the first field of every table. */
const reserved = new Set(
  (
    'head alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t char8_t ' +
    'class co_await co_return co_yield compl concept const const_cast consteval constexpr constinit continue ' +
    'decltype default delete do double dynamic_cast else enum explicit export extern false final float for friend ' +
    'goto if import inline int long module mutable namespace new noexcept not not_eq nullptr operator or or_eq ' +
    'override private protected public register reinterpret_cast requires restrict return short signed sizeof ' +
    'static static_assert static_cast struct switch template this thread_local throw true try typedef typeid ' +
    'typename typeof union unsigned using virtual void volatile wchar_t while xor xor_eq alloca assert complex ' +
    'environ errno far huge i386 imaginary interface linux major makedev minor near noreturn offsetof pascal ' +
    'setjmp sigsetjmp small stderr stdin stdout unix va_arg va_copy va_end va_start'
  ).split(' '),
)
