import { exact, least } from '../source/lists.ts'
import { addTo } from '../source/multimap.ts'
import type { Offset } from '../source/text.ts'
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
  if (fix.isOfComments === true || !losesProse(text, edits)) return settled
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
  const made = new Set<string>()
  const taken = new TakenEdits()
  for (const each of order) {
    const { edits } = each.fix
    const key = JSON.stringify(edits)
    if (!made.has(key)) {
      if (edits.some((edit) => taken.conflictsWith(edit))) continue
      made.add(key)
      for (const edit of edits) taken.add(edit)
    }
    chosen.push(each)
  }
  return chosen
}

const firstOf = ({ edits }: SettledFileFix): number => least([Infinity, ...edits.map(({ start }) => start)])

/** Edits that are made at once, by the stretches of the file that they touch. */
class TakenEdits {
  private readonly byStretch = new Map<number, TextEdit[]>()

  add(edit: TextEdit): void {
    const last = stretchOf(edit.end)
    for (let at = stretchOf(edit.start); at <= last; at++) addTo(this.byStretch, at, edit)
  }

  conflictsWith(edit: TextEdit): boolean {
    const last = stretchOf(edit.end)
    for (let at = stretchOf(edit.start); at <= last; at++)
      if (this.byStretch.get(at)?.some((other) => conflict(edit, other))) return true
    return false
  }
}

/** Which 256 characters of a file an offset is in. */
const stretchOf = (offset: Offset): number => offset >> 8
