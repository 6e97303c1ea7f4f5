import { addAll, exact, least } from '../source/lists.ts'
import { conflict, editsOf, losesProse } from './edits.ts'
import type { FileFix, Fix, ProjectFix, TextEdit } from './fix.ts'

/** A fix of one file, with its edits. */
export interface SettledFileFix extends Omit<FileFix, 'rewrites'> {
  readonly edits: readonly TextEdit[]
}

/** A fix as it can be shown and made. */
export type SettledFix = SettledFileFix | ProjectFix

/**
 * A fix as it can be shown and made: one that would delete a comment or a preprocessor line is no longer safe,
 * whatever its recipe says.
 * @param text of the file, one character per byte
 */
export function settle(fix: Fix, text: string): SettledFix {
  if (fix.kind === 'project') return fix
  const { title, safety, reason, kind, rewrites, includes, shims, ...others } = fix
  const edits = exact(rewrites.flatMap((rewrite) => editsOf(text, rewrite)))
  const settled = { edits, title, safety, reason, kind, includes, shims, ...others }
  if (!losesProse(text, edits)) return settled
  const loss = 'it would delete a comment or a preprocessor line'
  return { ...settled, safety: 'unsafe', reason: reason === '' ? loss : `${reason}; ${loss}` }
}

/**
 * Of the fixes of one file those that can be made at once, the first by position first. One that waits may be made in
 * the next round. Fixes that make the same edits are one.
 */
export function choose<T extends { readonly fix: SettledFileFix }>(wanted: readonly T[]): readonly T[] {
  const order = [...wanted].sort((a, b) => firstOf(a.fix) - firstOf(b.fix))
  const chosen: T[] = []
  const made = new Map<string, TextEdit[]>()
  const taken: TextEdit[] = []
  for (const each of order) {
    const { edits } = each.fix
    const key = JSON.stringify(edits)
    if (!made.has(key)) {
      if (edits.some((edit) => near(taken, edit).some((other) => conflict(edit, other)))) continue
      made.set(key, [...edits])
      addAll(taken, edits)
      taken.sort((a, b) => a.start - b.start)
    }
    chosen.push(each)
  }
  return chosen
}

const firstOf = ({ edits }: SettledFileFix): number => least([Infinity, ...edits.map(({ start }) => start)])

/** Of sorted edits that do not overlap those that may touch another one. */
function near(sorted: readonly TextEdit[], { start, end }: TextEdit): readonly TextEdit[] {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]!.end < start) low = middle + 1
    else high = middle
  }
  const found: TextEdit[] = []
  for (let at = low; at < sorted.length && sorted[at]!.start <= end; at++) found.push(sorted[at]!)
  return found
}
