import type { FileFacts, MacroFact, Use } from '../facts/file-facts.ts'
import type { Verdict } from '../preprocess/condition.ts'
import type { FileId } from '../source/text.ts'
import { better, type Conditions, worse } from './conditions.ts'
import { type IncludeGraph, visibleFrom } from './includes.ts'
import type { Declarations } from './meanings.ts'

/** Macros that hand an argument to each other are followed so far: what becomes of it behind them is unknown. */
const deepest = 500

/** What becomes of the arguments of calls of the project's macros. */
export class MacroArguments {
  private readonly known = new Map<string, Verdict>()
  private undefined: ReadonlySet<string> | null = null
  /** How many macros that hand an argument on are being asked. */
  private depth = 0

  /** @param plain the conditions of a build without options */
  constructor(
    private readonly project: {
      readonly files: readonly FileFacts[]
      readonly declarations: Declarations
      readonly graph: IncludeGraph
    },
    private readonly conditions: Conditions,
    private readonly plain: Conditions,
  ) {}

  /**
   * Whether an argument of a call is compiled: `no` if the macro drops it, makes it a part of a name or a text, or
   * hands it to another macro that does, `unknown` if only some definitions do.
   * @param file where the call stands
   * @param macro its name, of a macro or not
   * @param argument its number, from 0
   */
  kept(file: FileId, macro: string, argument: number): Verdict {
    const key = `${file} ${argument} ${macro}`
    let verdict = this.known.get(key)
    if (verdict === undefined) {
      if (this.depth >= deepest) return 'unknown'
      this.depth++
      // A macro is not expanded in what it expands to: there its name is that of a function.
      this.known.set(key, 'yes')
      verdict = this.keptByDefinitions(file, macro, argument)
      this.known.set(key, verdict)
      this.depth--
    }
    return verdict
  }

  private keptByDefinitions(file: FileId, macro: string, argument: number): Verdict {
    const definitions = this.project.declarations.macro(macro)
    if (definitions.length === 0) return 'yes'
    const seen = visibleFrom(this.project.graph, file)
    // Where it is taken away, or no unit that the file is part of sees it, the name may be that of a function.
    let mayKeep = this.isUndefined(macro)
    let mayDrop = false
    const unseen = new Set(this.project.graph.roots(file))
    for (const entry of definitions) {
      if (entry.file !== file && !seen.has(entry.file)) continue
      if (this.conditions.verdict(entry.file, entry.fact.region) === 'no') continue
      const kept = this.keptBy(file, entry.fact, argument)
      for (const root of unseen)
        if (root === entry.file || this.project.graph.closure(root).has(entry.file)) unseen.delete(root)
      if (kept !== 'no') mayKeep = true
      if (kept !== 'yes' && this.plain.verdict(entry.file, entry.fact.region) !== 'no') mayDrop = true
    }
    return !mayDrop ? 'yes' : mayKeep || unseen.size > 0 ? 'unknown' : 'no'
  }

  /** Whether a file takes a macro away somewhere. */
  private isUndefined(macro: string): boolean {
    this.undefined ??= new Set(this.project.files.flatMap((each) => each.undefinitions.map(({ name }) => name)))
    return this.undefined.has(macro)
  }

  private keptBy(file: FileId, { parameters, arguments: places, result }: MacroFact, argument: number): Verdict {
    // `#define LOG trace`: what follows the name is called with the arguments.
    if (parameters === null) return result?.[0] === 'name' ? this.kept(file, result[1], argument) : 'yes'
    if (places === null) return 'yes'
    const parameter = Math.min(argument, parameters.length - 1)
    const further = argument - parameter
    return [...new Set(places[parameter]!)]
      .map((calls) => this.keptIn(file, calls, further))
      .reduce(better, 'no' as const)
  }

  /** @param further how many arguments before it the innermost call gets for the same parameter */
  private keptIn(file: FileId, calls: Use['within'], further: number): Verdict {
    return calls
      .map(([macro, argument], at) => this.kept(file, macro, argument + (at === calls.length - 1 ? further : 0)))
      .reduce(worse, 'yes' as const)
  }
}
