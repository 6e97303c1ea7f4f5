import posix from 'path-browserify'
import type { BuildFile } from './build-file.ts'
import { rootOf } from './build-sets.ts'
import {
  anyDirectories,
  anyNumber,
  anyNumberInName,
  anySignInName,
  type GlobPart,
  isMatch,
  signClass,
  signs,
} from './glob.ts'
import { at, toml } from './pyproject.ts'

/**
 * `MANIFEST.in`, by which setuptools finds what a source distribution holds besides the sources that extensions name:
 * commands, a line each, of which the last one that fits a file counts. Other backends ship what git tracks.
 * Source: setuptools, "Controlling files in the distribution".
 */

/**
 * The `MANIFEST.in` that a header would have to be named in to be in a source distribution. That a build file names it
 * is not enough: neither `depends` nor `headers` of setuptools put it there.
 * @param file relative to the project's root, with `/`
 * @returns null where setuptools does not make it
 */
export function manifestFor(file: string, buildFiles: readonly BuildFile[]): string | null {
  const root = rootOf(file, new Set(buildFiles.filter(isSetup).map(({ path }) => posix.dirname(path))))
  const isOther = (each: BuildFile): boolean => posix.dirname(each.path) === root && otherBackends.test(backendIn(each))
  return root === null || buildFiles.some(isOther) ? null : posix.join(root, 'MANIFEST.in')
}

/**
 * Whether a build file says that setuptools builds the project, unless a `pyproject.toml` names another backend: where
 * none is named it does. Source: PEP 517.
 */
const isSetup = (file: BuildFile): boolean =>
  file.kind === 'setup.py' ||
  backendIn(file).startsWith('setuptools') ||
  (backendIn(file) === '' && ['build-system', 'project'].some((key) => at(toml(file), key) !== undefined))

/** Backends that do not look at a `MANIFEST.in`; others may be setuptools in disguise. */
const otherBackends =
  /^(?:mesonpy|scikit_build_core|py_build_cmake|hatchling|poetry|pdm|flit|maturin|sipbuild|enscons|whey)\b/

/** The build backend that a `pyproject.toml` names; empty for none, and of other files. */
function backendIn(file: BuildFile): string {
  if (file.kind !== 'pyproject.toml') return ''
  const backend = at(toml(file), 'build-system', 'build-backend')
  return typeof backend === 'string' ? backend : ''
}

/**
 * What other backends than setuptools are told to put into source distributions, where they are told: then a file that
 * is new may have to be named, too. Sources: the documentation of hatchling, Poetry, pdm-backend, py-build-cmake.
 */
const listsOfBackends: readonly (readonly [backend: RegExp, lists: readonly (readonly string[])[]])[] = [
  [
    /^hatchling\b/,
    ['include', 'only-include'].flatMap((key) => [
      ['tool', 'hatch', 'build', 'targets', 'sdist', key],
      ['tool', 'hatch', 'build', key],
    ]),
  ],
  [/^poetry\b/, [['tool', 'poetry', 'include']]],
  [/^pdm\b/, ['source-includes', 'includes'].map((key) => ['tool', 'pdm', 'build', key])],
  [/^py_build_cmake\b/, [['tool', 'py-build-cmake', 'sdist', 'include']]],
]

/**
 * The list of a `pyproject.toml` in which a new file may have to stand to be in source distributions.
 * @param file relative to the project's root, with `/`
 * @returns the file that has the list, and its keys; null where there is none, or a pattern in it takes the file in
 */
