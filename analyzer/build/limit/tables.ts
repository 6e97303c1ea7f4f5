import { type Minor, showVersionHex } from '../../knowledge/version.ts'
import type { BuildFile } from '../build-file.ts'
import { type BuildText, buildText } from '../build-text.ts'
import { type ModuleDefinition, moduleDefinitions } from '../module-definitions.ts'
import { at, toml } from '../pyproject.ts'
import { lineEnd } from './arguments.ts'
import { type BuildEdit, type LimitedFile, type LimitRequest, untouched } from './limited-file.ts'
import { isAtLeast } from './setuptools-floor.ts'
import { hasHeader, tomlEntry } from './toml-entry.ts'

/**
 * The edits that make setuptools build the modules of `[[tool.setuptools.ext-modules]]` with the Limited API. A table
 * says the same for every Python that builds. Source: setuptools, "Configuring setuptools using pyproject.toml files".
 */
export function limitTables(file: BuildFile, { level, isReady }: LimitRequest): LimitedFile {
  const text = buildText(file)
  const definitions = moduleDefinitions(file)
  const ready = definitions.filter(isReady)
  if (ready.length === 0) return untouched
  const tags = ready.length === definitions.length ? tagEdits(file, level) : []
  const floor = definitions.some((each) => definesMacros.test(tableOf(text, each))) ? [] : floorEdits(file)
  return {
    edits: [...ready.flatMap((each) => editsOfTable(text, each, level)), ...(floor ?? []), ...(tags ?? [])],
    limited: ready,
    byHand: [
      ...(floor === null
        ? [{ file, message: `\`define-macros\` needs setuptools ${floorForMacros} or later to build` }]
        : []),
      ...(tags === null
        ? [{ file, message: `give \`bdist_wheel\` the entry \`py-limited-api = "cp3${level}"\`` }]
        : []),
      {
        file,
        message:
          'says the same for every Python that builds: free-threaded ones before 3.15 cannot, ' +
          `and one older than 3.${level} makes a module that no other loads`,
      },
    ],
  }
}

const definesMacros = /(?:^|[,\s])define-macros\s*=\s*/

const tableOf = (text: BuildText, { start, end }: ModuleDefinition): string => text.code.slice(start, end)

/** The first setuptools whose `define-macros` takes the lists of TOML, and not only tuples. Source: its issue 4810. */
const floorForMacros = '82.0.1'

/** Raises the setuptools that the build asks for; null where that is not written plainly. */
function floorEdits(file: BuildFile): BuildEdit[] | null {
  const { code } = buildText(file)
  const asked = [...code.matchAll(/(["'])(setuptools)[ \t]*(?:>=[ \t]*([\d.]+)[ \t]*)?\1/g)]
  const requires = at(toml(file), 'build-system', 'requires')
  const isAsked = (each: unknown): boolean => typeof each === 'string' && /^setuptools(?![\w.-])/.test(each)
  // Who asks for none gets the newest.
  if (!Array.isArray(requires) || !requires.some(isAsked)) return []
  const [match] = asked
  if (requires.filter(isAsked).length > 1 || match === undefined || asked.length > 1) return null
  if (match[3] !== undefined && isAtLeast(match[3], floorForMacros)) return []
  const start = match.index + 1
  return [{ start, end: match.index + match[0].length - 1, text: `setuptools>=${floorForMacros}` }]
}

function editsOfTable(text: BuildText, definition: ModuleDefinition, level: Minor): BuildEdit[] {
  const { start } = definition
  const macro = `["Py_LIMITED_API", "${showVersionHex(level)}"]`
  const table = tableOf(text, definition)
  const macros = definesMacros.exec(table)
  const isSet = table.includes('Py_LIMITED_API')
  const entries = [
    ...(macros === null && !isSet ? [`define-macros = [${macro}]`] : []),
    ...(/(?:^|[,\s])py-limited-api\s*=/.test(table) ? [] : ['py-limited-api = true']),
  ]
  const last = start + table.trimEnd().length
  const between = text.skeleton[start - 1] === '{' ? ', ' : lineEnd(text)
  const added = { start: last, end: last, text: entries.map((entry) => between + entry).join('') }
  const edits = entries.length > 0 ? [added] : []
  if (macros === null || isSet) return edits
  const open = start + macros.index + macros[0].length
  const before = text.skeleton.slice(0, text.brackets.closing(open)).trimEnd().length
  const sign = text.skeleton[before - 1]
  return [...edits, { start: before, end: before, text: `${sign === '[' ? '' : sign === ',' ? ' ' : ', '}${macro}` }]
}

/** Puts the tag of abi3 wheels into the file; null where the table for it has no header of its own. */
function tagEdits(file: BuildFile, level: Minor): BuildEdit[] | null {
  const table = 'tool.distutils.bdist_wheel'
  const given = at(toml(file), 'tool', 'distutils', 'bdist_wheel')
  if (at(given, 'py-limited-api') !== undefined || at(given, 'py_limited_api') !== undefined) return []
  if (given !== undefined && !hasHeader(file, table)) return null
  return [tomlEntry(file, table, `py-limited-api = "cp3${level}"`)]
}
