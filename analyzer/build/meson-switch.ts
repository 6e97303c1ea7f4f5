import posix from 'path-browserify'
import type { BuildFile } from './build-file.ts'
import type { BuildSet } from './build-sets.ts'
import { buildText, type Span } from './build-text.ts'
import { at, stringsIn, toml } from './pyproject.ts'

/** A place that switches `limited_api` of Meson off. */
export interface MesonSwitch extends Span {
  readonly file: BuildFile
}

const inMeson = /python\.allow_limited_api(?:=(true|false)\b|'\s*:\s*'?(true|false)\b)/g
const asArgument = /python\.allow_limited_api=(true|false)\b/

/**
 * Where the build of a package sets Meson's `python.allow_limited_api` to false: with it `limited_api` of a module
 * defines nothing, and the module is named for the Python that builds it. What is set for a selection of cibuildwheel's
 * builds alone does not count.
 * @returns null where nothing does, and where the command line that the package gives to Meson sets it to true
 */
export function limitedApiSwitch({ root, files }: BuildSet): MesonSwitch | null {
  for (const file of files) {
    if (file.kind !== 'pyproject.toml') continue
    // What the command line says goes before the defaults of the project.
    const given = [at(toml(file), 'tool', 'meson-python', 'args', 'setup'), ...configSettings(file)]
      .flatMap(stringsIn)
      .flatMap((each) => asArgument.exec(each)?.[1] ?? [])
      .at(-1)
    if (given === 'true') return null
    const place = given === undefined ? null : inToml(file)
    if (place) return { file, ...place }
  }
  for (const file of files) {
    if (file.kind !== 'meson.build' || posix.dirname(file.path) !== root) continue
    const match = [...buildText(file).code.matchAll(inMeson)].at(-1)
    if (match && (match[1] ?? match[2]) === 'false')
      return { file, start: match.index, end: match.index + match[0].length }
  }
  return null
}

/** What cibuildwheel hands to the build of every wheel, or of every wheel of a system. */
function configSettings(file: BuildFile): unknown[] {
  const table = at(toml(file), 'tool', 'cibuildwheel')
  return [[], ['linux'], ['macos'], ['windows']].flatMap((keys) => {
    const settings = at(table, ...keys, 'config-settings')
    return [settings, at(settings, 'setup-args')]
  })
}

/** Where it is set to false, outside of what holds for some builds alone. */
function inToml(file: BuildFile): Span | null {
  const { code } = buildText(file)
  const outside = code.replace(
    /^[ \t]*\[\[\s*tool\.cibuildwheel\.overrides\s*\]\][\s\S]*?(?=^[ \t]*\[|$(?![\s\S]))/gm,
    (part) => part.replace(/[^\n]/g, ' '),
  )
  const match = /python\.allow_limited_api=false\b/.exec(outside)
  return match && { start: match.index, end: match.index + match[0].length }
}
