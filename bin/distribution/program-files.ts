import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const dist = fileURLToPath(new URL('../../dist', import.meta.url))

/** What is built that the program needs, in a directory `dist` of any place: bytes by name, with `/`. */
export function programFiles(): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  const names = readdirSync(dist, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []))
  for (const name of names.sort()) {
    if (!notNeeded.test(name) && !leftByRuns.test(name)) files.set(`dist/${name}`, readFileSync(join(dist, name)))
  }
  files.set('dist/package.json', Buffer.from('{ "type": "module" }\n'))
  return files
}

/** The library, and the texts of licences, which have a place of their own. */
const notNeeded = /^(?:index|browser)\.js$|^THIRD-PARTY-LICENSES$/

/** What V8 has made of the program. */
export const leftByRuns = /\.cjs\.[^/\\]*$/
