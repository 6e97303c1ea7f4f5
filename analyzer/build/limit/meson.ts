import { showVersion } from '../../knowledge/version.ts'
import type { BuildFile } from '../build-file.ts'
import { buildText } from '../build-text.ts'
import { moduleDefinitions } from '../module-definitions.ts'
import { at, toml } from '../pyproject.ts'
import { lineEnd, withArguments } from './arguments.ts'
import { type BuildEdit, type LimitedFile, type LimitRequest, untouched } from './limited-file.ts'

/**
 * The edits that make Meson build modules with the Limited API: `limited_api` of `extension_module`, since Meson 1.3.
 * Source: Meson, "Python module".
 */
export function limitMeson(file: BuildFile, { level, isReady }: LimitRequest): LimitedFile {
  const text = buildText(file)
  const ready = moduleDefinitions(file).filter((each) => each.called === 'extension_module' && isReady(each))
  if (ready.length === 0) return untouched
  const open = ready.filter(({ start, end }) => !/\blimited_api\s*:/.test(text.skeleton.slice(start, end)))
  return {
    edits: open.flatMap((each) => withArguments(text, each, [`limited_api: '${showVersion(level)}'`])),
    limited: ready,
    byHand: [],
  }
}

/**
 * The edit of a `pyproject.toml` that makes meson-python tag wheels for the stable ABI, where all modules keep to it.
 * Source: meson-python, "Targeting the CPython Limited C API".
 */
export function mesonTag(file: BuildFile): BuildEdit[] {
  const text = buildText(file)
  const own = at(toml(file), 'tool', 'meson-python')
  if (at(own, 'limited-api') !== undefined) return []
  const eol = lineEnd(text)
  const entry = `limited-api = true${eol}`
  const header = /^[ \t]*\[tool\.meson-python\][^\n]*\n/m.exec(text.code)
  if (header !== null) {
    const start = header.index + header[0].length
    return [{ start, end: start, text: entry }]
  }
  const { length } = file.text
  const gap = file.text.endsWith('\n') ? '' : eol
  return [{ start: length, end: length, text: `${gap}${eol}[tool.meson-python]${eol}${entry}` }]
}
