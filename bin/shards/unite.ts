import type { Problem, Run, ShardFile } from '../../analyzer/check/diagnostic.ts'
import { count } from '../../reports/tally.ts'
import { UsageError } from '../exit.ts'
import type { Part } from './read.ts'

/** A run that was put together of all its parts. */
export interface United {
  readonly run: Run
  /** Every file of it, in the order of the run. */
  readonly files: readonly ShardFile[]
  /** What was asked for, relative to the current directory. */
  readonly paths: readonly string[]
  /** What tells it from runs with other settings, or on other sources. */
  readonly key: string
  /** The files that it was read from, as messages name them. */
  readonly name: string
}

/**
 * Puts runs together of their parts, which may come in any order.
 * @returns each run once, in an order that does not hang on that of the parts
 * @throws UsageError where a part is missing or there twice, and where a file is another text in another part
 */
export function united(parts: readonly Part[]): readonly United[] {
  refuseOtherTexts(parts)
  const runs = new Map<string, Part[]>()
  for (const part of parts) {
    const key = JSON.stringify([part.shard.settings, part.shard.sources])
    const own = runs.get(key)
    if (own === undefined) runs.set(key, [part])
    else own.push(part)
  }
  return [...runs.values()].map((own) => {
    refuseIncomplete(own, parts)
    return ofParts(own.sort((a, b) => a.shard.number - b.shard.number))
  })
}

function ofParts(parts: readonly Part[]): United {
  const first = parts[0]!
  const files = parts.flatMap(({ shard }) => shard.files).sort((a, b) => a.index - b.index)
  const places = new Map(files.map(({ file, index }) => [file, index]))
  const runs = parts.map(({ run }) => run)
  const sum = (of: (files: Run['files']) => number): number => runs.reduce((all, run) => all + of(run.files), 0)
  const unparsed = runs.flatMap((run) => run.files.unparsed)
  const run: Run = {
    ...first.run,
    // A file is in one part, and its findings are in order there.
    diagnostics: runs.flatMap(({ diagnostics }) => diagnostics).sort(byFile),
    suppressions: runs.flatMap(({ suppressions }) => suppressions).sort(byFile),
    problems: eachOnce(runs.flatMap(({ problems }) => problems)),
    files: {
      checked: sum(({ checked }) => checked),
      ofBuilds: runs.flatMap((each) => each.files.ofBuilds),
      parsedBytes: sum(({ parsedBytes }) => parsedBytes),
      unparsedBytes: sum(({ unparsedBytes }) => unparsedBytes),
      unparsed: unparsed.sort((a, b) => (places.get(a.file) ?? -1) - (places.get(b.file) ?? -1)),
    },
  }
  const { settings, sources, paths } = first.shard
  return { run, files, paths, key: `${settings} ${sources}`, name: namesOf(parts) }
}

const byFile = (a: { readonly file: string }, b: { readonly file: string }): number =>
  a.file < b.file ? -1 : a.file > b.file ? 1 : 0

/** Problems, those that are the same once. */
export const eachOnce = (problems: readonly Problem[]): readonly Problem[] => [
  ...new Map(problems.map((each) => [JSON.stringify([each.file, each.message, each.severity]), each])).values(),
]

const namesOf = (parts: readonly Part[]): string => parts.map(({ name }) => name).join(', ')

/** @param own the parts of one run @param all those of others, too, of which one may be meant */
function refuseIncomplete(own: readonly Part[], all: readonly Part[]): void {
  const [first] = own as [Part, ...Part[]]
  const { count: parts } = first.shard
  const other = own.find(({ shard }) => shard.count !== parts)
  if (other !== undefined)
    throw new UsageError(
      `${first.name} is part ${first.shard.number} of ${parts} of a run, ${other.name} part ${other.shard.number} of ` +
        `${other.shard.count} of the same: all parts are made with the same number behind the slash`,
    )
  const byNumber = new Map<number, Part>()
  for (const part of own) {
    const before = byNumber.get(part.shard.number)
    if (before !== undefined)
      throw new UsageError(`${before.name} and ${part.name} are both part ${part.shard.number} of ${parts} of a run`)
    byNumber.set(part.shard.number, part)
  }
  const missing = Array.from({ length: parts }, (_, index) => index + 1).filter((number) => !byNumber.has(number))
  if (missing.length === 0) return
  const which = `${missing.length === 1 ? 'part' : 'parts'} ${missing.join(', ')} of ${parts}`
  const are = missing.length === 1 ? 'is' : 'are'
  throw new UsageError(`${which} of the run ${are} missing that ${namesOf(own)} is of${meantBy(first, missing, all)}`)
}

/** What was perhaps meant for a part that is missing, and why it is not. */
function meantBy(first: Part, missing: readonly number[], all: readonly Part[]): string {
  const { shard } = first
  const like = all.find(
    ({ shard: other }) => other.count === shard.count && missing.includes(other.number) && isOther(other, shard),
  )
  if (like === undefined) return ''
  const what = like.shard.settings === shard.settings ? 'of other sources' : 'of another run: with other options'
  return `; ${like.name} is part ${like.shard.number} of ${count(like.shard.count, 'part')} ${what}`
}

const isOther = (a: Part['shard'], b: Part['shard']): boolean => a.settings !== b.settings || a.sources !== b.sources

/** Places in a file mean nothing beside those in another text of it. */
function refuseOtherTexts(parts: readonly Part[]): void {
  const known = new Map<string, { readonly digest: string; readonly name: string }>()
  for (const { name, shard } of parts) {
    for (const { file, digest } of shard.files) {
      const before = known.get(file)
      if (digest === null) continue
      if (before === undefined) known.set(file, { digest, name })
      else if (before.digest !== digest)
        throw new UsageError(`${file} is another text in ${name} than in ${before.name}: check the same sources`)
    }
  }
}
