import { type Minor, showVersion, showVersionHex } from '../../knowledge/version.ts'
import type { BuildFile } from '../build-file.ts'
import { type BuildText, buildText, closing, expressionAt, type Span } from '../build-text.ts'
import { localScripts } from '../local-scripts.ts'
import { type ModuleDefinition, moduleDefinitions } from '../module-definitions.ts'
import { argumentsIn, lineEnd, withArguments } from './arguments.ts'
import { type BuildEdit, type ByHand, type LimitedFile, type LimitRequest, untouched } from './limited-file.ts'
import { behindImports, imports, setupCalls } from './python-script.ts'

/**
 * The edits that make a `setup.py` build modules with the Limited API: `py_limited_api` and the macro for each
 * `Extension`, and the tag of the wheel where no module is left. Pythons that cannot load what comes of it - older
 * ones, free-threaded ones, PyPy - get a build of their own as before. Source: setuptools, "Building Extension
 * Modules", and `bdist_wheel`, which refuses `py_limited_api` on a free-threaded Python.
 */
export function limitSetup(
  file: BuildFile,
  { level, isReady }: LimitRequest,
  buildFiles: readonly BuildFile[],
): LimitedFile {
  const text = buildText(file)
  const imported = localScripts(file)
  const scripts = buildFiles.filter(({ path }) => imported.includes(path))
  const definitions = moduleDefinitions(file)
  if (setupCalls(text).length === 0) return untouched
  if (/Py_LIMITED_API|py_limited_api/.test(text.code)) return { ...untouched, byHand: [alreadyIn(file, level)] }
  if (namesFiles(file, scripts)) return { ...untouched, byHand: [ownNames(file, level)] }
  const ready = definitions.filter(isReady)
  const isAll = definitions.length > 0 ? ready.length === definitions.length : isReady(null)
  const place = behindImports(text)
  if (ready.length === 0 && !isAll) return untouched
  const own = ready.map((definition) => editsOfExtension(text, definition))
  const isPlain = place !== null && own.length > 0 && own.every((edits) => edits !== null)
  const extensions = isPlain
    ? { edits: own.flatMap((edits) => edits ?? []), needsHelper: false }
    : isAll
      ? wrapped(text)
      : null
  if (extensions === null || place === null) return { ...untouched, byHand: [unread(file, level)] }
  const tags = isAll ? tagEdits(text, level) : []
  const eol = lineEnd(text)
  const lines = [...missingImports(text, place.at), '', ...settings(level), ...(extensions.needsHelper ? helper : [])]
  const preamble = place.isBehind ? ['', ...lines].join(eol) : [...lines, '', ''].join(eol)
  return {
    edits: [
      { start: place.at, end: place.at, text: preamble },
      ...commandEdits(text),
      ...extensions.edits,
      ...(tags ?? []),
    ],
    others: scripts.flatMap((script) => {
      const own = commandEdits(buildText(script))
      return own.length > 0 ? [{ file: script, edits: own }] : []
    }),
    limited: ready,
    byHand: tags === null ? [noTag(file, level)] : [],
  }
}

/**
 * Whether a command that builds extensions is, or may be, one that names their files itself.
 * @param scripts those of the project that a script imports
 */
const namesFiles = (file: BuildFile, scripts: readonly BuildFile[]): boolean =>
  [file, ...scripts].some((each) => {
    const { skeleton } = buildText(each)
    const others = [
      ...skeleton.matchAll(/^[ \t]*from[ \t]+(?!setuptools\b|distutils\b)([\w.]+)[ \t]+import\b[^\n]*\bbuild_ext\b/gm),
    ]
    return (
      /\bdef\s+get_ext_(?:filename|fullpath)\b/.test(skeleton) ||
      others.some(([, name]) => !scripts.some(({ path }) => path.endsWith(`${name!.replace(/\./g, '/')}.py`)))
    )
  })

const names = { flag: 'limited_api', macros: 'limited_api_macros', helper: 'with_limited_api' } as const

/** @param before where the names are used */
const missingImports = (text: BuildText, before: number): string[] =>
  ['sys', 'sysconfig'].flatMap((name) => (imports(text, name, before) ? [] : [`import ${name}`]))

const settings = (level: Minor): string[] => [
  `# One binary for CPython ${showVersion(level)} and later (PEP 384). Other Pythons get a build of their own.`,
  `${names.flag} = (`,
  '    sys.implementation.name == "cpython"',
  `    and sys.version_info >= (3, ${level})`,
  '    and not sysconfig.get_config_var("Py_GIL_DISABLED")',
  ')',
  `${names.macros} = [("Py_LIMITED_API", "${showVersionHex(level)}")] if ${names.flag} else []`,
]

const helper = [
  '',
  '',
  `def ${names.helper}(extensions):`,
  '    for extension in extensions or []:',
  `        extension.py_limited_api = ${names.flag}`,
  `        extension.define_macros = [*extension.define_macros, *${names.macros}]`,
  '    return extensions',
]

/** How many arguments an `Extension` may have by position before its macros. */
const macrosPosition = 3

