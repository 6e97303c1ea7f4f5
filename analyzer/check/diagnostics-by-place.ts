import type { Offset } from '../source/text.ts'
import type { Diagnostic } from './diagnostic.ts'

/** Diagnostics by their places, to be joined with others of the same. There may be hundreds of thousands. */
export class DiagnosticsByPlace {
  /** At nearly all places there is one. */
  private readonly files = new Map<string, Map<Offset, Diagnostic | Diagnostic[]>>()

  /**
   * Adds a diagnostic, or puts what it becomes with another one in the place of that.
   * @param indexOf which of those that begin where it does is the other; -1 for none
   */
  add(
    diagnostic: Diagnostic,
    indexOf: (here: readonly Diagnostic[], diagnostic: Diagnostic) => number,
    join: (other: Diagnostic, diagnostic: Diagnostic) => Diagnostic,
  ): void {
    const { file, start } = diagnostic
    let places = this.files.get(file)
    if (places === undefined) {
      places = new Map()
      this.files.set(file, places)
    }
    const here = places.get(start)
    if (here === undefined) {
      places.set(start, diagnostic)
      return
    }
    const list = Array.isArray(here) ? here : [here]
    const index = indexOf(list, diagnostic)
    if (index < 0) list.push(diagnostic)
    else list[index] = join(list[index]!, diagnostic)
    places.set(start, list.length === 1 ? list[0]! : list)
  }

  /** All of them, in no order that means anything. */
  *[Symbol.iterator](): Generator<Diagnostic> {
    for (const places of this.files.values())
      for (const here of places.values()) {
        if (Array.isArray(here)) yield* here
        else yield here
      }
  }
}

/** Where a diagnostic stands that is the same one at another target or with other headers; -1 for nowhere. */
export const indexOfSame = (list: readonly Diagnostic[], { rule, symbol }: Diagnostic): number =>
  list.findIndex((each) => each.rule === rule && each.symbol === symbol)
