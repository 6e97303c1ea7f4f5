import type { AskedShard, Run, Shard, ShardFile } from '../check/diagnostic.ts'
import { digestOf } from '../check/fingerprint.ts'
import type { Loaded } from './loading.ts'

/** Parts of runs: each file is in one of them. */

/** What a file is for the division: its name and how long it takes, in bytes. */
export interface CostlyFile {
  readonly file: string
  readonly bytes: number
}

/** So many bytes take as long as what is done for each file, whatever is in it. */
const perFile = 2000

/**
 * Divides files so that all parts take about the same time: the most costly first, each goes to the part that has
 * least. The same files are divided alike, in whatever order they are given.
 * @param count of parts, from 1
 * @returns the number of the part of each file, from 1
 */
export function divided(files: readonly CostlyFile[], count: number): ReadonlyMap<string, number> {
  const loads = Array.from({ length: count }, () => 0)
  const order = [...files].sort((a, b) => b.bytes - a.bytes || (a.file < b.file ? -1 : 1))
  return new Map(
    order.map(({ file, bytes }) => {
      let least = 0
      loads.forEach((load, index) => {
        if (load < loads[least]!) least = index
      })
      loads[least]! += bytes + perFile
      return [file, least + 1]
    }),
  )
}

/** The part of a run that is told of. */
export interface ShardOfRun {
  readonly shard: Shard
  /** Whether what is found in a file belongs to it: build files and what is no file are of the first part. */
  has(file: string): boolean
}

/** @param asked which part; of a run on what was loaded */
export function shardOf(asked: AskedShard, { analysis, buildFiles, build }: Loaded): ShardOfRun {
  const names = [...new Set([...analysis.texts.keys(), ...analysis.read])]
  const all = names.map((file, index): ShardFile => {
    const text = analysis.texts.get(file)
    const digest = text === undefined ? null : digestOf(text)
    return { file, index, isChecked: analysis.read.has(file), bytes: analysis.bytesOf.get(file) ?? 0, digest }
  })
  const parts = divided(all, asked.count)
  const compiled = [...build.ofFile].map(([file, { includeDirectories, definitions }]) => [
    file,
    includeDirectories,
    [...definitions],
  ])
  const sources = digestOf(
    JSON.stringify([
      all.map(({ file, digest }) => [file, digest]),
      buildFiles.map(({ path, text }) => [path, digestOf(text)]),
      [build.includeDirectories, [...build.definitions], compiled],
    ]),
  )
  const has = (file: string): boolean => (parts.get(file) ?? 1) === asked.number
  const builds = asked.number === 1 ? buildFiles.map(({ path }) => path) : []
  return { shard: { ...asked, sources, files: all.filter(({ file }) => has(file)), builds }, has }
}

/** What is told of files in a run, of those of a part alone. */
export function filesOfShard({ shard, has }: ShardOfRun, { unparsed }: Run['files']): Run['files'] {
  const own = unparsed.filter(({ file }) => has(file))
  return {
    checked: shard.files.filter(({ isChecked }) => isChecked).length,
    ofBuilds: shard.builds,
    parsedBytes: shard.files.reduce((sum, { bytes }) => sum + bytes, 0),
    unparsedBytes: own.reduce((sum, { bytes }) => sum + bytes, 0),
    unparsed: own,
  }
}
