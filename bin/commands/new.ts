import { join } from 'node:path'
import { reason } from '../../analyzer/store/reason.ts'
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
import { stateHeader, stateHeaderFile } from '../../rules/pep-state/header.ts'
import { Exit, hasErrors, UsageError } from '../exit.ts'
import { wouldBe } from '../places.ts'
import type { Terminal } from '../terminal.ts'
import { statsOf } from '../write/stage.ts'
import { writeFiles } from '../write/transaction.ts'

/** The options of `abi3lint new`. */
export interface NewFlags {
  /** The directory that the headers go to. */
  readonly output: string
  /** Whether single objects have tables, too. */
  readonly objects: boolean
}

/**
 * `abi3lint new`.
 * @param what `native-interface` or `pep-state`
 * @param module the name that was given; undefined for none
 * @returns the exit code
 * @throws UsageError where a name is missing, or not wanted
 */
export function writeNew(
  what: string,
  module: string | undefined,
  flags: NewFlags,
  terminal: Terminal,
): Promise<number> {
  if (what === 'native-interface') {
    if (module === undefined) throw new UsageError(`${what} needs the name of a module`)
    return newInterface(module, flags, terminal)
  }
  if (module !== undefined) throw new UsageError(`${what} takes no name of a module`)
  return newStateHeader(flags.output, terminal)
}

/**
 * `abi3lint new native-interface`: two C headers, one for the module that offers an interface, one for those that use
 * it. Both are written, or none.
 * @param module the module that offers the interface, as Python imports it
 * @returns the exit code: 2 for no name of a module, a file that is there already, or one that cannot be written
 */
async function newInterface(module: string, { output, objects }: NewFlags, terminal: Terminal): Promise<number> {
  const names = interfaceNames(module)
  if (names === null)
    return refuse(`${module} is no name of a module, as in import pkg.spam: with a letter in its last part`, terminal)
  const headers = interfaceHeaders({
    module,
    major: 1,
    entries: sampleEntries,
    objectEntries: objects ? sampleObjectEntries : null,
  })
  const files = await writeHeaders(headers, output, terminal)
  if (files === null) return Exit.unusable
  terminal.write(whatIsNext(module, names, headers, files, objects))
  return Exit.clean
}

/**
 * `abi3lint new pep-state`: the header by whose macros functions get the state of their module.
 * @param output the directory that it goes to
 * @returns the exit code: 2 for a file that is there already, or one that cannot be written
 */
async function newStateHeader(output: string, terminal: Terminal): Promise<number> {
  const files = await writeHeaders([{ file: stateHeaderFile, text: stateHeader }], output, terminal)
  if (files === null) return Exit.unusable
  terminal.write(`${printable(files[0]!)}: macros for functions that get the state of their module; it belongs to you

1. Declare the state, and announce it: typedef struct { ... } SpamState; PepState_DECLARE(SpamState);
2. Write each function with the state, and a macro before it: PepState_FUNCTION, PepState_METHOD, PepState_SLOT.
3. List the types that the module makes in a table, and define the module with PepState_MODULE.
4. A source distribution needs the header, too: MANIFEST.in of setuptools names it, lists of other backends if there
   are any. rewrite module --style macros writes the line.

How the state is found depends on the level: PyType_GetModuleByDef() from 3.13 on, a walk over the bases from 3.10 on,
below that PyState_FindModule(). docs/pep-state.md of abi3lint says what each of them costs, and what does not work.
`)
  return Exit.clean
}

/**
 * Writes headers into a directory: all, or none.
 * @returns their paths; null where that cannot be done, which the terminal was told
 */
async function writeHeaders(
  headers: readonly HeaderFile[],
  output: string,
  terminal: Terminal,
): Promise<readonly string[] | null> {
  if (statsOf(output)?.isDirectory() !== true) {
    refuse(`${output} is no directory`, terminal)
    return null
  }
  const changes = headers.map(({ file, text }) => ({
    file: join(output, file),
    before: null,
    after: Buffer.from(text),
  }))
  const files = changes.map(({ file }) => file)
  for (const file of files) {
    const why = whyNotNew(file)
    if (why === null) continue
    refuse(`${file} ${why}`, terminal)
    return null
  }
  const { problems } = await writeFiles(wouldBe(output), changes, new Set(files))
  if (!hasErrors(problems)) return files
  terminal.complain(problemLines(problems, terminal.complaintLook))
  return null
}

/** Why a new file cannot be written; null where nothing is known to be in its way. */
function whyNotNew(file: string): string | null {
  try {
    return statsOf(file) === null ? null : 'is there already: it is not written over, and nothing is written'
  } catch (error) {
    return `cannot be written: ${reason(error)}`
  }
}

function refuse(message: string, terminal: Terminal): number {
  terminal.complain(`error: ${printable(message)}\n`)
  return Exit.unusable
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
