import { outermostStatements } from '../../code/placement.ts'
import type { DeclaredVariable } from '../../code/tree.ts'
import { isNull } from '../../code/values.ts'
import { variablesIn } from '../../code/variables.ts'
import { subTables } from '../../knowledge/slots.ts'
import { commentBehind } from '../../source/comments.ts'
import { greatest } from '../../source/lists.ts'
import type { Offset } from '../../source/text.ts'
import type { TypeFacts } from './type-facts.ts'
import type { FieldAssignment, TypeUses } from './uses.ts'

/** Types that get what only the function knows that makes them ready: their specs stand in that function. */

/** Where a spec stands in a function: at the end of a line. Or why it cannot, and what is in the way. */
export type FunctionPlace =
  | { readonly file: string; readonly offset: Offset }
  | { readonly assignment: FieldAssignment; readonly why: string }

/** The place behind the `static` variables of a function that a type's fields get; null where they get none. */
export function functionPlace(facts: TypeFacts, uses: TypeUses): FunctionPlace | null {
  const { sources } = facts
  const naming = uses.fieldAssignments.flatMap((assignment) => {
    const { file, field, value, around } = assignment
    // A table of slots goes into the spec itself.
    if (field === 'tp_base' || isNull(value) || Object.hasOwn(subTables, field)) return []
    const names = sources.namesIn(file, value.span)
    const named = staticsIn(assignment).filter(({ name }) => names.includes(name))
    return named.map((variable) => ({ assignment, variable, around, file }))
  })
  const [first] = naming
  if (first === undefined) return null
  const { around, file, assignment } = first
  const code = sources.code(file)
  const refuse = (why: string): FunctionPlace => ({
    assignment,
    why: `\`${assignment.field}\` gets \`${first.variable.name}\`, which only the function there knows, and ${why}`,
  })
  const { creationCalls, onDemandUses, tableEntries, macroCreations, type } = uses
  const isMadeHere = creationCalls.length > 0 && creationCalls.every((each) => each.around === around)
  if (!isMadeHere || onDemandUses.length + tableEntries.length + macroCreations.length > 0)
    return refuse('it is made somewhere else')
  if (naming.some((each) => each.around !== around)) return refuse('another function has such a variable as well')
  if (facts.index.types.some((each) => facts.base(each)?.type === type)) return refuse('it is a base of another type')
  const outer = new Set(outermostStatements(around.body).map(({ span }) => span.start))
  const region = code.regionAt(around.span.start)
  const spans = naming.map(({ variable }) => variable.declaration.span)
  const end = greatest(spans.map((span) => span.end))
  const isSeen = spans.every(({ start }) => outer.has(start) && code.regionAt(start) === region)
  if (!isSeen || creationCalls.some(({ operand }) => operand.call.span.start < end))
    return refuse('not where it is made ready')
  return { file, offset: end + (commentBehind(sources.text(file), end)?.length ?? 0) }
}

/** The `static` variables of the function in which something is assigned. */
const staticsIn = ({ around }: FieldAssignment): readonly DeclaredVariable[] =>
  variablesIn(around).filter(({ storage }) => storage === 'static')