export function listToExtend(
  file: string,
  buildFiles: readonly BuildFile[],
): { readonly file: string; readonly keys: string } | null {
  const projects = buildFiles.filter(({ kind }) => kind === 'pyproject.toml')
  const root = rootOf(file, new Set(projects.map(({ path }) => posix.dirname(path))))
  const project = projects.find(({ path }) => posix.dirname(path) === root)
  if (project === undefined) return null
  const lists = listsOfBackends.flatMap(([backend, known]) => (backend.test(backendIn(project)) ? known : []))
  const given = lists.flatMap((keys) => {
    const words = patternsIn(at(toml(project), ...keys))
    return words.length > 0 ? [{ keys, words }] : []
  })
  const name = relative(root!, file)
  const isNamed = given.some(({ words }) => words.some((each) => takesIn(each.replace(/^\.?\//, ''), name)))
  return given.length === 0 || isNamed ? null : { file: project.path, keys: given[0]!.keys.join('.') }
}

/** The patterns of a list; those of Poetry may be tables with a path. */
const patternsIn = (list: unknown): readonly string[] =>
  (Array.isArray(list) ? list : []).map((each) => at(each, 'path') ?? each).filter((each) => typeof each === 'string')

/** Whether a pattern is about a file, or about a directory that it is in. */
const takesIn = (pattern: string, file: string): boolean =>
  ['', '/**', '**'].some((end) => isGlobOf(pattern.replace(/\/$/, '') + end, file))

/** Where `MANIFEST.in` stands, or would, for projects that setuptools builds. */
export const manifestsOf = (buildFiles: readonly BuildFile[]): string[] => [
  ...new Set(buildFiles.filter(isSetup).map(({ path }) => posix.join(posix.dirname(path), 'MANIFEST.in'))),
]

/**
 * The text of a `MANIFEST.in` with a file in it.
 * @param path of the manifest; the file's name is made relative to where it stands
 * @param text null where there is none
 * @returns null where the file is in it already
 */
export function withFile(path: string, text: string | null, file: string): string | null {
  const name = relative(posix.dirname(path), file)
  if (text !== null && isIncluded(text, name)) return null
  const lineEnd = text?.includes('\r\n') ? '\r\n' : '\n'
  const before = text === null || text === '' || text.endsWith('\n') ? (text ?? '') : text + lineEnd
  return `${before}include ${name}${lineEnd}`
}

/** A name as it is written in a directory, both relative to the project's root. */
const relative = (directory: string, file: string): string =>
  posix.relative(posix.join('/', directory), posix.join('/', file))

/** Whether the commands of a manifest take a file in, as the last one that fits it says. */
function isIncluded(text: string, file: string): boolean {
  let isIn = false
  for (const line of text.replace(/\\\r?\n/g, ' ').split(/\r?\n/)) {
    const [command = '', ...words] = line
      .replace(/^\s*#.*|\s#.*$/, '')
      .trim()
      .split(/\s+/)
    if (fits(command.replace('exclude', 'include').replace('prune', 'graft'), words, file))
      isIn = !/exclude|prune/.test(command)
  }
  return isIn
}

/** Whether a command, written as one that includes, is about a file. */
function fits(command: string, words: readonly string[], file: string): boolean {
  const [first = '', ...patterns] = words
  const below = (directory: string): string | null => {
    const rest = relative(directory, file)
    return rest.startsWith('../') ? null : rest
  }
  switch (command) {
    case 'include':
      return words.some((each) => isGlobOf(each, file))
    case 'global-include':
      return words.some((each) => isGlobOf(`**/${each}`, file))
    case 'recursive-include': {
      const rest = below(first)
      return rest !== null && patterns.some((each) => isGlobOf(`**/${each}`, rest))
    }
    case 'graft':
      return words.some((each) => below(each) !== null)
    default:
      return false
  }
}

/** Whether a pattern of a manifest is about a file: `*` and `?` stand for no `/`, `**` for directories. */
function isGlobOf(pattern: string, file: string): boolean {
  const parts: GlobPart[] = []
  for (const [part] of pattern.matchAll(/\*\*\/|\*\*|\*|\?|\[[^\]]*\]|[\s\S]/g)) {
    if (part === '**/') parts.push(anyDirectories)
    else if (part === '**') parts.push(anyNumber)
    else if (part === '*') parts.push(anyNumberInName)
    else if (part === '?') parts.push(anySignInName)
    else if (part === '[') return false
    else parts.push(part.length > 1 ? signClass(part.slice(1, -1)) : signs(part))
  }
  return isMatch(parts, file)
}
