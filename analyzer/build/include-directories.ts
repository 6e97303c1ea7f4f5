import posix from 'path-browserify'
import type { BuildFile } from './build-file.ts'
import { type BuildText, buildText, expressionAt, type Span } from './build-text.ts'
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

/** Names that stand for others are followed so deep. */
const deepest = 4

/** The paths that expressions of Python or Meson give, behind what a pattern finds: all up to the closing bracket. */
const pathsBehind = (text: BuildText, pattern: RegExp): string[] =>
  [...text.skeleton.matchAll(pattern)].flatMap((match) => {
    const start = match.index + match[0].length
    return match[0].includes('(')
      ? listAt(text, start).flatMap((each) => pathsOf(text, each))
      : pathsOf(text, expressionAt(text, start))
  })

/** The paths of an expression: of a list all of its elements, of a name what it is set to, else what is joined. */
function pathsOf(text: BuildText, expression: Span, depth = 0): string[] {
  const plain = text.code.slice(expression.start, expression.end)
  const string = pythonString(plain)
  if (string !== null) return [string]
  if (/^[[(]/.test(plain)) return listAt(text, expression.start + 1).flatMap((each) => pathsOf(text, each, depth))
  if (/^[A-Za-z_]\w*$/.test(plain)) return depth < deepest ? setTo(text, plain, depth + 1) : []
  const path = joined(text, expression, depth)
  return path === '' ? [] : [path.replace(/^\/+/, '')]
}

/** The paths that a name is set to, wherever that is done. */
const setTo = (text: BuildText, name: string, depth: number): string[] =>
  [...text.skeleton.matchAll(new RegExp(`^[ \\t]*${name}[ \\t]*\\+?=(?!=)[ \\t]*`, 'gm'))].flatMap((match) =>
    pathsOf(text, expressionAt(text, match.index + match[0].length, true), depth),
  )

/** The strings of an expression, and what names in it are set to, one behind the other as parts of a path. */
function joined(text: BuildText, { start, end }: Span, depth = 0): string {
  const path = (name: string): string => (depth < deepest ? (setTo(text, name, depth + 1)[0] ?? '') : '')
  const parts = [
    ...text.code
      .slice(start, end)
      .matchAll(/([A-Za-z]*)(["'])((?:(?!\2)[^\\\n])*)\2|(?<![\w.])([A-Za-z_]\w*)(?![\w.(])/g),
  ].map(([, prefix, , string, name]) =>
    string === undefined
      ? path(name!)
      : /f/i.test(prefix!)
        ? string.replace(/\{(\w*)[^{}]*\}/g, (_, each: string) => path(each))
        : string,
  )
  return parts.filter((part) => part !== '').join('/')
}

/** The paths of strings that are options of a compiler, `'-Iinclude'`. */
const flagPaths = (text: BuildText): string[] =>
  [...text.code.matchAll(/(?<!\w)f?(["'])-I/g)].flatMap((match) => {
    const expression = expressionAt(text, match.index)
    const plain = pythonString(expression.text)
    if (plain !== null) return [plain.slice(2).trim()]
    return [joined(text, expression).slice(2).replace(/^\/+/, '')]
  })

const ownDirectory = /^\$\{(?:CMAKE_CURRENT_SOURCE_DIR|CMAKE_CURRENT_LIST_DIR|PROJECT_SOURCE_DIR|CMAKE_SOURCE_DIR)\}\/?/

/** The directories that CMake's commands add, with its variables filled in, and those of options of compilers. */
function cmakePaths(code: string): string[] {
  const variables = new Map<string, readonly string[]>()
  const wordsOf = (list: string): readonly string[] =>
    list
      .replace(/"([^"]*)"/g, '$1')
      .split(/[\s;]+/)
      .flatMap((word) => {
        const path = word.replace(/^\$<BUILD_INTERFACE:(.*)>$/, '$1')
        const variable = /^\$\{(\w+)\}(.*)$/.exec(path)
        const values = variable === null ? undefined : variables.get(variable[1]!)
        return values === undefined ? [path.replace(ownDirectory, './')] : values.map((each) => each + variable![2]!)
      })
  for (const match of code.matchAll(/\bset\s*\(\s*(\w+)\s+([^()]*)\)/gi)) variables.set(match[1]!, wordsOf(match[2]!))
  const added = [
    ...code.matchAll(/\b(?:target_include_directories\s*\(\s*\S+|include_directories\s*\()([^()]*)\)/gi),
  ].flatMap((match) => wordsOf(match[1]!))
  const flags = [...code.matchAll(/(?<=[\s"(])-I([^\s";)]+)/g)].flatMap((match) => wordsOf(match[1]!))
  return [...added, ...flags].filter(
    (word) => /^[\w./-]+$/.test(word) && !/^(?:PRIVATE|PUBLIC|INTERFACE|SYSTEM|BEFORE|AFTER)$/.test(word),
  )
}

/** The `include_dirs` of `[build_ext]` in `setup.cfg`. */
function configPaths(code: string): string[] {
  const section = code.split(/^(?=\[)/m).find((each) => each.startsWith('[build_ext]')) ?? ''
  const value = /^include[-_]dirs[ \t]*[=:](.*(?:\n[ \t]+.*)*)/m.exec(section)?.[1] ?? ''
  return value.split(/[:,\s]+/).filter((path) => path !== '')
}

/** The expressions between commas, from a place after a bracket to where it closes. */
function listAt(text: BuildText, start: number): Span[] {
  const expressions: Span[] = []
  for (let from = start; ; from = text.skeleton.indexOf(',', from) + 1) {
    const expression = expressionAt(text, from)
    expressions.push(expression)
    from = expression.end
    if (!/^\s*,/.test(text.skeleton.slice(from, from + 500))) return expressions
  }
}
