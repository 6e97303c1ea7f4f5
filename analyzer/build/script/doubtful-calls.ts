/**
 * The calls that are being read of functions of which it is not known whether they are called: what they change of
 * what was there before is not known any more, and what they make themselves is as it would be.
 */
export class DoubtfulCalls {
  private readonly all: { readonly why: string; readonly made: WeakSet<object> }[] = []

  /** What it depends on whether the function is called that is being read; null where it is. */
  get why(): string | null {
    return this.all.at(-1)?.why ?? null
  }

  /** Reads a call. @param why what it depends on whether it is made; null for nothing */
  read<T>(why: string | null, run: () => T): T {
    if (why === null) return run()
    this.all.push({ why, made: new WeakSet() })
    const result = run()
    this.all.pop()
    return result
  }

  /** Takes down that a value is new. @returns the value */
  making<T extends object>(value: T): T {
    for (const { made } of this.all) made.add(value)
    return value
  }

  /** What it depends on whether a change of a value is made, as far as calls go; null for nothing. */
  changing(value: object): string | null {
    const last = this.all.at(-1)
    return last === undefined || last.made.has(value) ? null : last.why
  }
}
