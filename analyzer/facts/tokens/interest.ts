import type { Offset } from '../../source/text.ts'
import { Offsets } from '../offsets.ts'

/** Collects where a tree is worth a visit: fields, structs by value, calls of macros, possible shadows. */
export class Interest {
  /** Macros whose bodies are worth a tree, by index. */
  readonly bodies = new Set<number>()
  private readonly places: number[] = []

  /** @param macro the macro whose body is worth a tree for it, or -1 */
  add(offset: Offset, macro: number): void {
    this.places.push(offset)
    if (macro >= 0) this.bodies.add(macro)
  }

  offsets(): Offsets {
    return new Offsets(Int32Array.from(this.places).sort())
  }
}
