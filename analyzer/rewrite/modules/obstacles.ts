import type { Offset } from '../../source/text.ts'
import type { PlaceIn } from '../sources.ts'

/** What keeps a module from being rewritten, and where. */
export interface Obstacle extends PlaceIn {
  /** A sentence without full stop. */
  readonly text: string
}

/** Obstacles as they are found. */
export class Obstacles {
  readonly all: Obstacle[] = []

  add(file: string, offset: Offset, text: string): void {
    this.all.push({ file, offset, text })
  }
}
