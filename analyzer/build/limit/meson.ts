import { type Minor, showVersion } from '../../knowledge/version.ts'
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
export function limitMeson(
  file: BuildFile,
  { level, isReady }: LimitRequest,
  buildFiles: readonly BuildFile[],
): LimitedFile {
  const text = buildText(file)
  const old = oldModules(buildFiles)
  const all = moduleDefinitions(file).filter((each) => each.called === 'extension_module' && isReady(each))
  const ready = all.filter(({ start }) => !old.has(objectBefore(text.skeleton, start)))
  if (all.length === 0) return untouched
  const open = ready.filter(({ start, end }) => !/\blimited_api\s*:/.test(text.skeleton.slice(start, end)))
  return {
    edits: open.flatMap((each) => withArguments(text, each, [`limited_api: '${showVersion(level)}'`])),
    limited: ready,
    byHand: ready.length < all.length ? [byHand(file, level)] : [],
  }
}

/** Characters before the arguments of a call in which it stands what is called of what. */
const longestCallee = 200

/** The name before the dot of a call, by where its arguments begin; empty for none. */
const objectBefore = (skeleton: string, start: number): string =>
  /(?<!\w)(\w*)\.\w+\s*\($/.exec(skeleton.slice(Math.max(0, start - longestCallee), start))?.[1] ?? ''

/** The variables that hold the module `python3` of Meson, which is deprecated and knows no Limited API. */
const oldModules = (buildFiles: readonly BuildFile[]): ReadonlySet<string> =>
  new Set(
    buildFiles
      .filter(({ kind }) => kind === 'meson.build')
      .flatMap((each) => [...buildText(each).code.matchAll(/(?<!\w)(\w+)\s*=\s*import\s*\(\s*'python3'/g)])
      .map((match) => match[1]!),
  )

const byHand = (file: BuildFile, level: Minor): LimitedFile['byHand'][number] => ({
  file,
  message:
    "the module `python3` of Meson knows no Limited API: build with `extension_module` of `import('python')`, and " +
    `give it \`limited_api: '${showVersion(level)}'\``,
})

/**
 * The edit of a `pyproject.toml` that makes meson-python tag wheels for the stable ABI, where all modules keep to it.
 * Source: meson-python, "Targeting the CPython Limited C API".
 */
export function mesonTag(file: BuildFile): BuildEdit[] {
  if (at(toml(file), 'tool', 'meson-python', 'limited-api') !== undefined) return []
  return [tomlEntry(file, 'tool.meson-python', 'limited-api = true')]
}
