import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Api } from '../api.ts'
import type { StoredTable } from '../table.ts'
import { showVersion } from '../version.ts'
import { classes, compare, type Difference } from './manifest-compare.ts'
import { fetchManifest, readHeaderWords, readManifest } from './manifest-source.ts'

/**
 * `npm run knowledge:check`: compares the committed table with CPython's own manifest of the stable ABI, that of the
 * newest source package that Debian's archive gives, or the one whose path is given. Every difference must fall into a
 * class of `manifest-compare.ts`; the exit status is 1 where one does not.
 */

const path = process.argv[2]
const manifest = path === undefined ? await fetchManifest() : readManifest(readFileSync(path, 'utf8'), null)
const stored = fileURLToPath(new URL('../table.json', import.meta.url))
const api = new Api(JSON.parse(readFileSync(stored, 'utf8')) as StoredTable)
const headers = [...api.headerSets].reverse().find((each) => each <= manifest.version)
if (headers === undefined) throw new Error(`the table has no headers as old as ${showVersion(manifest.version)}`)
const world = { api, manifest, headers, words: await readHeaderWords(headers) }

const { names, differences } = compare(world)
const explained = new Map(classes.map((each) => [each, [] as Difference[]]))
const unexplained: Difference[] = []
for (const difference of differences) {
  const reason = classes.find((each) => each.explains(difference, world))
  if (reason) explained.get(reason)!.push(difference)
  else unexplained.push(difference)
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const differing = new Set(differences.map(({ name }) => name))
const failed = new Set(unexplained.map(({ name }) => name))
const listed = manifest.items.size
say(`manifest of ${manifest.origin}${manifest.final ? '' : ` (3.${manifest.version}, unfinished)`}: ${listed} items`)
say(`table: ${api.names().length} names, headers of ${showVersion(headers)}; ${names.length} names compared`)
say('')
say(`${String(names.length - differing.size).padStart(5)}  no difference at all`)
for (const [{ title, because }, found] of explained) {
  const byName = new Map(found.map((each) => [each.name, each]))
  if (byName.size === 0) continue
  say(`${String(byName.size).padStart(5)}  ${title}`)
  say(`       ${because}`)
  for (const { name, detail } of [...byName.values()].slice(0, 5)) say(`         ${name}: ${detail}`)
}
if (unexplained.length > 0) {
  say('')
  say('not explained:')
  for (const { name, aspect, detail } of unexplained) say(`  ${name} (${aspect}): ${detail}`)
}
say('')
say(`${names.length - failed.size} passed, ${failed.size} failed`)
process.exitCode = failed.size > 0 ? 1 : 0
