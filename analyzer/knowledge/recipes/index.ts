import { addTo } from '../../source/multimap.ts'
import type { Recipe } from '../recipe.ts'
import { containers } from './containers.ts'
import { numbers } from './numbers.ts'
import { slotRecipes, typeFields } from './slots.ts'
import { textAndBytes } from './text-and-bytes.ts'

const byName = new Map<string, Recipe[]>()
for (const each of [...containers, ...textAndBytes, ...numbers, ...slotRecipes, ...typeFields]) addTo(byName, each.name, each)

/** All recipes by the name that they are for, best first. */
export const recipes: ReadonlyMap<string, readonly Recipe[]> = byName

/** The names that there is a recipe for, but fields. */
export const rewritable: ReadonlySet<string> = new Set([...byName.keys()].filter((name) => !name.includes('.')))
