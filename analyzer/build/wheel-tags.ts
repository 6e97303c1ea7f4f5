import { type Minor, newest, oldest } from '../knowledge/version.ts'
import { greatest, least } from '../source/lists.ts'
import type { BuildFile } from './build-file.ts'
import { type BuildText, buildText, expressionAt } from './build-text.ts'
import { at, placeOf, toml } from './pyproject.ts'
import { assignment, longestValue, pythonString } from './python-value.ts'

/** Which Python a wheel, or the package, says that it needs at least. */
export interface LowerBound {
  readonly file: BuildFile
  readonly start: number
  readonly end: number
  /** `floating`: the version of the Python that builds; null where it cannot be read. */
  readonly level: Minor | 'floating' | null
}

/** The `cp39` that a build file puts into the tags of abi3 wheels. */
export function wheelTags(file: BuildFile): LowerBound[] {
  const text = buildText(file)
  switch (file.kind) {
    case 'setup.py':
      return pythonTags(file, text)
    case 'setup.cfg':
      return inSections(file, text, /^[ \t]*py[_-]limited[_-]api[ \t]*=[ \t]*(\S+)/gm, tagLevel)
    case 'pyproject.toml':
      return tomlTags(file)
    default:
      return []
  }
}

/** The oldest Python that may install the package: `requires-python`, `python_requires`. */
export function requiredPythons(file: BuildFile): LowerBound[] {
  const text = buildText(file)
  switch (file.kind) {
    case 'setup.py':
      return [...text.code.matchAll(/\bpython_requires(?:\s*=(?!=)|["']\s*:)\s*/g)].flatMap((match) => {
        const { text: written, start, end } = expressionAt(text, match.index + match[0].length)
        const value = pythonString((/^\w+$/.test(written) ? assignment(text, written) : null) ?? written)
        return value === null ? [] : [{ file, start, end, level: lowest(value) }]
      })
    case 'setup.cfg':
      return inSections(file, text, /^[ \t]*python[_-]requires[ \t]*=[ \t]*(\S[^\n]*)/gm, lowest)
    case 'pyproject.toml': {
      const value = at(toml(file), 'project', 'requires-python')
      const place = typeof value === 'string' ? placeOf(file, 'requires-python', value) : null
      return place && typeof value === 'string' ? [{ file, ...place, level: lowest(value) }] : []
    }
    default:
      return []
  }
}

/** The oldest Python that any build file lets install what it builds; null where none says so. */
export function oldestRequired(buildFiles: readonly BuildFile[]): Minor | null {
  const levels = buildFiles.flatMap(requiredPythons).flatMap(({ level }) => (typeof level === 'number' ? [level] : []))
  return levels.length > 0 ? least(levels) : null
}

const known = (minor: number): Minor | null => (minor >= oldest && minor <= newest ? minor : null)

function tagLevel(tag: string): Minor | null {
  const match = /^cp3(\d{1,2})$/.exec(tag.replace(/["']/g, '').trim())
  return match ? known(Number(match[1])) : null
}

/** The lower bound of a version specifier; null where it has none that can be read. */
function lowest(specifier: string): Minor | null {
  const minors = [...specifier.matchAll(/(?:>=?|~=|==|\^)\s*3\.(\d{1,2})/g)].map((match) => Number(match[1]))
  return minors.length === 0 ? null : known(greatest(minors))
}

function inSections(
  file: BuildFile,
  text: BuildText,
  pattern: RegExp,
  level: (text: string) => Minor | null,
): LowerBound[] {
  return [...text.code.matchAll(pattern)].map((match) => {
    const written = match[1]!.trim()
    const start = match.index + match[0].indexOf(written, match[0].indexOf('=') + 1)
    return { file, start, end: start + written.length, level: level(written) }
  })
}

const running = /version_info|hexversion|python_version|py_version_nodot/

function pythonTags(file: BuildFile, text: BuildText): LowerBound[] {
  // {"py_limited_api": "cp39"}, self.py_limited_api = "cp39"; `py_limited_api=True` of an Extension is no tag.
  const key =
    /(?:["']py[_-]limited[_-]api["']\s*(?::|\]\s*=(?!=))|\.py_limited_api\s*=(?!=)|--py-limited-api["']\s*,)\s*/g
  const settings = [...text.code.matchAll(key)].flatMap((match) => {
    const isLine = /=\s*$/.test(match[0])
    const expression = expressionAt(text, match.index + match[0].length, isLine)
    if (/^(?:True|False|None)$/.test(expression.text)) return []
    const meaning = (/^\w+$/.test(expression.text) ? assignment(text, expression.text) : null) ?? expression.text
    const written = pythonString(meaning)
    const isRead = meaning.length <= longestValue && running.test(meaning)
    const level = written !== null ? tagLevel(written) : isRead ? ('floating' as const) : null
    return [{ file, start: expression.start, end: expression.end, level }]
  })
  const fixed = /--py-limited-api=(cp\d+)|return\s+(?:\(\s*)?(["'])(cp\d+)\2\s*,\s*["']abi3["']/g
  const others = [...text.code.matchAll(fixed)].map((match) => {
    const written = match[1] ?? match[3]!
    const start = match.index + match[0].indexOf(written)
    return { file, start, end: start + written.length, level: tagLevel(written) }
  })
  return [...settings, ...others]
}

function tomlTags(file: BuildFile): LowerBound[] {
  const table = toml(file)
  const values: readonly (readonly [string, unknown])[] = [
    ['py-api', at(table, 'tool', 'scikit-build', 'wheel', 'py-api')],
    ['py-limited-api', at(table, 'tool', 'distutils', 'bdist_wheel', 'py-limited-api')],
    ['py_limited_api', at(table, 'tool', 'distutils', 'bdist_wheel', 'py_limited_api')],
  ]
  return values.flatMap(([key, value]) => {
    const place = typeof value === 'string' ? placeOf(file, key, value) : null
    return place && typeof value === 'string' ? [{ file, ...place, level: tagLevel(value) }] : []
  })
}
