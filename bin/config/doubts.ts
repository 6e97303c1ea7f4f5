import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import type { Problem } from '../../analyzer/check/diagnostic.ts'
import { isIn } from '../../analyzer/store/places.ts'
import { systemPath } from '../../analyzer/store/system-path.ts'
import { isSourceName } from '../../analyzer/workspace/source-text.ts'
import { count } from '../../reports/tally.ts'
import { type Discovered, skipped } from '../discover.ts'
import { onDisk } from './config-files.ts'
import type { Configuration, SaidPattern } from './configuration.ts'
import { isPyproject } from './find.ts'
import { namesBelow } from './names-below.ts'
import { shownName } from './shown-name.ts'

/** What is said of configurations that do nothing, though somebody wrote them. */

const warning = (file: string, message: string): Problem => ({ file, message, severity: 'warning' })

/** Names of so many things that are left out are told. */
const mostNamed = 3

/** What is said where `exclude` leaves nothing to check of what it was looked for in; null for nothing. */
export function nothingLeft(
  { sources, leftOut, excluded }: Discovered,
  configuration: Configuration | null,
  root: string,
): Problem | null {
  if (sources.length > 0 || leftOut.length === 0 || excluded.length > 0 || !configuration?.exclude) return null
  const names = leftOut.slice(0, mostNamed).map(({ path }) => shownName(path, root))
  const more = leftOut.length - names.length
  const all = more > 0 ? `${names.join(', ')} and ${count(more, 'other')}` : names.join(', ')
  const message = `no C or C++ file is left to check: \`exclude\` leaves out ${all}; --no-exclude checks that, too`
  return warning(configuration.exclude.at, message)
}

/**
 * What is said of patterns that fit nothing, where all was looked for that they are for. A pattern that stands in a
 * file which others go on from may be for others, and what builds make comes and goes: of that nothing is said.
 * @param root the current directory by its real path
 */
export function idlePatterns(found: Discovered, configuration: Configuration | null, root: string): Problem[] {
  const isWhole = found.roots.some(({ path, isDirectory }) => isDirectory && isIn(configuration?.root ?? '', path))
  if (configuration === null || !isWhole) return []
  return configuration.patterns.filter((each) => isIdle(each, found, configuration.root, root)).map(told)
}

function told({ key, value, at }: SaidPattern): Problem {
  const advice = value.includes('\\') ? '; names are divided by `/`' : ''
  return warning(at, `\`${key}\` has \`${value}\`, which fits no file here${advice}`)
}

const isMadeByBuilds = /^(?:build\w*|dist|out|target|wheelhouse|_\w+|\..*|.*\.egg-info|cmake-build-\w+)$/

function isIdle({ key, value }: SaidPattern, found: Discovered, base: string, root: string): boolean {
  const plain = value.replace(/^\/|\/$/g, '').replace(/\\(?=[#! *?[])/g, '')
  if (/^[!#]/.test(value) || plain === '') return false
  const isNamed = namesBelow(base, [value])
  const fitsSource = found.sources.some((each) => isNamed(resolve(root, each)))
  if (fitsSource || found.leftOut.some(({ path, isDirectory }) => isNamed(path, isDirectory))) return false
  const parts = plain.split('/')
  const first = parts.findIndex((each) => /[*?[]/.test(each))
  const fixed = parts.slice(0, first < 0 ? undefined : first)
  if (fixed.some((each) => isMadeByBuilds.test(each) || skipped.has(each))) return false
  const isThere = fixed.length > 0 && existsSync(systemPath(join(base, ...fixed)))
  // What is named at a place is there, if in what is not looked into; what may be anywhere may be made by builds.
  const isAnywhere = parts.length === 1 && !value.startsWith('/') && isSourceName(plain)
  if (key === 'exclude') return fixed.length > 0 && !isThere && (!isAnywhere || plain.includes('\\'))
  return first >= 0 || !isThere
}

/**
 * What is said of configurations below what was asked for: one counts for all of a run.
 * @param root the current directory by its real path
 * @param told files of which something is said already
 */
export function unusedConfigurations(
  { configurations }: Discovered,
  configuration: Configuration | null,
  root: string,
  told: ReadonlySet<string>,
): Problem[] {
  const used = new Set(configuration?.files ?? [])
  return configurations.flatMap((path) => {
    const name = shownName(path, root)
    if (used.has(name) || told.has(name) || !isConfiguration(path)) return []
    const why =
      configuration === null
        ? 'a configuration is looked for from what is asked for up'
        : `${configuration.name} counts for all of the run`
    const directory = relative(root, dirname(path)).split(sep).join('/')
    return [warning(name, `is not used: ${why}; a run on ${directory} alone, or --config ${name}, uses it`)]
  })
}

/** The head of a table of abi3lint in a `pyproject.toml`. */
const ownTable = /^[ \t]*\[{1,2}[ \t]*tool[ \t]*\.[ \t]*["']?abi3lint\b/m

function isConfiguration(path: string): boolean {
  try {
    return !isPyproject(path) || ownTable.test(onDisk.read(path).toString('utf8'))
  } catch {
    // Who reads the build says so.
    return false
  }
}
