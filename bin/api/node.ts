import { availableParallelism } from 'node:os'
import { readAsset } from '../../analyzer/store/assets.ts'
import { diskStore } from '../../analyzer/store/disk.ts'
import type { Settings } from '../../analyzer/workspace/settings.ts'
import type { Texts } from '../../analyzer/workspace/source-text.ts'
import type { AssetLoader } from '../../analyzer/workspace/store.ts'
import { openWorkspace, type Workspace } from '../../analyzer/workspace/workspace.ts'
import { openTexts } from './common.ts'

/** The package in Node. */

export { diskStore } from '../../analyzer/store/disk.ts'
export * from './common.ts'

/** Settings of a workspace, and how its files are read. */
export interface NodeSettings extends Settings {
  /** What names of files are relative to, of files on the disk; left out, the current directory. */
  readonly root?: string
  /** How many threads may collect facts of files on the disk, from 1; left out, as many as there are cores, up to 8. */
  readonly jobs?: number
  /** Loads `table.json` and the parser's three `.wasm` files; left out, they are read from the package. */
  readonly asset?: AssetLoader
}

/**
 * Opens a workspace on files on the disk, or on texts.
 * @param sources names of the C and C++ files to check, and of `setup.py`, `meson.build` and the like, relative to the
 * root, with `/`; what they include is found on the disk. Or the texts of a project by name: then nothing is read from
 * the disk, and of the texts those are checked that are C or C++ by their names
 * @throws where the package is not installed whole
 */
export function open(
  sources: readonly string[] | Texts,
  { root = '.', jobs = Math.min(availableParallelism(), 8), asset = readAsset, ...settings }: NodeSettings = {},
): Promise<Workspace> {
  if ('get' in sources) return openTexts(sources, asset, settings)
  return openWorkspace({ ...diskStore(root, jobs), asset }, sources, settings)
}
