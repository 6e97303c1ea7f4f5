import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Api } from '../analyzer/knowledge/api.ts'
import type { StoredTable } from '../analyzer/knowledge/table.ts'

/**
 * The table of the C API, which is shipped beside the program: as text it is read in a fraction of the time that it
 * would take as a part of the program.
 */
export function loadApi(): Api {
  for (const place of ['./table.json', '../analyzer/knowledge/table.json']) {
    try {
      return new Api(JSON.parse(readFileSync(fileURLToPath(new URL(place, import.meta.url)), 'utf8')) as StoredTable)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  throw new Error('the table of the C API is missing: abi3lint is not installed whole')
}
