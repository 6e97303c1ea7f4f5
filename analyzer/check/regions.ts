import type { FileFacts } from '../facts/file-facts.ts'

/** The innermost region that holds a place of a file. */
export function regionAt({ regions }: FileFacts, offset: number): number {
  // Regions are in the order in which they open.
  for (let index = regions.length - 1; index > 0; index--) {
    const { start, end } = regions[index]!
    if (start <= offset && offset < end) return index
  }
  return 0
}
