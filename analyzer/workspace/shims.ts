import { shimHeader } from '../../rules/shims/header.ts'
import { shims } from '../../rules/shims/index.ts'
import type { Diagnostic } from '../check/diagnostic.ts'
import { withIncludes } from '../fix/includes.ts'
import { isShimHeader } from '../fix/recipe-fix.ts'
import type { Fixing } from '../fix/rounds.ts'
import { shimHeaderPlace } from '../fix/shim-header.ts'
import type { Minor } from '../knowledge/version.ts'

/** Of each shim the lowest level at which it works. */
export const shimLevels: ReadonlyMap<string, Minor> = new Map([...shims].map(([name, { since }]) => [name, since]))

/**
 * What fixes changed, with the header of the shims that they use, and its includes. A header that the project has
 * keeps the shims that are in it.
 * @param level the lowest that is built for; where a shim needs a higher one, that counts
 * @param root the absolute path of the project's root, with `/`
 * @returns the new texts by file, one character per byte
 */
export function withShims(
  { changes, shims: used, last: { texts } }: Fixing<Diagnostic>,
  level: Minor,
  root: string,
): ReadonlyMap<string, string> {
  const present = [...texts.keys()].find((file) => isShimHeader.test(file))
  const { path, include } = shimHeaderPlace([...used.keys()], present ?? null, root)
  const before =
    present === undefined
      ? []
      : [...shims.keys()].filter((name) => new RegExp(`\\b${name}\\b`).test(texts.get(present)!))
  const result = new Map(changes)
  for (const file of used.keys()) result.set(file, withIncludes(result.get(file)!, [include(file)]))
  const names = new Set([...before, ...[...used.values()].flatMap((each) => [...each])])
  const floor = Math.max(level, ...[...names].map((name) => shimLevels.get(name) ?? level))
  return result.set(path, shimHeader([...names].sort(), floor))
}
