import posix from 'path-browserify'
import type { BuildFile } from './build-file.ts'
import { buildText } from './build-text.ts'
import { localScripts } from './local-scripts.ts'
import { at, ownBackend, stringsIn, toml } from './pyproject.ts'

/**
 * The files that belong to the build because a build file names them; they need not be there: scripts that a script
 * imports, those with modules of cffi, those that Poetry and PDM run, what a file of CMake includes, and what one of
 * Bazel loads.
 */
export function referredFiles(file: BuildFile): string[] {
  switch (file.kind) {
    case 'setup.py':
      return [...localScripts(file), ...scriptsElsewhere(file), ...foreignModules(file)]
    case 'pyproject.toml':
      return scriptsOfBackends(file)
    case 'CMakeLists.txt':
      return included(file)
    case 'BUILD.bazel':
      return loaded(file)
    default:
      return []
  }
}

const beside = (file: BuildFile, path: string): string => posix.normalize(posix.join(posix.dirname(file.path), path))

/** Longer calls name no directory of scripts. */
const longestCall = 200
const mostDirectories = 5

/** What is imported from a directory that the script adds: `sys.path.insert(0, os.path.join(HERE, "spam"))`. */
function scriptsElsewhere(file: BuildFile): string[] {
  const { code, brackets } = buildText(file)
  const directories = [...code.matchAll(/\bsys\.path\.(?:insert|append)\(/g)].flatMap(({ index, 0: head }) => {
    const start = index + head.length
    const call = code.slice(start, Math.min(brackets.closing(start - 1), start + longestCall))
    const parts = [...call.matchAll(/["']([\w./-]+)["']/g)].map(([, part]) => part!)
    return parts.length > 0 ? [parts.join('/')] : []
  })
  if (directories.length === 0) return []
  const root = posix.dirname(file.path)
  const names = localScripts(file).map((path) => posix.relative(root, path))
  return directories
    .slice(0, mostDirectories)
    .flatMap((directory) => names.map((name) => beside(file, `${directory}/${name}`)))
}

/** `cffi_modules=["spam_build.py:ffi"]` */
const foreignModules = (file: BuildFile): string[] =>
  [...buildText(file).code.matchAll(/["']([\w./-]{1,200}\.py):\w+["']/g)].map(([, path]) => beside(file, path!))

function scriptsOfBackends(file: BuildFile): string[] {
  const tool = at(toml(file), 'tool')
  const poetry = at(tool, 'poetry', 'build')
  const named = [poetry, at(poetry, 'script'), at(tool, 'pdm', 'build', 'setup-script')].filter(
    (each) => typeof each === 'string',
  )
  const cffi = stringsIn(at(tool, 'setuptools', 'cffi-modules')).flatMap((each) => each.split(':')[0] ?? [])
  const hook = at(tool, 'pdm', 'build', 'run-setuptools') === true ? ['pdm_build.py'] : []
  return [...named, ...cffi, ...hook, ...ownBackend(toml(file))].map((path) => beside(file, path))
}

/** `include("cmake/Spam.cmake")`, which may be meant from the root, too. */
function included(file: BuildFile): string[] {
  const includes = buildText(file).code.matchAll(/\binclude\s*\(\s*"?([^\s"()]{1,200}\.cmake)"?/gi)
  return [...includes].flatMap(([, path]) => {
    const plain = path!.replace(/^\$\{(?:CMAKE_(?:CURRENT_)?(?:SOURCE|LIST)_DIR|PROJECT_SOURCE_DIR)\}\/?/, '')
    return plain.includes('$')
      ? []
      : [...new Set([beside(file, plain), posix.normalize(plain)])].filter((each) => !each.startsWith('../'))
  })
}

/** `load("//spam:defs.bzl", ...)`: what is meant from the root is looked for from each directory up. */
function loaded(file: BuildFile): string[] {
  if (!/_extension\b|\blinkshared\b/.test(file.text)) return []
  const loads = buildText(file).code.matchAll(/\bload\s*\(\s*["'](\/\/)?([\w./-]{0,200}):([\w./-]{1,200}\.bzl)["']/g)
  const roots = [posix.dirname(file.path)]
  while (roots.at(-1) !== '.' && roots.length < deepestRoot) roots.push(posix.dirname(roots.at(-1)!))
  const files = [...loads].flatMap(([, isWhole, directory, name]) =>
    isWhole === undefined
      ? [beside(file, name!)]
      : roots.map((root) => posix.normalize(posix.join(root, directory!, name!))),
  )
  return [...files, ...roots.map((root) => posix.join(root, '.bazelrc'))]
}

/** Directories up from a file that may be the root of its workspace. */
const deepestRoot = 6
