import { type Minor, showVersion } from '../../knowledge/version.ts'
import type { BuildText } from '../build-text.ts'
import { lineEnd } from './arguments.ts'
import type { BuildEdit } from './limited-file.ts'
import { setupCalls } from './python-script.ts'
import type { StableAbi } from './stable-abi.ts'

/**
 * What a `setup.py` is told of abi3t. Free-threaded Pythons from 3.15 on make modules for it, which those with the GIL
 * load, too; all others build what they built before.
 */

/**
 * The lines that say whether a build is one for abi3t.
 * @param sysconfig what the script calls the module of that name
 */
export const abi3tLines = (level: Minor, sysconfig: string, { flag }: { readonly flag: string }): string[] => [
  `# One binary for CPython ${showVersion(level)} and later, with the GIL and without (PEP 803): ` +
    'Pythons without it build that.',
  `${flag} = (`,
  '    sys.implementation.name == "cpython"',
  `    and sys.version_info >= (3, ${level})`,
  `    and bool(${sysconfig}.get_config_var("Py_GIL_DISABLED"))`,
  ')',
]

/** Whether a script does what these edits would do, as after a run before. */
export const isForAbi3t = ({ code }: BuildText): boolean =>
  /\[\("Py_TARGET_ABI3T", "0x[0-9A-F]{8}"\)\]/.test(code) && /\.get_config_var\("Py_GIL_DISABLED"\)\)/.test(code)

/** The lines that a port to abi3 ends its settings with, and the tag that it gives to wheels. */
const macroLine = /^(\w+)_macros = \[\("Py_LIMITED_API", "0x[0-9A-F]{8}"\)\] if \1 else \[\]\r?$/gm
const condition = /^ {4}and not (\w+)\.get_config_var\("Py_GIL_DISABLED"\)\r?$/gm
const tag = /"bdist_wheel": \{"py_limited_api": ("cp3\d+")\} if (\w+) else \{\}/g

/**
 * The edits that let a script make modules for abi3t beside those for abi3, which a port to abi3 has told it to make;
 * null where that is not written as a port writes it.
 */
export function besideLimited(text: BuildText, abi: StableAbi, names: { readonly flag: string }): BuildEdit[] | null {
  const { code } = text
  const [lines, conditions, tags] = [macroLine, condition, tag].map((pattern) => [...code.matchAll(pattern)])
  const [line, where] = [lines![0], conditions![0]]
  if (lines!.length !== 1 || conditions!.length !== 1 || line === undefined || where === undefined) return null
  const [, limited] = line
  if (tags!.length !== setupCalls(text).length || tags!.some(([, , flag]) => flag !== limited)) return null
  const eol = lineEnd(text)
  const end = line.index + line[0].trimEnd().length
  const level = Number(abi.python.slice('cp3'.length)) as Minor
  const added = [
    '',
    '',
    ...abi3tLines(level, where[1]!, names),
    `if ${names.flag}:`,
    `    ${limited} = True`,
    `    ${limited}_macros = [("${abi.macro}", "${abi.value}")]`,
  ]
  return [
    { start: end, end, text: added.join(eol) },
    ...tags!.map((match): BuildEdit => {
      const start = match.index + match[0].indexOf('"cp3')
      const written = match[1]!
      return { start, end: start + written.length, text: `"${abi.python}" if ${names.flag} else ${written}` }
    }),
  ]
}
