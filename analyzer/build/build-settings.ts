import { parseVersion } from '../knowledge/version.ts'
import type { ProjectModel } from '../project/model.ts'
import type { BuildFile } from './build-file.ts'
import { type BuildText, buildText, expressionAt } from './build-text.ts'
import { type BuildLevel, type LevelMacro, type LevelSetting, sourceLevels } from './level-settings.ts'
import { type LevelValue, levelValue, readLevel } from './level-value.ts'
import { pyprojectMacros } from './pyproject.ts'
import { pythonValue } from './python-value.ts'

const found = new WeakMap<BuildFile, readonly BuildLevel[]>()

/** All places of a build file that set the level, in their order. */
export function buildLevels(file: BuildFile): readonly BuildLevel[] {
  let levels = found.get(file)
  if (!levels) {
    levels = read(file).sort((a, b) => a.start - b.start)
    found.set(file, levels)
  }
  return levels
}

/** All settings of the level, in sources and in build files, those that misspell the macro left out. */
export const allLevels = (model: ProjectModel, files: readonly BuildFile[]): LevelSetting[] => [
  ...sourceLevels(model),
  ...files.flatMap((file) => buildLevels(file).filter(({ misspelled }) => misspelled === null)),
]

const names = 'Py_LIMITED_API|Py_TARGET_ABI3T'

function read(file: BuildFile): BuildLevel[] {
  const text = buildText(file)
  switch (file.kind) {
    case 'setup.py':
      return [...pairs(file, text), ...options(file, text)]
    case 'setup.cfg':
      return options(file, text)
    case 'pyproject.toml':
      return pyprojectMacros(file)
    case 'Cargo.toml':
    case 'meson.options':
      return []
    case 'meson.build':
      return [...options(file, text), ...mesonLevels(file, text)]
    case 'BUILD.bazel':
      return [...options(file, text), ...bazelLevels(file, text)]
    case 'CMakeLists.txt':
      return [...options(file, text), ...cmakeLevels(file, text)]
  }
}

const setting = (
  file: BuildFile,
  macro: string,
  start: number,
  end: number,
  value: LevelValue,
  written: LevelSetting['written'] = 'macro',
  misspelled: string | null = null,
): BuildLevel => ({ macro: macro as LevelMacro, file, start, end, value, written, region: -1, misspelled })

/** `('Py_LIMITED_API', '0x03090000')`, `{'Py_LIMITED_API': ...}` and `macros['Py_LIMITED_API'] = ...` in Python. */
function pairs(file: BuildFile, text: BuildText): BuildLevel[] {
  const pattern = new RegExp(`(["'])(-?D)?(${names})\\1\\s*(?:[,:]|\\]\\s*=(?!=))\\s*`, 'g')
  return [...text.code.matchAll(pattern)].flatMap((match) => {
    const [whole, , flag, macro] = match
    const isAssignment = whole.trimEnd().endsWith('=')
    const behind = text.skeleton.slice(Math.max(0, match.index - longestStatement), match.index).trimEnd()
    const before = behind.at(-1)
    // In a list of names or of command line options nothing is paired.
    if (!isAssignment && (before === undefined || !'([{,'.includes(before))) return []
    // After a name the parenthesis begins a call.
    const isCall = before === '(' && /[\w\])]/.test(behind.at(-2) ?? '')
    if (flag === '-D' || isCall || (/,\s*$/.test(whole) && before !== '(' && before !== '[')) return []
    const expression = expressionAt(text, match.index + whole.length, isAssignment)
    if (expression.text === '') return []
    const nameStart = match.index + 1
    const value = pythonValue(text, expression.text)
    if (flag === undefined) return [setting(file, macro!, expression.start, expression.end, value)]
    const misspelled = `${flag}${macro}`
    return [setting(file, macro!, nameStart, nameStart + misspelled.length, value, 'macro', misspelled)]
  })
}

/** Characters behind an option in which an operator is looked for, and those of an expression that are looked at. */
const longestGap = 200
const longestStatement = 2000

