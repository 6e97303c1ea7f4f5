import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { AssetName } from '../workspace/store.ts'

const beside = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/**
 * Reads a file that is shipped with the tool: from beside the program where it is bundled, else from where it is in the
 * checkout, or in the package that ships it.
 * @throws Error where it is in none of these places
 */
export async function readAsset(name: AssetName): Promise<Uint8Array> {
  if (name === 'table.json') return readTable()
  try {
    return await readFile(beside(name))
  } catch {
    const packageName = name.replace('.wasm', '')
    return await readFile(createRequire(import.meta.url).resolve(`${packageName}/${name}`))
  }
}

function readTable(): Uint8Array {
  for (const place of ['./table.json', '../knowledge/table.json']) {
    try {
      return readFileSync(beside(place))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  throw new Error('the table of the C API is missing: abi3lint is not installed whole')
}
