import type { ProjectEdits } from '../../fix/fix.ts'
import type { Conversion, Decision } from './conversion.ts'
import { fateOf, ownersOf } from './decide.ts'
import { EditList } from './edit-list.ts'
import { emitDefinition } from './emit-definition.ts'
import { emitFills } from './emit-tables.ts'
import { emitUses } from './emit-uses.ts'
import { type FunctionEdits, releasingEdits, visitingEdits } from './instances.ts'
import type { CodeIn } from './sources.ts'
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
  const { model, settings } = facts.sources
  const converted = new Set(conversions.map(({ type }) => type))
  const isConverted = (type: TypeObject): boolean => converted.has(type)
  const add = ({ file }: CodeIn, result: FunctionEdits): void => {
    if ('edits' in result) for (const edit of result.edits) edits.add(file, edit)
  }
  const deallocs = facts.usersOf('tp_dealloc')
  for (const [name, types] of deallocs) {
    if (![...types].some(isConverted)) continue
    for (const each of facts.functionsOf(name, types))
      add(each, releasingEdits(model, facts.sources.body(each), ownersOf(facts, name, deallocs, isConverted)))
  }
  const traverses = new Map([...facts.usersOf('tp_traverse')].filter(([, types]) => [...types].some(isConverted)))
  const visiting = new Set(traverses.keys())
  const condition =
    settings.level >= 9
      ? null
      : 'PY_VERSION_HEX >= 0x03090000 && (!defined(Py_LIMITED_API) || Py_LIMITED_API + 0 >= 0x03090000)'
  for (const [name, types] of traverses) {
    for (const each of facts.functionsOf(name, types)) {
      const fate = (type: string): 'heap' | 'static' | null => fateOf(facts, type, isConverted)
      add(each, visitingEdits(model, facts.sources.body(each), visiting, fate, condition))
    }
  }
}
