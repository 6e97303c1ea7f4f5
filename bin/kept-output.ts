import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Problem } from '../analyzer/check/diagnostic.ts'
import { type Cache, largestEntry } from '../analyzer/store/cache.ts'
import { systemPath } from '../analyzer/store/system-path.ts'
import { isAnsweredAlike, type Trace, TraceWriter } from '../analyzer/store/trace.ts'
import { buildIdentity, type CacheOptions, cacheOf } from './cache.ts'
import type { FoundProject } from './project.ts'

/** What a command has to say. */
export interface Output {
  /** On stderr, before anything else. */
  readonly note: string
  readonly problems: readonly Problem[]
  /** Whether it says that something is to be done. */
  readonly fails: boolean
  /** What goes to each of the places that output was asked for. */
  readonly reports: readonly (() => Iterable<string | Uint8Array>)[]
}

/** What is kept of it, besides the reports. */
interface Kept extends Omit<Output, 'reports'> {
  readonly trace: Trace
  /** Bytes of each of the reports. */
  readonly lengths: readonly number[]
}

/** The output of a command on a project: kept from the last time, if nothing that it hangs on has changed since. */
export class KeptOutput {
  /** To open the project with; null where nothing is kept. */
  readonly trace: TraceWriter | null
  private readonly cache: Cache | null
  private readonly name: string
  private readonly recorders: Recorder[] = []
  private readonly build = buildIdentity()
  private readonly begun = Date.now()

  /** @param settings all that the output hangs on besides the project */
  constructor(
    options: CacheOptions,
    private readonly project: FoundProject,
    settings: unknown,
  ) {
    this.cache = cacheOf(options, project.root)
    this.trace = this.cache && new TraceWriter()
    this.name = JSON.stringify([this.build, process.version, process.platform, settings, project.identity])
  }

  /** Of the last time; null where there is none, or something has changed. */
  find(): Output | null {
    const bytes = this.cache?.get(this.name) ?? null
    if (bytes === null) return null
    let end = bytes.indexOf('\n') + 1
    const { trace, lengths, ...output } = JSON.parse(bytes.toString('utf8', 0, end)) as Kept
    if (!this.isAnsweredAlike(trace)) return null
    const reports = lengths.map((length) => {
      const part = bytes.subarray(end, end + length)
      end += length
      return () => [part]
    })
    return { ...output, reports }
  }

  /** An output that was found out, with its reports written down as they are asked for, so that it can be kept. */
  recorded(output: Output): Output {
    if (this.cache === null) return output
    return {
      ...output,
      reports: output.reports.map((report) => {
        const recorder = new Recorder(report)
        this.recorders.push(recorder)
        return () => recorder.parts()
      }),
    }
  }

  /** Keeps an output whose reports were asked for, unless something was changed meanwhile. */
  keep({ note, problems, fails }: Output): void {
    const { cache, trace } = this
    const recorded = this.recorders.map(({ whole }) => whole)
    if (cache === null || trace === null || recorded.includes(null)) return
    if (!this.isAnsweredAlike(trace.trace) || this.isTouched(trace.trace) || buildIdentity() !== this.build) return
    const lengths = recorded.map((parts) => parts!.reduce((sum, { length }) => sum + length, 0))
    const head: Kept = { note, problems, fails, trace: trace.trace, lengths }
    cache.put(this.name, [Buffer.from(`${JSON.stringify(head)}\n`), ...recorded.flatMap((parts) => parts!)])
  }

  /**
   * Whether a file that was read was changed since then, though it be as it was before: what is read twice, as by
   * threads, may be of two states.
   */
  private isTouched(trace: Trace): boolean {
    return trace.some((each) => each[0] === 'read' && changeTime(resolve(this.project.root, each[1])) >= this.begun)
  }

  private isAnsweredAlike(trace: Trace): boolean {
    return isAnsweredAlike(trace, this.project.newStore(), this.project.names)
  }
}

/** When a file, or what is known of it, was changed last, in milliseconds since 1970; 0 where there is none. */
function changeTime(path: string): number {
  try {
    return statSync(systemPath(path), { throwIfNoEntry: false })?.ctimeMs ?? 0
  } catch {
    return 0
  }
}

/** Writes down a report as somebody reads it, unless it is too long to be kept. */
class Recorder {
  /** The report; null as long as nobody has read all of it, and where it is too long. */
  whole: readonly Uint8Array[] | null = null

  constructor(private readonly report: () => Iterable<string | Uint8Array>) {}

  *parts(): Iterable<string | Uint8Array> {
    const read: Uint8Array[] = []
    let length = 0
    for (const part of this.report()) {
      yield part
      length += part.length
      if (length > largestEntry) read.length = 0
      else read.push(Buffer.from(part as Uint8Array))
    }
    this.whole = length > largestEntry ? null : read
  }
}
