import posix from 'path-browserify'
import type { BuildFile } from './build-file.ts'
import { type BuildText, buildText, expressionAt } from './build-text.ts'
import { at, toml } from './pyproject.ts'
import { pythonString } from './python-value.ts'

/**
 * The directories that a build file plainly names as places of headers, relative to the project's root and in its
 * order. What it computes is left out.
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
      return [...text.skeleton.matchAll(/\binclude_dirs\s*(?:=|\+=|\.append\()\s*/g)].flatMap((match) => {
        const start = match.index + match[0].length
        return literals(
          /[[(]/.test(text.skeleton[start] ?? '') ? listAt(text, start + 1) : [expressionAt(text, start).text],
        )
      })
    case 'meson.build':
      return [...text.skeleton.matchAll(/\binclude_directories\s*\(/g)].flatMap((match) =>
        literals(listAt(text, match.index + match[0].length)),
      )
    case 'CMakeLists.txt':
      return [
        ...text.code.matchAll(/\b(?:target_include_directories\s*\(\s*\S+|include_directories\s*\()([^()]*)\)/gi),
      ].flatMap((match) =>
        match[1]!
          .split(/\s+/)
          .map((word) =>
            word
              .replace(/^"(.*)"$/, '$1')
              .replace(/^\$\{(?:CMAKE_CURRENT_SOURCE_DIR|PROJECT_SOURCE_DIR|CMAKE_SOURCE_DIR)\}\/?/, './'),
          )
          .filter(
            (word) => /^[\w./-]+$/.test(word) && !/^(?:PRIVATE|PUBLIC|INTERFACE|SYSTEM|BEFORE|AFTER)$/.test(word),
          ),
      )
    case 'pyproject.toml': {
      const modules = at(toml(file), 'tool', 'setuptools', 'ext-modules')
      if (!Array.isArray(modules)) return []
      return modules.flatMap((module: unknown) => {
        const list = at(module, 'include-dirs')
        return Array.isArray(list) ? list.filter((each) => typeof each === 'string') : []
      })
    }
    default:
      return []
  }
}

const literals = (expressions: readonly string[]): string[] => expressions.flatMap((each) => pythonString(each) ?? [])

/** The expressions between commas, from a place after a bracket to where it closes. */
function listAt(text: BuildText, start: number): string[] {
  const expressions: string[] = []
  for (let from = start; ; from = text.skeleton.indexOf(',', from) + 1) {
    const { text: expression, end } = expressionAt(text, from)
    expressions.push(expression)
    from = end
    if (!/^\s*,/.test(text.skeleton.slice(end, end + 500))) return expressions
  }
}
