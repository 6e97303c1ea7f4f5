import type { Located, Run } from '../analyzer/check/diagnostic.ts'
import { type Minor, showVersion } from '../analyzer/knowledge/version.ts'
import { shownName } from './file-name.ts'
import { printable } from './printable.ts'
import { count } from './tally.ts'

/** What repeats itself in a run, for the end of a report. */

/** What is found less often is not called frequent. */
const leastFrequent = 3
const mostNames = 3

/** Which names are found most often, in one sentence; empty where none is found often. */
export function mostFrequent({ diagnostics }: Run): string {
  const counts = new Map<string, number>()
  for (const { symbol } of diagnostics) if (symbol !== '') counts.set(symbol, (counts.get(symbol) ?? 0) + 1)
  const names = [...counts]
    .filter(([, times]) => times >= leastFrequent)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, mostNames)
  if (names.length === 0) return ''
  return `Most frequent: ${names.map(([name, times]) => `${printable(name)} (${times})`).join(', ')}.`
}

/**
 * Which single change would do away with most findings, and which level of the target, a sentence each; none where
 * nothing frees more than one.
 */
export const oneChange = (run: Run): readonly string[] => [ofFixes(run), ofTarget(run)].filter((line) => line !== '')

/** What two findings have in common that the same change does away with; null where there is no fix. */
function changeOf({ file, fix }: Located): unknown {
  if (fix === null) return null
  if (fix.kind === 'project') return fix.change
  const { edits, includes, shims } = fix
  // To use a shim more is no change of its own.
  if (edits.length === 0 && includes.length === 0) return null
  return JSON.stringify([file, edits.map(({ start, end, text }) => [start, end, text]), includes, shims])
}

function ofFixes({ diagnostics }: Run): string {
  const groups = new Map<unknown, { readonly first: Located; times: number }>()
  for (const found of diagnostics) {
    const change = changeOf(found)
    const group = groups.get(change)
    if (group !== undefined) group.times++
    else if (change !== null) groups.set(change, { first: found, times: 1 })
  }
  const [best] = [...groups.values()].sort((a, b) => b.times - a.times)
  if (best === undefined || best.times < 2) return ''
  const { fix, file } = best.first
  const where = fix!.kind === 'file' ? ` in ${shownName(file)}` : ', with all that goes with it'
  return `One change would free ${best.times}: ${printable(fix!.title)}${where}.`
}

/**
 * Of several targets, and of abi3t, there is no single level to raise. Headers of some CPythons may lack at the level
 * what those of others have.
 */
function ofTarget({ diagnostics, targets }: Run): string {
  if (targets.length !== 1 || targets[0] === 'abi3t') return ''
  const counts = new Map<Minor, number>()
  for (const { since } of diagnostics) if (since !== null) counts.set(since, (counts.get(since) ?? 0) + 1)
  const [best] = [...counts].sort(([a, x], [b, y]) => y - x || a - b)
  if (best === undefined) return ''
  const freed = [...counts].reduce((sum, [level, times]) => sum + (level <= best[0] ? times : 0), 0)
  if (freed < 2) return ''
  const level = `--target ${showVersion(best[0])}`
  return `${level} would free up to ${count(freed, 'finding')}; \`abi3lint targets\` says what else.`
}
