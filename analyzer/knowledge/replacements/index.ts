import type { Replacement } from '../replacement.ts'
import { abi3t } from './abi3t.ts'
import { buffersWeakrefsStructseq } from './buffers-weakrefs-structseq.ts'
import { callsAndArguments } from './calls-and-arguments.ts'
import { containers } from './containers.ts'
import { datetime } from './datetime.ts'
import { errorsAndThreads } from './errors-and-threads.ts'
import { functionsCodeFrames } from './functions-code-frames.ts'
import { importRunInit } from './import-run-init.ts'
import { memory } from './memory.ts'
import { modulesAndTypesApi } from './modules-and-types-api.ts'
import { numbers } from './numbers.ts'
import { objectsAndTypes } from './objects-and-types.ts'
import { textAndBytes } from './text-and-bytes.ts'

/** The entries by the names that they stand for; throws where a name stands twice. */
export function byName(entries: readonly Replacement[]): ReadonlyMap<string, Replacement> {
  const map = new Map<string, Replacement>()
  for (const entry of entries)
    for (const name of entry.names) {
      if (map.has(name)) throw new Error(`two replacements for ${name}`)
      map.set(name, entry)
    }
  return map
}

/** What to write instead of a C API name, by that name. */
export const replacements: ReadonlyMap<string, Replacement> = byName([
  ...objectsAndTypes,
  ...containers,
  ...textAndBytes,
  ...numbers,
  ...callsAndArguments,
  ...buffersWeakrefsStructseq,
  ...functionsCodeFrames,
  ...errorsAndThreads,
  ...importRunInit,
  ...datetime,
  ...modulesAndTypesApi,
  ...memory,
  ...abi3t,
])
