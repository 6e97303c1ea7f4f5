import { diffArrays } from 'diff'

/** Lines, each with its line end, that stay, go or come. */
export interface Run {
  readonly sign: ' ' | '-' | '+'
  readonly lines: readonly string[]
}

/**
 * What becomes of the lines of a text: as little as possible goes and comes, unless that would be a long search. Then
 * lines that are there once before and after are looked for, and what lies between them is compared.
 * @returns from the first line to the last
 */
export function lineRuns(before: string, after: string): readonly Run[] {
  const old = linesOf(before)
  const changed = linesOf(after)
  return compared(old, changed, mostEdits) ?? comparedByAnchors(old, changed)
}

/** Lines that go and come; the time for a search grows with the square of them. */
const mostEdits = 2000

/** The same between two lines that stay. */
const mostBetweenAnchors = 1000

const linesOf = (text: string): string[] => (text === '' ? [] : text.split(/(?<=\n)/))

/** What becomes of lines, with the least that can go and come; null if that is more than may be. */
function compared(old: string[], changed: string[], most: number): readonly Run[] | null {
  const found = diffArrays(old, changed, { maxEditLength: most })
  return found?.map(({ added, removed, value }) => ({ sign: added ? '+' : removed ? '-' : ' ', lines: value })) ?? null
}

function comparedByAnchors(old: string[], changed: string[]): readonly Run[] {
  const runs: { readonly sign: Run['sign']; readonly lines: string[] }[] = []
  const add = ({ sign, lines }: Run): void => {
    if (lines.length === 0) return
    const last = runs.at(-1)
    if (last?.sign === sign) for (const line of lines) last.lines.push(line)
    else runs.push({ sign, lines: [...lines] })
  }
  let [i, j] = [0, 0]
  for (const [nextOld, nextChanged] of [...anchorsOf(old, changed), [old.length, changed.length] as const]) {
    const gone = old.slice(i, nextOld)
    const come = changed.slice(j, nextChanged)
    const all: readonly Run[] = [
      { sign: '-', lines: gone },
      { sign: '+', lines: come },
    ]
    for (const run of compared(gone, come, mostBetweenAnchors) ?? all) add(run)
    add({ sign: ' ', lines: old.slice(nextOld, nextOld + 1) })
    i = nextOld + 1
    j = nextChanged + 1
  }
  return runs
}

/** Pairs of indexes of lines that are there once before and after, as many as are in the same order. */
function anchorsOf(old: readonly string[], changed: readonly string[]): (readonly [number, number])[] {
  const places = placesOfSingles(changed)
  const pairs = [...placesOfSingles(old)].flatMap(([line, i]) => {
    const j = places.get(line)
    return j === undefined ? [] : [[i, j] as const]
  })
  return longestRise(pairs)
}

/** Where lines are that are there once, in their order. */
function placesOfSingles(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1)
  return new Map(lines.flatMap((line, index) => (counts.get(line) === 1 ? [[line, index] as const] : [])))
}

/** The longest part of pairs in which the second numbers rise. */
function longestRise(pairs: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  /** For each length, which pair is the last of the rise of that length that ends lowest. */
  const lasts: number[] = []
  const previous: number[] = []
  for (const [index, [, j]] of pairs.entries()) {
    let low = 0
    let high = lasts.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (pairs[lasts[middle]!]![1] < j) low = middle + 1
      else high = middle
    }
    previous.push(low === 0 ? -1 : lasts[low - 1]!)
    lasts[low] = index
  }
  const found: (readonly [number, number])[] = []
  for (let at = lasts.at(-1) ?? -1; at >= 0; at = previous[at]!) found.push(pairs[at]!)
  return found.reverse()
}