/** `-DPy_LIMITED_API=0x03090000`, wherever it stands. */
function options(file: BuildFile, text: BuildText): BuildLevel[] {
  const written = `((?:\\\\"[^"\\\\\\n]*\\\\"|[^\\s"',;)\\]])*)`
  const pattern = new RegExp(`(?<![\\w-])[-/]D\\s?(${names})(?!\\w)(=?)${written}(["']?)`, 'g')
  return [...text.code.matchAll(pattern)].flatMap((match) => {
    const [whole, macro, equals, given, quote] = match
    const start = match.index + whole.indexOf(macro!)
    // Without a value a macro is 1.
    if (equals === '') {
      const rest = text.code.slice(match.index + whole.length, match.index + whole.length + longestGap)
      if (/^\s*(?:[,)\]]\s*)?(?:[=%+]|(?:f["']?|["'])(?:=|\s*[%+]))/.test(rest) && quote === '') return []
      return [setting(file, macro!, start, start + macro!.length, { kind: 'number', value: 1 })]
    }
    const from = start + macro!.length + 1
    const statement = text.code.slice(from, Math.min(expressionAt(text, from).end, from + longestStatement))
    const behind = match.index + whole.length
    const rest = quote !== '' ? text.code.slice(behind, behind + longestGap) : ''
    const value = readOption(given!, rest, statement)
    return [setting(file, macro!, given === '' ? start : from, from + given!.length, value)]
  })
}

function readOption(written: string, rest: string, statement: string): LevelValue {
  const running = /version_info|hexversion|language_version|python_version/.test(statement)
  // The string goes on in an expression: '-DPy_LIMITED_API=' + level
  if (/^\s*(?:[+%]|\.format)/.test(rest) || /[{%@$]/.test(written)) {
    return running || /Python3?_VERSION/.test(written) ? { kind: 'floating' } : { kind: 'unknown' }
  }
  return readLevel(written)
}

/** `limited_api: '3.9'` of Meson. */
function mesonLevels(file: BuildFile, text: BuildText): BuildLevel[] {
  return [...text.code.matchAll(/\blimited_api\s*:\s*/g)].map((match) => {
    const { text: written, start, end } = expressionAt(text, match.index + match[0].length)
    const value = versionValue(written.length > longestStatement ? written : written.replace(/^'([^']*)'$/, '$1'))
    return setting(file, 'Py_LIMITED_API', start, end, value, 'version')
  })
}

function versionValue(written: string): LevelValue {
  if (written.length > longestStatement) return { kind: 'unknown' }
  if (/language_version|Python3?_VERSION/.test(written)) return { kind: 'floating' }
  const minor = parseVersion(written.split('.').slice(0, 2).join('.'))
  return minor === null ? { kind: 'unknown' } : levelValue(minor)
}

/** `defines = ["Py_LIMITED_API=0x03090000"]` of Bazel. */
function bazelLevels(file: BuildFile, text: BuildText): BuildLevel[] {
  const pattern = new RegExp(`(?<=[[,+]\\s{0,200})(["'])(${names})(?:=([^"'\\s]*))?\\1(?!\\s*:)`, 'g')
  return [...text.code.matchAll(pattern)].map((match) => {
    const [, , macro, written] = match
    const start = match.index + 1
    const nameEnd = start + macro!.length
    if (written === undefined) return setting(file, macro!, start, nameEnd, { kind: 'number', value: 1 })
    const value = readOption(written, '', '')
    const from = nameEnd + 1
    return setting(file, macro!, written === '' ? start : from, from + written.length, value)
  })
}

/** `USE_SABI 3.9`, and definitions without `-D`, of CMake. */
function cmakeLevels(file: BuildFile, text: BuildText): BuildLevel[] {
  const sabi = [...text.code.matchAll(/\bUSE_SABI\s+("?)([^\s")]+)\1/g)].map((match) => {
    const start = match.index + match[0].lastIndexOf(match[2]!)
    return setting(file, 'Py_LIMITED_API', start, start + match[2]!.length, versionValue(match[2]!), 'version')
  })
  const commands = /\b(?:target_compile_definitions|add_compile_definitions|set_property|set_target_properties)\s*\(/gi
  const definition = new RegExp(`(?<![\\w/-]|[-/]D\\s?)(${names})(?![\\w])(?:=([^\\s";)>]*))?`, 'g')
  let read = 0
  const macros = [...text.skeleton.matchAll(commands)].flatMap((command) => {
    // What stands within another command is read with that.
    if (command.index < read) return []
    const from = command.index + command[0].length
    read = text.brackets.closing(from - 1)
    const body = text.code.slice(from, read)
    return [...body.matchAll(definition)].map((match) => {
      const start = from + match.index
      const nameEnd = start + match[1]!.length
      const written = match[2]
      if (written === undefined) return setting(file, match[1]!, start, nameEnd, { kind: 'number', value: 1 })
      const value = readOption(written, '', '')
      if (written === '') return setting(file, match[1]!, start, nameEnd, value)
      return setting(file, match[1]!, nameEnd + 1, nameEnd + 1 + written.length, value)
    })
  })
  return [...sabi, ...macros]
}
