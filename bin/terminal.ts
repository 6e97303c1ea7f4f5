import { Chalk, type ChalkInstance } from 'chalk'
import { printable } from '../reports/printable.ts'
import { knowsHyperlinks } from './hyperlinks.ts'

/** How output looks on one stream. */
export interface TextStyle {
  readonly chalk: ChalkInstance
  /** Columns to fill; `Infinity` where it is no terminal. */
  readonly width: number
  /** Whether hyperlinks are shown. */
  readonly links?: boolean
}

export type ColorChoice = 'auto' | 'always' | 'never'

/** What the program says to people: findings on stdout, everything else on stderr. */
export interface Terminal {
  readonly look: TextStyle
  readonly complaintLook: TextStyle
  /** For files: never coloured. */
  readonly plainLook: TextStyle
  write(text: string | Uint8Array): void
  /** Writes one part after the other as fast as they are read, as long as somebody reads them. */
  writeParts(parts: Iterable<string | Uint8Array>): Promise<void>
  complain(text: string): void
  /** One line on stderr that is shown after half a second and goes away again; nothing where stderr is no terminal. */
  progress(what: string): { readonly report: (done: number, all: number) => void; readonly done: () => void }
  /** One line on stderr while something runs; nothing where stderr is no terminal. @returns takes it away again */
  activity(what: string): () => void
  /**
   * The same for what keeps the process from doing anything else: shown at once, where the program runs for half a
   * second already.
   */
  stage(what: string): () => void
}

/**
 * Whether a stream is coloured: the option, then `NO_COLOR` (any value but the empty one), then `FORCE_COLOR` and
 * `CLICOLOR_FORCE` (`0` is off), then whether it is a terminal that can.
 */
export function colorLevel(choice: ColorChoice, environment: NodeJS.ProcessEnv, isTerminal: boolean): 0 | 1 {
  if (choice !== 'auto') return choice === 'always' ? 1 : 0
  if (environment.NO_COLOR) return 0
  const forced = environment.FORCE_COLOR ?? environment.CLICOLOR_FORCE
  if (forced !== undefined) return forced === '0' ? 0 : 1
  return isTerminal && environment.TERM !== 'dumb' ? 1 : 0
}

/** A reader that goes away early (`| head`) is no fault; a full disk is one of the surroundings, not of the program. */
export function survivePipes(unwritten: (stream: string, error: Error) => void): void {
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') unwritten(name, error)
    })
  }
}

/** Waits until a stream has written what it holds, or will never do so. */
function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    const goOn = (): void => {
      for (const event of ends) stream.off(event, goOn)
      resolve()
    }
    for (const event of ends) stream.on(event, goOn)
    if (!stream.writable || !stream.writableNeedDrain) goOn()
  })
}

const ends = ['drain', 'error', 'close', 'finish'] as const

/** @param quiet no progress */
export function openTerminal(choice: ColorChoice, quiet: boolean): Terminal {
  const { stdout, stderr, env } = process
  const lookOf = (stream: NodeJS.WriteStream): TextStyle => {
    const level = colorLevel(choice, env, stream.isTTY)
    return {
      chalk: new Chalk({ level }),
      width: stream.isTTY ? stream.columns || 80 : 100,
      links: knowsHyperlinks(env, stream.isTTY, level),
    }
  }
  const shows = stderr.isTTY && !quiet && !env.CI && env.TERM !== 'dumb'
  const clear = (): void => void stderr.write('\r\x1b[K')
  const activity = (what: string): (() => void) => {
    if (!shows) return () => undefined
    // What is longer than a line could not be taken away again.
    stderr.write(`\r\x1b[K${printable(what).slice(0, Math.max(1, (stderr.columns || 80) - 1))}`)
    return clear
  }
  return {
    look: lookOf(stdout),
    complaintLook: lookOf(stderr),
    plainLook: { chalk: new Chalk({ level: 0 }), width: 100 },
    write: (text) => void stdout.write(text),
    async writeParts(parts) {
      for (const part of parts) {
        if (!stdout.writable) return
        if (!stdout.write(part)) await drained(stdout)
      }
    },
    complain: (text) => void stderr.write(text),
    progress(what) {
      const begun = Date.now()
      let shown = 0
      return {
        report(done, all) {
          const now = Date.now()
          if (!shows || now - begun < 500 || now - shown < 100) return
          shown = now
          stderr.write(`\r\x1b[K${printable(what)} ${done} of ${all} files`)
        },
        done() {
          if (shown > 0) clear()
        },
      }
    },
    activity,
    stage: (what) => (process.uptime() < 0.5 ? () => undefined : activity(what)),
  }
}
