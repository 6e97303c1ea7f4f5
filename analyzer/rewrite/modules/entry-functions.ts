import type { FunctionCode } from '../../code/tree.ts'
import { least } from '../../source/lists.ts'
import type { Offset } from '../../source/text.ts'
import { aboveComment } from '../places.ts'
import type { CodeIn, Sources } from '../sources.ts'
import { callAt, isIn, placesOf, prototypeAt } from './call-places.ts'
import { type Access, parameterName } from './role-access.ts'

/**
 * Functions that stand in tables for others which the module calls by their names, too: they find the state by the
 * object that CPython gives them, and hand it on; who calls by name hands over the state itself.
 */

export type EntryAccess = Extract<Access, { readonly by: 'entry' }>

/**
 * A function of its own in the tables that name a function.
 * @param way how the state is found by what CPython gives it
 * @returns null where none can be written
 */
export function entryAccess(sources: Sources, place: CodeIn, way: EntryAccess['way']): EntryAccess | null {
  const { file, code } = place
  const text = sources.code(file)
  const [declared, ...variants] = text.functionsNamed(code.name)
  if (variants.length > 0 || declared !== code || !code.hasParameters || !hasPlainTypes(code)) return null
  const region = text.regionAt(code.span.start)
  const namespace = text.namespaceAround(code.nameSpan.start)
  const offsets: Offset[] = []
  const tables: Offset[] = []
  for (const each of placesOf(sources, place)) {
    if (prototypeAt(sources, each.file, code.name, each.offset) || callAt(sources, each, code.name)) continue
    const table =
      each.file === file && !text.isInDirective(each.offset)
        ? text.declarations.find(({ span, variables }) => variables.length > 0 && isIn(each.offset, span))
        : undefined
    if (!table || text.regionAt(table.span.start) !== region || text.regionAt(each.offset) !== region) return null
    if (text.namespaceAround(table.span.start) !== namespace) return null
    offsets.push(each.offset)
    tables.push(table.span.start)
  }
  const first = least(tables)
  return offsets.length === 0 ? null : { by: 'entry', way, offsets, at: aboveComment(sources.text(file), first) }
}

/** Whether the result and all parameters have types that can be written before a name. */
const hasPlainTypes = ({ parameters, result }: FunctionCode): boolean =>
  [result, ...parameters.map(({ type }) => type)].every((type) => /^[A-Za-z_][\w ]*\**$/.test(type))

/** A name that nothing has yet. */
export const entryName = (sources: Sources, { name }: FunctionCode): string =>
  [`${name}_entry`, `${name}_in_table`].find((each) => !sources.declares(each)) ?? `${name}_entry_in_table`

/**
 * The C of a function that stands in tables.
 * @param error what it returns where the state is not found, as a statement
 */
export function entryFunction(
  sources: Sources,
  { file, code }: CodeIn,
  names: { readonly struct: string; readonly state: string },
  found: string,
  error: string,
): string {
  const written = (type: string, name: string): string => {
    const [, base, stars] = /^(.*?)(\**)$/.exec(type)!
    return `${base} ${stars}${name}`
  }
  const parameters = code.parameters.map((each) => ({ ...each, name: parameterName(sources, file, code, each) }))
  const head = parameters.map(({ type, name }) => written(type, name)).join(', ')
  const given = [names.state, ...parameters.map(({ name }) => name)].join(', ')
  return `static ${written(code.result, '').trimEnd()}
${entryName(sources, code)}(${head})
{
    ${names.struct} *${names.state} = ${found};
    if (${names.state} == NULL)
        ${error}
    ${code.result === 'void' ? '' : 'return '}${code.name}(${given});
}
`
}
