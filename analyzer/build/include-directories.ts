import posix from 'path-browserify'
import type { BuildFile } from './build-file.ts'
import { type BuildText, buildText, expressionAt } from './build-text.ts'
import { longestPath, PathReader } from './path-reader.ts'
import { at, toml } from './pyproject.ts'
import { pythonString } from './python-value.ts'

/**
 * The directories that a build file names as places of headers, relative to the project's root and in its order. Of a
 * path that is computed the parts that are written out are taken for relative to the file, as in
 * `os.path.join(here, 'include')`: one that does not exist is of no consequence.
 */
export function includeDirectories(file: BuildFile): string[] {
  const base = posix.dirname(file.path)
  const directories = written(file).flatMap((path) => {
    const name = posix.normalize(posix.join(base, path)).replace(/(?<=.)\/$/, '')
    return posix.isAbsolute(path) || name === '..' || name.startsWith('../') ? [] : [name]
  })
  return [...new Set(directories)]
}

function written(file: BuildFile): string[] {
  const text = buildText(file)
  switch (file.kind) {
    case 'setup.py':
      return [...pathsBehind(text, /\binclude_dirs\s*(?:=|\+=|\.(?:append|extend|insert)\()\s*/g), ...flagPaths(text)]
    case 'meson.build':
      return [...pathsBehind(text, /\binclude_directories\s*[:(]\s*/g), ...flagPaths(text)]
    case 'CMakeLists.txt':
      return cmakePaths(text.code)
    case 'Cargo.toml':
    case 'meson.options':
    case 'BUILD.bazel':
      return []
    case 'setup.cfg':
      return configPaths(text.code)
    case 'pyproject.toml': {
      const modules = at(toml(file), 'tool', 'setuptools', 'ext-modules')
      if (!Array.isArray(modules)) return []
      return modules.flatMap((module: unknown) => {
        const list = at(module, 'include-dirs')
        return Array.isArray(list) ? list.filter((each) => typeof each === 'string') : []
      })
    }
  }
}

/** The paths that expressions of Python or Meson give, behind what a pattern finds: all up to the closing bracket. */
function pathsBehind(text: BuildText, pattern: RegExp): string[] {
  const paths = new PathReader(text)
  let read = 0
  for (const { index, 0: whole } of text.skeleton.matchAll(pattern)) {
    // What stands within a list that was read was read with it.
    if (index < read) continue
    const start = index + whole.length
    if (whole.includes('(')) {
      paths.readList(start)
      read = text.brackets.closing(index + whole.indexOf('('))
    } else {
      paths.read(expressionAt(text, start))
      if (/[[(]/.test(text.skeleton.charAt(start))) read = text.brackets.closing(start)
    }
  }
  return [...paths.found]
}

/** The paths of strings that are options of a compiler, `'-Iinclude'`. */
function flagPaths(text: BuildText): string[] {
  const paths = new PathReader(text)
  return [...text.code.matchAll(/(?<!\w)f?(["'])-I/g)].map((match) => {
    const expression = expressionAt(text, match.index)
    const plain = pythonString(expression.text)
    return plain !== null ? plain.slice(2).trim() : paths.joined(expression).slice(2).replace(/^\/+/, '')
  })
}

const ownDirectory = /^\$\{(?:CMAKE_CURRENT_SOURCE_DIR|CMAKE_CURRENT_LIST_DIR|PROJECT_SOURCE_DIR|CMAKE_SOURCE_DIR)\}\/?/

/** Words of a variable of CMake that are looked at. */
const mostWords = 200

/** The directories that CMake's commands add, with its variables filled in, and those of options of compilers. */
function cmakePaths(code: string): string[] {
  const variables = new Map<string, readonly string[]>()
  const wordsOf = (list: string): readonly string[] => {
    const words = list
      .replace(/"([^"]*)"/g, '$1')
      .split(/[\s;]+/)
      .flatMap((word) => {
        if (word.length > longestPath) return []
        const path = word.replace(/^\$<BUILD_INTERFACE:(.*)>$/, '$1')
        const variable = /^\$\{(\w+)\}(.*)$/.exec(path)
        const values = variable === null ? undefined : variables.get(variable[1]!)
        return values === undefined ? [path.replace(ownDirectory, './')] : values.map((each) => each + variable![2]!)
      })
    return [...new Set(words)]
  }
  for (const match of code.matchAll(/\bset\s*\(\s*(\w+)(?=\s)([^()]*)\)/gi))
    variables.set(match[1]!, wordsOf(match[2]!.trim()).slice(0, mostWords))
  const added = [
    ...code.matchAll(
      /\b(?:target_include_directories\s*\(\s*[^\s()]+(?![^\s()])|include_directories\s*\()([^()]*)\)/gi,
    ),
  ].flatMap((match) => wordsOf(match[1]!))
  const flags = [...code.matchAll(/(?<=[\s"(])-I([^\s";)]+)/g)].flatMap((match) => wordsOf(match[1]!))
  return [...added, ...flags].filter(
    (word) => /^[\w./-]+$/.test(word) && !/^(?:PRIVATE|PUBLIC|INTERFACE|SYSTEM|BEFORE|AFTER)$/.test(word),
  )
}

/** The `include_dirs` of `[build_ext]` in `setup.cfg`. */
function configPaths(code: string): string[] {
  const section = code.split(/^(?=\[)/m).find((each) => each.startsWith('[build_ext]')) ?? ''
  const value = /^include[-_]dirs[ \t]*[=:](.*(?:\n[ \t].*)*)/m.exec(section)?.[1] ?? ''
  return value.split(/[:,\s]+/).filter((path) => path !== '')
}
