import { addTo } from '../../source/multimap.ts'
import type { Recipe } from '../recipe.ts'
import { callsAndArguments } from './calls-and-arguments.ts'
import { containers } from './containers.ts'
import { datetime } from './datetime.ts'
import { errorsAndThreads } from './errors-and-threads.ts'
import { functionsCodeFrames } from './functions-code-frames.ts'
import { importRunInit } from './import-run-init.ts'
import { memoryBuffersWeakrefs } from './memory-buffers-weakrefs.ts'
import { numbers } from './numbers.ts'
import { objectsAndTypes } from './objects-and-types.ts'
import { slotRecipes, typeFields } from './slots.ts'
import { textAndBytes, textBufferNames } from './text-and-bytes.ts'

const byName = new Map<string, Recipe[]>()
const all = [
  callsAndArguments,
  containers,
  datetime,
  errorsAndThreads,
  functionsCodeFrames,
  importRunInit,
  memoryBuffersWeakrefs,
  numbers,
  objectsAndTypes,
  slotRecipes,
  textAndBytes,
  typeFields,
]
for (const each of all.flat()) addTo(byName, each.name, each)

/** All recipes by the name that they are for, best first. */
export const recipes: ReadonlyMap<string, readonly Recipe[]> = byName

/** The macro that gives a pointer to items: what is read through the pointer is rewritten with it. */
export const itemsMacro = 'PySequence_Fast_ITEMS'

/** The function that gives the main interpreter: a comparison with the running one is rewritten with it. */
export const mainInterpreter = 'PyInterpreterState_Main'

/** The names that there is a recipe for, but fields, and those of which all uses are rewritten. */
export const rewritable: ReadonlySet<string> = new Set([
  ...[...byName.keys()].map((name) => name.replace(/->.*/, '')).filter((name) => !name.includes('.')),
  itemsMacro,
  mainInterpreter,
  ...textBufferNames.keys(),
])
