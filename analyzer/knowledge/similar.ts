import { least } from '../source/lists.ts'
/** The known names that are spelled most like a given one, best first, at most three. */
export function similar(name: string, known: Iterable<string>): string[] {
  const scored: { name: string; distance: number }[] = []
  for (const each of known) {
    if (Math.abs(each.length - name.length) > 3) continue
    const distance = editDistance(name.toLowerCase(), each.toLowerCase(), 4)
    if (distance < 4) scored.push({ name: each, distance })
  }
  return scored
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map((each) => each.name)
}

/** How many letters to insert, delete or change to get from one word to the other; `limit` where it is that or more. */
function editDistance(a: string, b: string, limit: number): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    if (least(next) >= limit) return limit
    row = next
  }
  return Math.min(row[b.length]!, limit)
}
