import type { Target } from '../knowledge/target.ts'
import { type Minor, showVersion } from '../knowledge/version.ts'
import type { Interning } from '../source/interning.ts'
import { type Diagnostic, isWorse, sameFix } from './diagnostic.ts'
import { DiagnosticsByPlace, indexOfSame } from './diagnostics-by-place.ts'

/** What is found for one target, with one set of headers after the other. */
export class FoundAtTarget {
  private readonly found = new DiagnosticsByPlace()
  private readonly headers: Minor[] = []

  constructor(private readonly interning: Interning) {}

  private readonly indexOf = (here: readonly Diagnostic[], diagnostic: Diagnostic): number => {
    const same = indexOfSame(here, diagnostic)
    const isOther = same < 0 && this.isFurther
    return isOther ? here.findIndex(({ symbol }) => symbol === diagnostic.symbol) : same
  }

  private readonly join = (first: Diagnostic, second: Diagnostic): Diagnostic =>
    joinHeaders(first, second, this.interning)

  /** The rules are run with the headers of this target from now on. */
  begin({ headers }: Target): void {
    this.headers.push(headers)
  }

  /** Whether the headers are not the first. */
  get isFurther(): boolean {
    return this.headers.length > 1
  }

  /**
   * With other headers another rule may say that the same name does not do at the same place: that is no second
   * finding.
   */
  add(diagnostic: Diagnostic): void {
    this.found.add(diagnostic, this.indexOf, this.join)
  }

  /** All of it, with a note where only some headers are concerned. */
  *all(): Generator<Diagnostic> {
    const known = this.headers.map(showVersion)
    for (const diagnostic of this.found) {
      if (diagnostic.headers.length === known.length) yield diagnostic
      else {
        const only = `only with the headers of CPython ${spans(diagnostic.headers, known)}`
        yield { ...diagnostic, notes: this.interning.list([...diagnostic.notes, only]) }
      }
    }
  }
}

/** `3.9, 3.11 to 3.14`. @param known all that there are, in the order in which those that follow each other stand */
function spans(headers: readonly string[], known: readonly string[]): string {
  const runs: string[][] = []
  for (const [index, each] of known.entries()) {
    if (!headers.includes(each)) continue
    if (index > 0 && headers.includes(known[index - 1]!)) runs.at(-1)!.push(each)
    else runs.push([each])
  }
  return runs
    .map((run) => (run.length === 1 ? run[0]! : `${run.at(-1)!} to ${run[0]!}`))
    .reverse()
    .join(', ')
}

/** The worse of two counts, with the headers with which it is that bad. */
function joinHeaders(first: Diagnostic, second: Diagnostic, interning: Interning): Diagnostic {
  const fix = sameFix(first.fix, second.fix) ? first.fix : null
  if (isWorse(second, first)) return { ...second, fix }
  if (isWorse(first, second)) return { ...first, fix }
  const headers = interning.list([...new Set([...first.headers, ...second.headers])])
  return fix === first.fix && headers === first.headers ? first : { ...first, fix, headers }
}
