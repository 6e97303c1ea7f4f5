import type { Settings } from '../../analyzer/workspace/settings.ts'
import type { Texts } from '../../analyzer/workspace/source-text.ts'
import type { AssetLoader } from '../../analyzer/workspace/store.ts'
import type { Workspace } from '../../analyzer/workspace/workspace.ts'
import { openTexts } from './common.ts'

/** The package where there is no Node: in browsers, in workers of browsers, in other engines. */

export * from './common.ts'

/** Settings of a workspace, and where the package's own files are. */
export interface BrowserSettings extends Settings {
  /** Loads `table.json` and the parser's three `.wasm` files; left out, they are fetched from beside the module. */
  readonly asset?: AssetLoader
}

const fetchAsset: AssetLoader = async (name) => {
  const url = new URL(name, import.meta.url)
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url.href} cannot be loaded: ${response.status} ${response.statusText}`)
  return new Uint8Array(await response.arrayBuffer())
}

/**
 * Opens a workspace on the texts of a project. C and C++ files (by their names) are checked, and what they include
 * counts as asked for; `setup.py`, `meson.build` and the like, and `compile_commands.json` are read too.
 * @param texts by name, relative to the project's root, with `/`
 * @throws where an asset cannot be loaded
 */
export const open = (texts: Texts, { asset = fetchAsset, ...settings }: BrowserSettings = {}): Promise<Workspace> =>
  openTexts(texts, asset, settings)
