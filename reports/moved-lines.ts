import { lineRuns } from './line-runs.ts'

/**
 * Where the lines of a text are after a change.
 * @returns of a line before it the one after it, both from 1; of one that was changed, that which is most like it among
 *   those that came in its place
 */
export function movedLines(before: string, after: string): (line: number) => number {
  const runs: { readonly old: number; readonly now: number; readonly lines: readonly string[] | null }[] = []
  const come: string[][] = []
  let [old, now] = [1, 1]
  for (const { sign, lines } of lineRuns(before, after)) {
    if (sign === '+') come[runs.length - 1] = [...(come[runs.length - 1] ?? []), ...lines]
    else runs.push({ old, now, lines: sign === '-' ? lines : null })
    if (sign !== '+') old += lines.length
    if (sign !== '-') now += lines.length
  }
  return (line) => {
    const index = runs.findLastIndex((each) => each.old <= line)
    const run = runs[index]
    if (!run) return line
    if (run.lines === null) return run.now + line - run.old
    const text = run.lines[line - run.old] ?? ''
    let [best, most] = [0, -1]
    for (const [at, each] of (come[index] ?? []).entries()) {
      const shared = sharedEnds(text, each)
      if (shared > most) [best, most] = [at, shared]
    }
    return run.now + best
  }
}

/** How many characters two texts share at their beginning and at their end. */
function sharedEnds(a: string, b: string): number {
  const most = Math.min(a.length, b.length)
  let front = 0
  while (front < most && a[front] === b[front]) front++
  let back = 0
  while (back < most - front && a[a.length - 1 - back] === b[b.length - 1 - back]) back++
  return front + back
}
