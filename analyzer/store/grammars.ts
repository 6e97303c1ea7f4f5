import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { WasmFile } from '../syntax/parse.ts'

/**
 * Reads a `.wasm` file of the parser: from beside the program where it is bundled, else from the package that ships it.
 */
export async function readGrammar(file: WasmFile): Promise<Uint8Array> {
  try {
    return await readFile(fileURLToPath(new URL(file, import.meta.url)))
  } catch {
    const packageName = file.replace('.wasm', '')
    return await readFile(createRequire(import.meta.url).resolve(`${packageName}/${file}`))
  }
}
