import type { ChalkInstance } from 'chalk'
import type { Problem } from '../analyzer/check/diagnostic.ts'
import { shownName } from './file-name.ts'
import { paint } from './full.ts'
import { printable } from './printable.ts'

/**
 * The files that could not be read or understood, for the error stream: `error: src/a.c: what is the matter`.
 * @returns one line for each problem, each with a line feed; empty where there are none
 */
export const problemLines = (problems: readonly Problem[], { chalk }: { readonly chalk: ChalkInstance }): string =>
  problems
    .map(
      ({ severity, file, message }) =>
        `${paint(chalk, severity).bold(`${severity}:`)} ${shownName(file)}: ${printable(message)}\n`,
    )
    .join('')
