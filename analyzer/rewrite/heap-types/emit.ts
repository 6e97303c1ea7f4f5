import type { ProjectEdits } from '../../fix/fix.ts'
import { EditList } from '../edit-list.ts'
import type { Conversion, Decision } from './conversion.ts'
import { deallocEdits, traverseEdits } from './decide.ts'
import { emitDefinition } from './emit-definition.ts'
import { emitFills } from './emit-tables.ts'
import { emitUses } from './emit-uses.ts'
import { TypeCreations } from './type-creations.ts'
import type { TypeFacts } from './type-facts.ts'
import type { TypeObject } from './type-objects.ts'

/** Writes the edits of all types that are rewritten: the last of three steps. */
export function emit(facts: TypeFacts, { conversions }: Decision): ProjectEdits {
  const edits = new EditList(facts.sources)
  const creations = new TypeCreations(facts, conversions, edits)
  for (const conversion of conversions) emitUses(facts, conversion, creations, edits)
  emitFills(facts, conversions, creations, edits)
  for (const conversion of conversions) emitDefinition(facts, conversion, creations, edits)
  emitSlotFunctions(facts, conversions, edits)
  return edits.done()
}

/** Functions in slots give back and visit the types of their objects. */
function emitSlotFunctions(facts: TypeFacts, conversions: readonly Conversion[], edits: EditList): void {
  const converted = new Set(conversions.map(({ type }) => type))
  const isConverted = (type: TypeObject): boolean => converted.has(type)
  for (const { types, code, result } of [...deallocEdits(facts, isConverted), ...traverseEdits(facts, isConverted)])
    if ('edits' in result && [...types].some(isConverted)) for (const edit of result.edits) edits.add(code.file, edit)
}
