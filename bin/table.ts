import { Api } from '../analyzer/knowledge/api.ts'
import table from '../analyzer/knowledge/table.json' with { type: 'json' }

/** The table of the C API that is built into the program. */
export const loadApi = (): Api => new Api(table)
