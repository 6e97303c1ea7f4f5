import { join } from 'node:path'
import { printable } from '../../reports/printable.ts'
import { problemLines } from '../../reports/problems.ts'
import {
  type HeaderFile,
  type InterfaceNames,
  interfaceHeaders,
  interfaceNames,
  sampleEntries,
  sampleObjectEntries,
} from '../../rules/native-interface/interface.ts'
import { Exit, hasErrors } from '../exit.ts'
import { wouldBe } from '../places.ts'
import type { Terminal } from '../terminal.ts'
import { statsOf } from '../write/stage.ts'
import { writeFiles } from '../write/transaction.ts'

export interface NewInterfaceOptions {
  /** The module that offers the interface, as Python imports it. */
  readonly module: string
  /** The directory that the headers go to. */
  readonly output: string
  /** Whether single objects have tables, too. */
  readonly withObjects: boolean
}

/**
 * `abi3lint new native-interface`: two C headers, one for the module that offers an interface, one for those that use
 * it. Both are written, or none.
 * @returns the exit code: 2 for no name of a module, a file that is there already, or one that cannot be written
 */
export async function newInterface(options: NewInterfaceOptions, terminal: Terminal): Promise<number> {
  const { module, output, withObjects } = options
  const fail = (message: string): number => {
    terminal.complain(`error: ${printable(message)}\n`)
    return Exit.unusable
  }
  const names = interfaceNames(module)
  if (names === null)
    return fail(`${module} is no name of a module, as in import pkg.spam: with a letter in its last part`)
  if (statsOf(output)?.isDirectory() !== true) return fail(`${output} is no directory`)
  const headers = interfaceHeaders({
    module,
    major: 1,
    entries: sampleEntries,
    objectEntries: withObjects ? sampleObjectEntries : null,
  })
  const changes = headers.map(({ file, text }) => ({
    file: join(output, file),
    before: null,
    after: Buffer.from(text),
  }))
  const files = changes.map(({ file }) => file)
  const present = files.find((file) => statsOf(file) !== null)
  if (present !== undefined) return fail(`${present} is there already: it is not written over, and nothing is written`)
  const { problems } = await writeFiles(wouldBe(output), changes, new Set(files))
  if (hasErrors(problems)) {
    terminal.complain(problemLines(problems, terminal.complaintLook))
    return Exit.unusable
  }
  terminal.write(whatIsNext(module, names, headers, files, withObjects))
  return Exit.clean
}

/** What was written, and what is to be done with it. */
function whatIsNext(
  module: string,
  { type, macro }: InterfaceNames,
  [table, exporting]: readonly [HeaderFile, HeaderFile],
  files: readonly string[],
  withObjects: boolean,
): string {
  const structs = [`${type}Api`, ...(withObjects ? [`${type}ObjectApi`] : [])].join(' and ')
  return `${printable(files[0]!)}: the table, for ${module} and for all modules that use it; to be published
${printable(files[1]!)}: how it is offered, for ${module} alone

1. In ${table.file}, put entries of your own in the place of those in ${structs}, and let ${macro}_API_SIZE_0 name the last one.
2. In ${module}, include ${exporting.file}, keep a ${type}ApiExport in the state of the module, and offer the table in the
   function of Py_mod_exec: ${type}Api_Init(), the entries, ${type}Api_Export(). A capsule for older users stays as it is.
3. In modules that use it, include ${table.file}, keep a ${type}ApiImport in the state, and call ${type}Api_Import() and
   ${type}Api_Get().
4. When the table has been published, let it grow at its end alone: an entry, another ${macro}_API_MINOR, and a
   ${macro}_API_SIZE_ for that. abi3lint capi lock and capi check see to it.
`
}
