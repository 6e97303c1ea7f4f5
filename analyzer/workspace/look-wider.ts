import type { Diagnostic } from '../check/diagnostic.ts'
import type { Snapshot } from '../fix/rounds.ts'
import type { Loaded, Loader } from './loading.ts'
import { rewrites } from './rewrites.ts'
import { sharedTypes } from './type-users.ts'

/**
 * Where types may be rewritten, what was loaded with the sources that may name these, and what is found there.
 * @param seen what was found in what was loaded
 * @param look finds that in more
 * @returns the same where there are no such sources
 * @throws where the parser cannot be loaded
 */
export async function withUsersOfTypes(
  loader: Loader,
  loaded: Loaded,
  seen: Snapshot<Diagnostic>,
  look: (loaded: Loaded) => Snapshot<Diagnostic>,
): Promise<[Loaded, Snapshot<Diagnostic>]> {
  const types = seen.diagnostics.filter(({ rule }) => rule === rewrites.types.name)
  const wider = await loader.withUsersOfTypes(loaded, sharedTypes(loaded, types))
  return wider === loaded ? [loaded, seen] : [wider, look(wider)]
}
