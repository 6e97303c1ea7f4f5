import type { Use } from '../file-facts.ts'

const none: Use['within'] = []

/** Calls within each other that are told of, from the outside in. */
const deepest = 100

const codes = { '(': 40, ')': 41, ',': 44, ';': 59, '}': 125 } as const

/** The calls among whose arguments the tokens stand that are gone through: those of project macros, or all by name. */
export class OpenCalls {
  // Of each open parenthesis the macro that is called by it, or null, and the argument that the tokens are in.
  private readonly macros: (string | null)[] = []
  private readonly arguments: number[] = []
  /** The calls among them, as indexes of the parentheses. */
  private readonly calls: number[] = []
  /** What is told of them, as long as it stays: uses in the same argument share it. */
  private told: Use['within'] | null = null

  /** Whether the tokens stand in no such call. */
  get isEmpty(): boolean {
    return this.calls.length === 0
  }

  /**
   * Goes over an operator or a bracket.
   * @param code of its first character
   * @param callee the name that stands just before, if calls of it are asked for, or null
   */
  pass(code: number, callee: string | null): void {
    switch (code) {
      case codes['(']:
        this.macros.push(callee)
        this.arguments.push(0)
        if (callee === null) break
        if (this.calls.length < deepest) this.told = null
        this.calls.push(this.macros.length - 1)
        break
      case codes[')']:
        this.arguments.pop()
        if ((this.macros.pop() ?? null) === null) break
        this.calls.pop()
        if (this.calls.length < deepest) this.told = null
        break
      case codes[',']:
        if (this.isEmpty) break
        this.arguments[this.arguments.length - 1]!++
        if (this.calls.length <= deepest || this.arguments.length - 1 <= this.calls[deepest - 1]!) this.told = null
        break
      case codes[';']:
        if (this.isEmpty) this.clear()
        break
      case codes['}']:
        this.clear()
        break
    }
  }

  /** The calls and which argument of each it is, from the outside in. */
  around(): Use['within'] {
    if (this.isEmpty) return none
    this.told ??= this.calls.slice(0, deepest).map((at) => [this.macros[at]!, this.arguments[at]!] as const)
    return this.told
  }

  /** Unbalanced text must not make the rest of the file an argument. */
  private clear(): void {
    this.macros.length = 0
    this.arguments.length = 0
    this.calls.length = 0
    this.told = null
  }
}
