import type { UseContext } from '../facts/file-facts.ts'
import type { Recipe } from '../knowledge/recipe.ts'
import type { Target } from '../knowledge/target.ts'
import type { ProjectModel } from '../project/model.ts'
import { type SlotTableUse, slotTables, slotTableUse } from '../semantics/slot-tables.ts'
import type { FileId } from '../source/text.ts'
import type { Fix, Rewrite } from './fix.ts'

/** The field that a name means, if it points to a table of slots: of `PyTypeObject.tp_as_number` the second part. */
export function slotTableOf(name: string): string | null {
  const [struct, field, ...others] = name.split('.')
  return struct === 'PyTypeObject' && others.length === 0 && slotTables.has(field!) ? field! : null
}

/**
 * The fix for a pointer to a table of slots: a pointer to the type, which is asked for each slot. Nothing differs where
 * `PyType_GetSlot` knows all types; null before that, and where more is done with the pointer.
 * @param slotRecipe the recipe for a slot, `PyTypeObject.tp_as_number.nb_add`; null where the targets do not have it
 */
export function slotTableFix(
  targets: readonly Target[],
  field: string,
  { file, context, macro }: { readonly file: FileId; readonly context: UseContext; readonly macro: number },
  model: ProjectModel,
  slotRecipe: (name: string) => Recipe | null,
): Fix | null {
  if (context.outer || context.role === 'target' || targets.some(({ level }) => level < knowsStaticTypes)) return null
  const use = slotTableUse(model, file, context.start, field)
  if (use === null || (macro >= 0 && use.variable !== null)) return null
  const rewrites = rewritesOf(use, (slot) => slotRecipe(`PyTypeObject.${field}.${slot}`))
  if (rewrites === null) return null
  return {
    title: use.variable === null ? 'ask for the slot alone' : `make \`${use.variable.name}\` a pointer to the type`,
    safety: 'safe',
    reason: '',
    kind: 'file',
    rewrites,
    includes: [],
    shims: [],
  }
}

/** The first version whose `PyType_GetSlot` takes static types. */
const knowsStaticTypes = 10

function rewritesOf(
  { fields, variable, reads }: SlotTableUse,
  recipeOf: (slot: string) => Recipe | null,
): Rewrite[] | null {
  const rewrites: Rewrite[] = fields.map(({ field, type, arrow }) =>
    arrow ? { ...field, pieces: [] } : { start: type.start, end: field.end, pieces: ['&', type] },
  )
  if (variable?.type) rewrites.push({ ...variable.type, pieces: ['PyTypeObject'] })
  for (const { span, slot, type } of reads) {
    const recipe = recipeOf(slot)
    if (recipe === null) return null
    rewrites.push({ ...span, pieces: recipe.to.map((piece) => (typeof piece === 'string' ? piece : type)) })
  }
  return rewrites
}
