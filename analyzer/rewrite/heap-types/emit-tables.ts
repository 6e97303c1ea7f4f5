import type { EditList } from '../edit-list.ts'
import { aboveFunction, lineEndOf } from '../places.ts'
import type { Sources } from '../sources.ts'
import type { Conversion } from './conversion.ts'
import { failing } from './emit-uses.ts'
import { nameAt } from './qualified-names.ts'
import type { TableEntry } from './table-entries.ts'
import type { TypeCreations } from './type-creations.ts'
import type { TypeFacts } from './type-facts.ts'

/** What has to be put into a table at run time. */
interface Fill {
  readonly table: TableEntry
  readonly lines: { readonly test: string; readonly conditions: readonly string[] }[]
}

/** Tables that hold types get them at run time. */
export function emitFills(
  facts: TypeFacts,
  conversions: readonly Conversion[],
  creations: TypeCreations,
  edits: EditList,
): void {
  const fills = new Map<string, Fill>()
  for (const conversion of conversions) {
    for (const entry of conversion.uses.tableEntries) {
      const { file, address, nameSpan, declaration, place, cast, conditions } = entry
      edits.replace(file, address, 'NULL')
      const key = `${file}:${nameSpan.start}`
      const fill = fills.get(key) ?? { table: entry, lines: [] }
      fills.set(key, fill)
      const made = creations.make(conversion, file, declaration.end)
      fill.lines.push({ test: `(${place} = ${cast}${made}) == NULL`, conditions })
    }
  }
  for (const fill of fills.values()) emitFill(facts.sources, fill, edits)
}

/** The function that makes types and puts them into a table, and its call. */
function emitFill(sources: Sources, { table, lines }: Fill, edits: EditList): void {
  const { file, init, name, declaration, isLocal } = table
  const fill = (error: string): string[] =>
    lines.flatMap(({ test, conditions }) => [...conditions, ...failing(test, error), ...conditions.map(() => '#endif')])
  if (isLocal) {
    edits.insertBefore(file, init.before, fill(init.error))
    return
  }
  let filler = `${name}_init`
  for (let number = 2; sources.references(filler).length > 0; number++) filler = `${name}_init${number}`
  const body = fill('-1').map((line) => (line.startsWith('#') ? line : `    ${line}`))
  const text = [
    '',
    '',
    `/* Makes the types that ${name} points to. */`,
    init.file === file ? 'static int' : 'int',
    `${filler}(void)`,
    '{',
    ...body,
    '    return 0;',
    '}',
  ]
  edits.replace(file, { start: declaration.end, end: declaration.end }, text.join(lineEndOf(sources.text(file))))
  const home = { file, offset: table.nameSpan.start }
  const called = nameAt(sources, filler, home, init.file, init.around.headStart)
  edits.insertBefore(init.file, init.before, failing(`${called}() < 0`, init.error))
  if (init.file === file) return
  const other = sources.text(init.file)
  const lineEnd = lineEndOf(other)
  const around = sources.code(file).namespacesAt(home.offset)
  const inside = around.reduceRight((inner, each) => `namespace ${each} { ${inner} }`, `int ${filler}(void);`)
  const prototypes = inside + lineEnd + lineEnd
  edits.insert(init.file, aboveFunction(other, init.around), prototypes)
}
