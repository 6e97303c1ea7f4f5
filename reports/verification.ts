import { shownName } from './file-name.ts'
import type { TextStyle } from './full.ts'
import { inert, printable } from './printable.ts'
import { count } from './tally.ts'
import { wrap } from './wrap.ts'

/** A project that was built in one state, and tried out. */
export interface Stage {
  /** `before the port`, `for the stable ABI`. */
  readonly title: string
  readonly builds: readonly {
    /** The interpreter as the user calls it. */
    readonly python: string
    /** The name of the wheel. */
    readonly wheel: string
    readonly modules: number
    readonly seconds: number
  }[]
  readonly trials: readonly {
    readonly python: string
    /** What imports and tests came to, in words. */
    readonly outcome: string
    /** How long the tests took; null where there are none. */
    readonly seconds: number | null
    /** Whether it is what it was before the port; null before it. */
    readonly isSame: boolean | null
  }[]
}

/** What builds and tests said of a port. */
export interface Verification {
  /** Before the port and after it, as far as it is kept. */
  readonly stages: readonly Stage[]
  /** Warnings of the compiler that were not there before. */
  readonly warnings: readonly { readonly file: string; readonly line: number; readonly text: string }[]
  readonly takenBack: readonly { readonly steps: readonly string[]; readonly reasons: readonly string[] }[]
  /** What was not done and why, whole sentences without full stop. */
  readonly notes: readonly string[]
}

/** How many new warnings are told. */
const mostWarnings = 20

/**
 * What was built and tested, what of it is as before, which warnings are new, and what was taken back.
 * @returns lines that end in a line feed
 */
export function verificationText({ stages, warnings, takenBack, notes }: Verification, look: TextStyle): string {
  const { chalk, width } = look
  const indented = (text: string, by: number): string[] =>
    wrap(text, width - by - 2).map((line, index) => ' '.repeat(index === 0 ? by : by + 2) + line)
  const isBuilt = stages.some(({ builds }) => builds.length > 0)
  return [
    ...stages.flatMap((stage) => stageLines(stage, indented)),
    ...(isBuilt && stages.length > 1
      ? [
          warnings.length === 0
            ? 'no new warning of the compiler'
            : `${count(warnings.length, 'new warning')} of the compiler:`,
        ]
      : []),
    ...warnings
      .slice(0, mostWarnings)
      .flatMap(({ file, line, text }) => indented(`${shownName(file)}:${line}: ${text}`, 2)),
    ...(warnings.length > mostWarnings ? [`  ${warnings.length - mostWarnings} more`] : []),
    ...takenBack.flatMap(({ steps, reasons }) => [
      chalk.bold(`took back ${printable(steps.join(', '))}:`),
      ...reasons.flatMap((reason) => indented(reason, 2)),
    ]),
    ...notes.flatMap((note) => indented(`note: ${note}`, 0)),
    '',
    '',
  ].join('\n')
}

function stageLines({ title, builds, trials }: Stage, indented: (text: string, by: number) => string[]): string[] {
  return [
    inert(`${printable(title)}:`),
    ...builds.flatMap(({ python, wheel, modules, seconds }) =>
      indented(
        `${python} built ${printable(wheel)} with ${count(modules, 'extension module')} in ${showSeconds(seconds)}`,
        2,
      ),
    ),
    ...trials.flatMap(({ python, outcome, seconds, isSame }) => {
      const same = isSame === null ? '' : isSame ? 'the same, ' : 'different, '
      return indented(`${python}: ${same}${outcome}${seconds === null ? '' : ` in ${showSeconds(seconds)}`}`, 2)
    }),
  ]
}

const showSeconds = (seconds: number): string => (seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`)
