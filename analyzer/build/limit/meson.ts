import { showVersion } from '../../knowledge/version.ts'
import type { BuildFile } from '../build-file.ts'
import { buildText } from '../build-text.ts'
import { moduleDefinitions } from '../module-definitions.ts'
import { at, toml } from '../pyproject.ts'
import { withArguments } from './arguments.ts'
import { type BuildEdit, type LimitedFile, type LimitRequest, untouched } from './limited-file.ts'
import { tomlEntry } from './toml-entry.ts'

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
  if (at(toml(file), 'tool', 'meson-python', 'limited-api') !== undefined) return []
  return [tomlEntry(file, 'tool.meson-python', 'limited-api = true')]
}
