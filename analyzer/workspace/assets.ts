import { Api } from '../knowledge/api.ts'
import type { StoredTable } from '../knowledge/table.ts'
import { asByteText, decode } from '../source/text.ts'
import { type StartedSyntax, startSyntax } from '../syntax/parse.ts'
import type { AssetLoader } from './store.ts'

/** What is made of assets, and kept for the loader that they come from. */
interface Loaded {
  api: Promise<Api> | null
  syntax: Promise<StartedSyntax> | null
}

const loaded = new WeakMap<AssetLoader, Loaded>()

function loadedBy(asset: AssetLoader): Loaded {
  const known = loaded.get(asset) ?? { api: null, syntax: null }
  loaded.set(asset, known)
  return known
}

/**
 * The table of the C API, which is shipped beside the program: as text it is read in a fraction of the time that it
 * would take as a part of the program.
 * @throws what the loader throws; and where the table is no JSON
 */
export function loadApi(asset: AssetLoader): Promise<Api> {
  const known = loadedBy(asset)
  known.api ??= asset('table.json').then((bytes) => new Api(JSON.parse(decode(asByteText(bytes))) as StoredTable))
  return known.api
}

/**
 * The parser, started. Grammars are loaded when they are first wanted.
 * @throws what the loader throws
 */
export function loadSyntax(asset: AssetLoader): Promise<StartedSyntax> {
  const known = loadedBy(asset)
  known.syntax ??= startSyntax(async (file) => own(await asset(file)))
  return known.syntax
}

/** Bytes as the parser takes them: those of another window or context are copied. */
const own = (bytes: Uint8Array): Uint8Array => (bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes))
