import type { Offset } from '../../source/text.ts'
import type { Lookup } from '../expressions.ts'
import type { Expression } from '../file-facts.ts'

interface Name {
  readonly type: Expression
  /** It points to what must not be changed, or is such: types do without qualifiers. */
  readonly isConst: boolean
}

/** The names declared in a block, a function, a struct or the file, and the scope around it. */
export class Scope {
  private readonly names = new Map<string, Name>()

  /**
   * @param outer the scope around it; null for that of the file
   * @param end where it ends; names declared in it are the project's own up to there
   */
  constructor(
    private readonly outer: Scope | null,
    readonly end: Offset,
  ) {}

  get isFile(): boolean {
    return this.outer === null
  }

  declare(name: string, type: Expression, isConst = false): void {
    this.names.set(name, { type, isConst })
  }

  isConst(name: string): boolean {
    return this.find(name)?.isConst ?? false
  }

  /** The type of a name; undefined where no scope declares it. */
  readonly lookup: Lookup = (name) => this.find(name)?.type

  private find(name: string): Name | undefined {
    for (let scope: Scope | null = this; scope; scope = scope.outer) {
      const found = scope.names.get(name)
      if (found) return found
    }
    return undefined
  }
}
