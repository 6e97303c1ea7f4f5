import { type Minor, showVersion } from '../../analyzer/knowledge/version.ts'
import { reason } from '../../analyzer/store/reason.ts'
import { printable } from '../../reports/printable.ts'
import { findShim, ShimError, shimHeader } from '../../rules/shims/header.ts'
import { shimsByHeader } from '../../rules/shims/index.ts'
import { withShims } from '../../rules/shims/made-header.ts'
import type { Shim } from '../../rules/shims/shim.ts'
import { Exit } from '../exit.ts'
import type { Terminal, TextStyle } from '../terminal.ts'
import { writeOutput } from '../write/output.ts'
import { bytesAt, statsOf } from '../write/stage.ts'

export interface ShimsOptions {
  /** `Pep` names or the real ones; none for the list. */
  readonly names: readonly string[]
  /** The lowest level that the header is for. */
  readonly level: Minor
  /** The file that it goes to; null for stdout. */
  readonly output: string | null
}

/**
 * `abi3lint shims`: the list of all shims, or a C header with some of them.
 * @returns the exit code: 2 for a name that no shim has, a level that is too low, or a file that cannot be written
 */
export function shims({ names, level, output }: ShimsOptions, terminal: Terminal): number {
  if (names.length === 0 && output === null) {
    terminal.write(listing(terminal.look))
    return Exit.clean
  }
  if (names.length === 0) {
    terminal.complain('error: -o needs the names of the shims; abi3lint shims lists them\n')
    return Exit.unusable
  }
  try {
    const header = shimHeader(names, level)
    const there = output === null ? null : textAt(output)
    const providing = names.flatMap((name) => findShim(name)!.provides[0])
    const more = there === null ? header : withShims(there, providing, level, '\n')
    if (output === null) terminal.write(header)
    else if (more !== null) writeOutput(output, () => [Buffer.from(more, 'latin1')])
    else {
      terminal.complain(
        `error: ${printable(`${output} is there and was not made by abi3lint`)}: it is not written over\n`,
      )
      return Exit.unusable
    }
    return Exit.clean
  } catch (error) {
    if (error instanceof ShimError) terminal.complain(`error: ${printable(error.message)}\n`)
    else if (error instanceof Error && 'code' in error)
      terminal.complain(`error: ${printable(`${output} cannot be written: ${reason(error)}`)}\n`)
    else throw error
    return Exit.unusable
  }
}

/** What a regular file holds, one character per byte; null where there is none, or something else than a file. */
function textAt(path: string): string | null {
  return statsOf(path)?.isFile() === true ? bytesAt(path)!.toString('latin1') : null
}

/** All shims by header, each with what it is for, the level that makes it needless, and what differs. */
function listing({ chalk, width }: TextStyle): string {
  const columns = Math.min(width, 100)
  const block = (shim: Shim): string => {
    const needless = shim.until === null ? '' : `, needless from ${showVersion(shim.until)} on`
    const lines = [
      ...fill(shim.provides.join(' '), columns, '').map((line) => chalk.bold(line)),
      ...(shim.replaces.length > 0 ? fill(`for ${shim.replaces.join(' ')}`, columns, '    ') : []),
      `    from ${showVersion(shim.since)}${needless}`,
      ...(shim.differs === '' ? [] : fill(shim.differs, columns, '    ')),
    ]
    return lines.join('\n')
  }
  const parts = [...shimsByHeader].map(
    ([header, list]) => `${chalk.underline(header)}\n\n${list.map(block).join('\n')}\n`,
  )
  return `${parts.join('\n')}\nabi3lint shims NAME... -t TARGET -o FILE writes a C header with those that are named.\n`
}

/** Text in lines of a width, broken at blanks. */
function fill(text: string, width: number, indent: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line)
      line = ''
    }
    line += line === '' ? word : ` ${word}`
  }
  return [...lines, indent + line]
}
