import { type Minor, showVersion } from '../../knowledge/version.ts'
import type { BuildFile } from '../build-file.ts'
import { type BuildText, buildText, type Span } from '../build-text.ts'
import { type ModuleDefinition, moduleDefinitions } from '../module-definitions.ts'
import { at, toml } from '../pyproject.ts'
import { lineEnd } from './arguments.ts'
import { type BuildEdit, type LimitedFile, type LimitRequest, untouched } from './limited-file.ts'
import { hasHeader, tomlEntry } from './toml-entry.ts'

/**
 * The edits that make CMake build modules as scikit-build-core asks for: it sets `SKBUILD_SABI_VERSION` and
 * `SKBUILD_SABI_COMPONENT` where `wheel.py-api` and the Python that builds allow the stable ABI, and leaves them empty
 * elsewhere. All modules or none. Source: scikit-build-core, "Stable ABI"; CMake, `FindPython`, since 3.26.
 */
export function limitCMake(file: BuildFile, { level, isReady }: LimitRequest, hasBackend: boolean): LimitedFile {
  const text = buildText(file)
  const definitions = moduleDefinitions(file)
  if (!definitions.some(isReady)) return untouched
  const found = definitions.map((each) => moduleWord(text, each))
  const search = findPython(text)
  const isPlain =
    hasBackend && definitions.every(isReady) && search !== null && !/USE_SABI|SKBUILD_SABI/.test(text.code)
  if (!isPlain || found.some((each) => each === null)) return { ...untouched, byHand: [byHand(file, level)] }
  const { component, end } = search!
  const eol = lineEnd(text)
  const variable = [
    '',
    '',
    `# One binary for CPython ${showVersion(level)} and later (PEP 384) if scikit-build-core asks for it: wheel.py-api`,
    'set(LIMITED_API "")',
    'if(SKBUILD_SABI_VERSION)',
    `    set(LIMITED_API USE_SABI ${variableNamed('SKBUILD_SABI_VERSION')})`,
    'endif()',
  ].join(eol)
  return {
    edits: [
      { start: component, end: component, text: ` ${variableNamed('SKBUILD_SABI_COMPONENT')}` },
      { start: end, end, text: variable },
      ...found.map((place) => ({ start: place!, end: place!, text: ` ${variableNamed('LIMITED_API')}` })),
    ],
    limited: definitions,
    byHand: [],
  }
}

/** What a variable of CMake is set to. */
const variableNamed = (variable: string): string => `\${${variable}}`

/** Behind the word `MODULE` of `python_add_library`; null where a module is made in another way. */
function moduleWord({ code }: BuildText, { called, start, end }: ModuleDefinition): number | null {
  const word = /^python3?_add_library$/i.test(called) ? /\bMODULE\b/.exec(code.slice(start, end)) : null
  return word === null ? null : start + word.index + word[0].length
}

/**
 * Where `find_package` of Python names its components, and where that call ends; null where it does not stand once, and
 * where a condition or a function may skip what is put behind it.
 */
function findPython({
  code,
  skeleton,
  brackets,
}: BuildText): { readonly component: number; readonly end: number } | null {
  const calls = [...skeleton.matchAll(/\bfind_package\s*\(\s*Python3?\b/gi)]
  if (calls.length !== 1) return null
  const { index } = calls[0]!
  const opened = skeleton.slice(0, index).match(/\b(?:if|foreach|while|function|macro)\s*\(/gi)?.length ?? 0
  const closed = skeleton.slice(0, index).match(/\bend(?:if|foreach|while|function|macro)\s*\(/gi)?.length ?? 0
  if (opened > closed) return null
  const call: Span = { start: index, end: brackets.closing(skeleton.indexOf('(', index)) }
  const word = /\bDevelopment(?:\.Module)?(?![\w.])/.exec(code.slice(call.start, call.end))
  return word === null ? null : { component: index + word.index + word[0].length, end: call.end + 1 }
}

/** The edit of a `pyproject.toml` that makes scikit-build-core ask for the stable ABI. */
export function scikitTag(file: BuildFile, level: Minor): BuildEdit[] {
  if (at(toml(file), 'tool', 'scikit-build', 'wheel', 'py-api') !== undefined) return []
  const entry = `py-api = "cp3${level}"`
  const own = 'tool.scikit-build.wheel'
  return [hasHeader(file, own) ? tomlEntry(file, own, entry) : tomlEntry(file, 'tool.scikit-build', `wheel.${entry}`)]
}

const byHand = (file: BuildFile, level: Minor): LimitedFile['byHand'][number] => ({
  file,
  message:
    `build modules with \`USE_SABI ${showVersion(level)}\` of \`python_add_library\` and the component ` +
    `\`Development.SABIModule\`, and name them and the wheel for the stable ABI`,
})
