import type { BuildFile } from './build-file.ts'
import { buildLevels } from './build-settings.ts'
import { freeThreadedWheels, gilDefinitions } from './free-threading.ts'
import { includeDirectories } from './include-directories.ts'
import { moduleDefinitions } from './module-definitions.ts'
import { referredFiles } from './referred-files.ts'
import { stableAbiClaims } from './stable-abi-claims.ts'
import { requiredPythons, wheelTags } from './wheel-tags.ts'

/** All that is asked of a build file before anything is made of it. */
const readers: readonly ((file: BuildFile) => unknown)[] = [
  buildLevels,
  moduleDefinitions,
  includeDirectories,
  wheelTags,
  requiredPythons,
  stableAbiClaims,
  freeThreadedWheels,
  gilDefinitions,
  referredFiles,
]

/** Why a build file cannot be read, whatever it says, as the machine tells it; null where it can. Never throws. */
export function unreadable(file: BuildFile): string | null {
  try {
    for (const read of readers) read(file)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
