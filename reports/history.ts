/** A run as a burn-down remembers it. */
export interface HistoryPoint {
  /** Seconds since 1970: when the commit was made, or the run. */
  readonly time: number
  /** Empty where there was none. */
  readonly commit: string
  readonly target: string
  /** Blockers by what it takes to do away with them. */
  readonly safe: number
  readonly unsafe: number
  readonly newer: number
  readonly manual: number
}

const counts = ['safe', 'unsafe', 'newer', 'manual'] as const

/** A line of a history. */
export const historyLine = ({ time, commit, target, ...each }: HistoryPoint): string =>
  `${JSON.stringify({ time, commit, target, ...Object.fromEntries(counts.map((name) => [name, each[name]])) })}\n`

/**
 * Reads a history, a line for each run.
 * @returns the runs, the oldest first; or what is wrong with it, to go after the name of the file
 */
export function readHistory(text: string): readonly HistoryPoint[] | string {
  const points: HistoryPoint[] = []
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const point = pointOf(line)
    if (point === null) return `line ${at + 1} is no run: it wants time, commit, target, ${counts.join(', ')}`
    points.push(point)
  }
  return points.sort((a, b) => a.time - b.time)
}

function pointOf(line: string): HistoryPoint | null {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const { time, commit, target, ...rest } = value as Record<string, unknown>
  const isCount = (each: unknown): each is number => Number.isSafeInteger(each) && (each as number) >= 0
  if (!isCount(time) || typeof commit !== 'string' || typeof target !== 'string') return null
  if (!counts.every((name) => isCount(rest[name]))) return null
  const [safe, unsafe, newer, manual] = counts.map((name) => rest[name] as number) as [number, number, number, number]
  return { time, commit, target, safe, unsafe, newer, manual }
}
