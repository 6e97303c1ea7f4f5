import { showTarget, type Target } from '../knowledge/target.ts'
import type { Minor } from '../knowledge/version.ts'
import { greatest } from '../source/lists.ts'
import { isAbi3t, levelOf } from './abi-info.ts'
import type { FoundImport } from './finding.ts'
import type { AbiInfo } from './image.ts'
import { pythonIn } from './python-library.ts'
import { floorOf, type LibraryName, showTags, type WheelTags } from './wheel-name.ts'

/** What somebody may rely on: that a library works with more than one Python. */
export interface Claim {
  readonly abis: readonly ('abi3' | 'abi3t')[]
  /** The oldest Python that shall import it; null where nothing says so. */
  readonly level: Minor | null
  /** Who says so: `wheel tag cp39-abi3`. */
  readonly source: string
}

/** The stable ABIs among the tags of a wheel. */
export const stableTags = (tags: WheelTags | null): readonly ('abi3' | 'abi3t')[] =>
  (['abi3', 'abi3t'] as const).filter((abi) => tags?.abis.includes(abi))

/**
 * What is claimed of a library: by `--target`, else by the tag of its wheel, else by its own name, else by a
 * `python3.dll` that it asks for, else by what it says in `Py_mod_abi`, which also tells the level where a name does
 * not.
 * @param abi what it says in `Py_mod_abi`
 * @param tags of its wheel; null outside of wheels
 * @returns null for what is meant for one Python, and where nothing is said
 */
export function claimOf(
  name: LibraryName,
  imports: readonly FoundImport[],
  abi: readonly AbiInfo[],
  tags: WheelTags | null,
  target: Target | null,
): Claim | null {
  // Built for PyPy or GraalPy: other rules.
  if (name.kind === 'version' && !name.tag.startsWith('c')) return null
  const own = name.kind === 'abi3' || name.kind === 'abi3t' ? [name.kind] : []
  const tagged = stableTags(tags)
  if (target !== null)
    return { abis: [target.abi3t ? 'abi3t' : 'abi3'], level: target.level, source: `--target ${showTarget(target)}` }
  const floor = tags && floorOf(tags)
  const source = tags ? `wheel tag ${showTags(tags)}` : `file name ${name.file}`
  if (tagged.length > 0) return { abis: tagged, level: floor, source }
  const levels = abi.flatMap((info) => levelOf(info) ?? [])
  const built = levels.length === 0 ? null : greatest(levels)
  if (own.length > 0) return { abis: own, level: floor ?? built, source: `file name ${name.file}` }
  if (tags?.abis.includes('none')) {
    // `cp39-none` is for CPython 3.9 alone, `py3-none` for all.
    const isForMany = tags.pythons.some((each) => each.startsWith('py'))
    return isForMany && imports.length > 0 && name.kind !== 'version' ? { abis: ['abi3'], level: floor, source } : null
  }
  if (name.kind === 'any' && built !== null)
    return { abis: [abi.some(isAbi3t) ? 'abi3t' : 'abi3'], level: floor ?? built, source: 'Py_mod_abi' }
  const pythons = imports.map(({ library }) => (library ? pythonIn(library) : null))
  if (pythons.length === 0 || pythons.some((python) => !python || python.minor !== null)) return null
  return {
    abis: [pythons.some((python) => python?.isFreeThreaded) ? 'abi3t' : 'abi3'],
    level: floor,
    source: `import of ${imports[0]!.library}`,
  }
}