/** Makes one `Extension` limited; null where its arguments do not show what macros it has. */
function editsOfExtension(text: BuildText, { called, start, end }: ModuleDefinition): BuildEdit[] | null {
  const given = argumentsIn(text, { start, end })
  const isOwnClass = new RegExp(`\\bclass\\s+${called}\\b|\\b${called}\\s*=(?!=)`).test(text.skeleton)
  if (called !== 'Extension' || isOwnClass || given.some(({ keyword }) => keyword?.startsWith('*'))) return null
  const byPosition = given.filter(({ keyword }) => keyword === null)
  const macros = given.find(({ keyword }) => keyword === 'define_macros') ?? byPosition[macrosPosition]
  const flag = `py_limited_api=${names.flag}`
  if (macros === undefined) return withArguments(text, { start, end }, [`define_macros=[*${names.macros}]`, flag])
  return [...macroEdits(text, macros.value), ...withArguments(text, { start, end }, [flag])]
}

/** Puts the macro into the list that an expression gives. */
function macroEdits(text: BuildText, { start, end }: Span): BuildEdit[] {
  const written = text.skeleton.slice(start, end)
  if (written === 'None' || /^\[\s*\]$/.test(written)) return [{ start, end, text: `[*${names.macros}]` }]
  const isList = written.startsWith('[') && matches(written) && !/\bfor\b/.test(written)
  if (isList) return withArguments(text, { start: start + 1, end: end - 1 }, [`*${names.macros}`])
  const isLoose = /\b(?:if|or|and|lambda|not)\b/.test(written)
  return [
    { start, end: start, text: isLoose ? '[*(' : '[*' },
    { start: end, end, text: `${isLoose ? ')' : ''}, *${names.macros}]` },
  ]
}

/** Whether the bracket that an expression begins with is closed at its end. */
const matches = (written: string): boolean => closing(written, 0) === written.length - 1

/** Makes all extensions limited where they are handed to `setup`; null where that does not show. */
function wrapped(text: BuildText): { readonly edits: readonly BuildEdit[]; readonly needsHelper: true } | null {
  const given = setupCalls(text).flatMap((call) =>
    argumentsIn(text, call).flatMap(({ keyword, value }) => (keyword === 'ext_modules' ? [value] : [])),
  )
  // `kwargs["ext_modules"] = ...` and `{"ext_modules": ...}`
  const kept = [...text.code.matchAll(/(["'])ext_modules\1\s*(?:\]\s*=(?!=)|:)\s*/g)].map((match) =>
    expressionAt(text, match.index + match[0].length, match[0].includes('=')),
  )
  const lists = [...given, ...kept]
  if (lists.length === 0) return null
  const edits = lists.flatMap(({ start, end }) => [
    { start, end: start, text: `${names.helper}(` },
    { start: end, end, text: ')' },
  ])
  return { edits, needsHelper: true }
}

/** Takes setuptools' command instead of the one of distutils, which knows no `.abi3.so`. */
const commandEdits = ({ code }: BuildText): BuildEdit[] =>
  [
    ...code.matchAll(
      /^([ \t]*(?:from|import)[ \t]+)distutils(?=\.command(?:\.build_ext\b|[ \t]+import[ \t]+build_ext\b))/gm,
    ),
  ].map((match) => {
    const end = match.index + match[0].length
    return { start: match.index + match[1]!.length, end, text: 'setuptools' }
  })

/** Tags the wheels; null where `setup` is called in a way that does not show which options it is given. */
function tagEdits(text: BuildText, level: Minor): BuildEdit[] | null {
  const calls = setupCalls(text)
  const tag = `"bdist_wheel": {"py_limited_api": "cp3${level}"} if ${names.flag} else {}`
  const edits = calls.map((call) => {
    const given = argumentsIn(text, call)
    const options = given.find(({ keyword }) => keyword === 'options')
    const isUnread = given.some(({ keyword }) => keyword === '**') && /["']options["']|\boptions\s*=/.test(text.code)
    if (options === undefined) return isUnread ? null : withArguments(text, call, [`options={${tag}}`])
    const { start, end } = options.value
    const written = text.code.slice(start, end)
    if (!written.startsWith('{') || !matches(text.skeleton.slice(start, end)) || /bdist_wheel/.test(written))
      return null
    return withArguments(text, { start: start + 1, end: end - 1 }, [tag])
  })
  return edits.every((each) => each !== null) ? edits.flat() : null
}

const alreadyIn = (file: BuildFile, level: Minor): ByHand => ({
  file,
  message:
    `sets \`Py_LIMITED_API\` or \`py_limited_api\` already: make it ${showVersionHex(level)} and ` +
    `\`py_limited_api=True\` for each module, and \`cp3${level}\` in the tag of the wheel`,
})

const ownNames = (file: BuildFile, level: Minor): ByHand => ({
  file,
  message:
    'names the files of extension modules itself: let them end in `.abi3.so`, define ' +
    `\`Py_LIMITED_API\` as ${showVersionHex(level)}, and tag the wheel \`cp3${level}-abi3\``,
})

const unread = (file: BuildFile, level: Minor): ByHand => ({
  file,
  message:
    'how it defines its extension modules does not show: give each of them ' +
    `\`define_macros=[("Py_LIMITED_API", "${showVersionHex(level)}")]\` and \`py_limited_api=True\``,
})

const noTag = (file: BuildFile, level: Minor): ByHand => ({
  file,
  message: `give \`bdist_wheel\` the option \`py_limited_api\`: "cp3${level}", so that one wheel is for all Pythons`,
})
