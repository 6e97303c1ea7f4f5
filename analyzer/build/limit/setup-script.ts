import { type Minor, showVersion } from '../../knowledge/version.ts'
import { least } from '../../source/lists.ts'
import type { BuildFile } from '../build-file.ts'
import { type BuildText, buildText, expressionAt, type Span } from '../build-text.ts'
import { localScripts } from '../local-scripts.ts'
import { type ModuleDefinition, moduleAround, moduleDefinitions } from '../module-definitions.ts'
import { argumentsIn, lineEnd, withArguments } from './arguments.ts'
import { type BuildEdit, type ByHand, type LimitedFile, type LimitRequest, untouched } from './limited-file.ts'
import { behindImports, dictCalls, imports, isSetuptools, setupCalls, type TopLevelPlace } from './python-script.ts'
import { handsOnClass, hasOtherSysconfig, importsClass, isOnlyList, linesOf } from './script-names.ts'
import { abi3tLines, besideLimited, isForAbi3t } from './setup-abi3t.ts'
import { type StableAbi, stableAbi } from './stable-abi.ts'

/**
 * The edits that make a `setup.py` build modules with the Limited API: `py_limited_api` and the macro for each
 * `Extension`, and the tag of the wheel where no module is left. Pythons that cannot load what comes of it - older
 * ones, free-threaded ones, PyPy - get a build of their own as before. Source: setuptools, "Building Extension
 * Modules", and `bdist_wheel`, which refuses `py_limited_api` on a free-threaded Python before 3.15. For abi3t it is
 * free-threaded Pythons from 3.15 on that build so: of `py_limited_api` setuptools makes abi3t there, since 84.2.
 */
export function limitSetup(file: BuildFile, request: LimitRequest, buildFiles: readonly BuildFile[]): LimitedFile {
  const { isReady, abi3t = false } = request
  const abi = stableAbi(request)
  const text = buildText(file)
  const imported = new Set(localScripts(file))
  const scripts = buildFiles.filter(({ path }) => imported.has(path))
  const definitions = moduleDefinitions(file)
  if (setupCalls(text).length === 0) return untouched
  const ready = definitions.filter(isReady)
  const isAll = definitions.length > 0 ? ready.length === definitions.length : isReady(null)
  if (abi3t && !isAll) return untouched
  const isMade = abi3t ? isForAbi3t(text) : isLimitedAlready(text, definitions, abi)
  if (isMade) return { ...untouched, limited: ready }
  const beside =
    abi3t && isLimitedAlready(text, definitions, null) ? besideLimited(text, abi, namesFor(text, abi)) : null
  if (beside !== null) return { ...untouched, edits: beside, limited: ready }
  if (/Py_LIMITED_API|py_limited_api|Py_TARGET_ABI3T/.test(text.code))
    return { ...untouched, byHand: [alreadyIn(file, abi)] }
  if (namesFiles(file, scripts)) return { ...untouched, byHand: [ownNames(file, abi)] }
  if (ready.length === 0 && !isAll) return untouched
  const names = namesFor(text, abi)
  const setting = [text, ...scripts.map(buildText)].map(macrosSetBy)
  const isCalled = setting[0] === null && !(isAll && handsOnClass(text))
  const changed = isChangedLater(file, definitions)
  const own = ready.map((definition) => (isCalled && !changed ? editsOfExtension(text, definition, names) : null))
  const isPlain = own.length > 0 && own.every((edits) => edits !== null)
  const isDone = setting.includes('command') || compilesItself(file, scripts)
  const extensions = isDone
    ? null
    : isPlain
      ? { edits: own.flatMap((edits) => edits ?? []), needsHelper: false }
      : isAll
        ? wrapped(text, names)
        : null
  const place = extensions && behindImports(text, least(extensions.edits.map(({ start }) => start)))
  if (extensions === null || place === null) return { ...untouched, byHand: [unread(file, abi)] }
  const tags = isAll ? tagEdits(text, abi, names) : []
  const lines = [...settings(text, request, place.at, names), ...(extensions.needsHelper ? helper(names, changed) : [])]
  return {
    edits: [preamble(text, place, lines), ...commandEdits(text), ...extensions.edits, ...(tags ?? [])],
    others: scripts.flatMap((script) => {
      const own = commandEdits(buildText(script))
      return own.length > 0 ? [{ file: script, edits: own }] : []
    }),
    limited: ready,
    byHand: tags === null ? [noTag(file, abi)] : [],
  }
}

/**
 * Whether a script does what these edits would do, as after a run before: the level, for all of its extensions.
 * @param abi null for any level
 */
function isLimitedAlready(text: BuildText, definitions: readonly ModuleDefinition[], abi: StableAbi | null): boolean {
  const levels = [...text.code.matchAll(/(["'])Py_LIMITED_API\1\s*,\s*["']?(\w+)/g)].map(([, , value]) => value)
  const isGiven = ({ start, end }: Span): boolean => {
    const given = argumentsIn(text, { start, end }).map(({ keyword }) => keyword)
    return given.includes('py_limited_api') && given.includes('define_macros')
  }
  const isAll = definitions.length > 0 && definitions.every(isGiven)
  const flag = text.code.search(/\.py_limited_api\s*=(?!=)/)
  const isWrapped = flag >= 0 && /\.define_macros\s*=(?!=)/.test(text.code.slice(flag))
  const isLevel = levels.length > 0 && levels.every((each) => each === (abi?.value ?? levels[0]))
  return isLevel && (isAll || isWrapped)
}

/** Puts lines at a place of a script, which are apart from what is around them. */
function preamble(text: BuildText, { at, isBehind }: TopLevelPlace, lines: readonly string[]): BuildEdit {
  const eol = lineEnd(text)
  const start = isBehind && text.skeleton[at - 1] === '\r' ? at - 1 : at
  return { start, end: start, text: isBehind ? ['', ...lines].join(eol) : [...lines, '', ''].join(eol) }
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
      /\bdef\s+get_ext_(?:filename|fullpath)\b|\b(?:from|import)[ \t]+numpy\.distutils\b/.test(skeleton) ||
      others.some(([, name]) => !scripts.some(({ path }) => path.endsWith(`${name!.replace(/\./g, '/')}.py`)))
    )
  })

/**
 * Who sets the macros of extensions that are there already: the script itself, or a function, which may be one of a
 * command and so come after everything else. What an `Extension` does to itself comes before. Null for nobody.
 */
function macrosSetBy(text: BuildText): 'script' | 'command' | null {
  const lines = linesOf(text).filter(({ start, end }) => setsMacros(text.skeleton.slice(start, end)))
  if (lines.length === 0) return null
  return lines.some(({ isInFunction }) => isInFunction) ? 'command' : 'script'
}

/** Whether the last that a line says of `define_macros` is what they are set to, and not for the object itself. */
function setsMacros(line: string): boolean {
  const name = line.lastIndexOf('define_macros')
  if (name < 1 || line[name - 1] !== '.' || line.slice(0, name).includes('#')) return false
  return !/\bself\.$/.test(line.slice(Math.max(0, name - 6), name)) && /^\w+[ \t]*=(?!=)/.test(line.slice(name))
}

/** Whether a command builds extensions otherwise than setuptools does, to which their macros are nothing then. */
const compilesItself = (file: BuildFile, scripts: readonly BuildFile[]): boolean =>
  [file, ...scripts].some((each) => {
    const { skeleton } = buildText(each)
    const hasOwn = /\bdef[ \t]+build_extension\b/.test(skeleton)
    // what it asks of an extension and of the command, where it does what that of setuptools does
    const isAlike =
      /\.define_macros\b/.test(skeleton) &&
      /\.compile\s*\([^()]*\bmacros\s*=/.test(skeleton) &&
      /\bself\.get_ext_(?:fullpath|filename)\s*\(/.test(skeleton) &&
      !/\bsubprocess\b|\bos\.system\b|\b(?:check_call|check_output|spawn|popen)\s*\(/.test(skeleton)
    return (
      (hasOwn && !isAlike && !/(?<!\bself)\.build_extension\s*\(/.test(skeleton)) ||
      moduleDefinitions(each).some(({ called }) => /^(?:CMake|Meson|Make|Bazel)/.test(called))
    )
  })

/** What is put into a script is called. */
interface Names {
  readonly flag: string
  readonly macros: string
  readonly helper: string
}

/** Names that a script does not have. */
function namesFor({ code }: BuildText, { macro }: StableAbi): Names {
  const isAbi3t = macro === 'Py_TARGET_ABI3T'
  const wanted = isAbi3t ? ['abi3t', 'build_abi3t'] : ['limited_api', 'stable_abi', 'build_stable_abi']
  const flag =
    wanted.find((each) => !code.includes(each)) ?? (isAbi3t ? 'one_build_without_the_gil' : 'one_build_for_all_pythons')
  return { flag, macros: `${flag}_macros`, helper: `with_${flag}` }
}

/** @param before where the lines are put */
function settings(text: BuildText, request: LimitRequest, before: number, names: Names): string[] {
  const abi = stableAbi(request)
  const own = !imports(text, 'sysconfig', before) && hasOtherSysconfig(text, before)
  const module = own ? 'python_sysconfig' : 'sysconfig'
  return [
    ...(imports(text, 'sys', before) ? [] : ['import sys']),
    ...(own ? [`import sysconfig as ${module}`] : imports(text, module, before) ? [] : [`import ${module}`]),
    '',
    ...(request.abi3t === true ? abi3tLines(request.level, module, names) : limitedLines(request.level, module, names)),
    `${names.macros} = [("${abi.macro}", "${abi.value}")] if ${names.flag} else []`,
  ]
}

const limitedLines = (level: Minor, module: string, { flag }: Names): string[] => [
  `# One binary for CPython ${showVersion(level)} and later (PEP 384). Other Pythons get a build of their own.`,
  `${flag} = (`,
  '    sys.implementation.name == "cpython"',
  `    and sys.version_info >= (3, ${level})`,
  `    and not ${module}.get_config_var("Py_GIL_DISABLED")`,
  ')',
]

/** @param keepsLists whether the script changes lists of macros later: they have to stay the same lists */
const helper = (names: Names, keepsLists: boolean): string[] => [
  '',
  '',
  `def ${names.helper}(extensions):`,
  '    for extension in extensions or []:',
  `        extension.py_limited_api = ${names.flag}`,
  keepsLists
    ? `        extension.define_macros += ${names.macros}`
    : `        extension.define_macros = [*extension.define_macros, *${names.macros}]`,
  '    return extensions',
]

/** How many arguments an `Extension` may have by position before its macros. */
const macrosPosition = 3

/** Makes one `Extension` limited; null where its arguments do not show what macros it has. */
function editsOfExtension(text: BuildText, definition: ModuleDefinition, names: Names): BuildEdit[] | null {
  const { called, start, end } = definition
  const given = argumentsIn(text, { start, end })
  if (!isSetuptoolsClass(text, called, start) || given.some(({ keyword }) => keyword?.startsWith('*'))) return null
  const macros = macrosOf(text, definition)
  const flag = `py_limited_api=${names.flag}`
  if (macros === null) return withArguments(text, { start, end }, [`define_macros=[*${names.macros}]`, flag])
  return [...macroEdits(text, macros, names), ...withArguments(text, { start, end }, [flag])]
}

/** The list that an `Extension` is given for its macros; null for none. */
function macrosOf(text: BuildText, { start, end }: ModuleDefinition): Span | null {
  const given = argumentsIn(text, { start, end })
  const byPosition = given.filter(({ keyword }) => keyword === null)
  return (given.find(({ keyword }) => keyword === 'define_macros') ?? byPosition[macrosPosition])?.value ?? null
}

/** Whether a list of macros has a name that the script may put something into it by, when its extension is made. */
function isChangedLater(file: BuildFile, definitions: readonly ModuleDefinition[]): boolean {
  const text = buildText(file)
  const named = definitions.flatMap((definition) => {
    const macros = macrosOf(text, definition)
    const name = macros && /^[A-Za-z_]\w*$/.exec(text.skeleton.slice(macros.start, macros.end))?.[0]
    return name ? [{ name, end: definition.end }] : []
  })
  if (named.length === 0) return false
  const places = lastMentions(file, new Set(named.map(({ name }) => name)))
  return named.some(({ name, end }) => (places.get(name) ?? -1) > end)
}

/**
 * Of names of lists the last line that may change what is in them, outside of the definitions of modules; the end of
 * all where it may do so at any time.
 */
function lastMentions(file: BuildFile, names: ReadonlySet<string>): ReadonlyMap<string, number> {
  const text = buildText(file)
  const { skeleton } = text
  const last = new Map<string, number>()
  for (const { start, end, indent, isInFunction } of linesOf(text)) {
    const seen = new Set<string>()
    for (const { index, 0: name } of skeleton.slice(start, end).matchAll(/(?<![\w.])[A-Za-z_]\w*/g)) {
      const behind = start + index + name.length
      if (!names.has(name) || seen.has(name) || skeleton.slice(start, start + index).includes('#')) continue
      if (/^\s*=(?!=)/.test(skeleton.slice(behind, behind + longestGap))) continue
      seen.add(name)
      const around = moduleAround(file, behind - 1)
      if (around !== null && behind <= around.end) continue
      const isAnyTime = /=\s*$/.test(skeleton.slice(start, start + index)) || (indent > 0 && isInFunction)
      last.set(name, Math.max(last.get(name) ?? -1, isAnyTime ? Number.POSITIVE_INFINITY : start))
    }
  }
  return last
}

/** Characters behind a name in which a sign is looked for. */
const longestGap = 200

/** Whether what is called at a place is the `Extension` of setuptools, and none of the script or of another package. */
function isSetuptoolsClass(text: BuildText, called: string, start: number): boolean {
  if (called !== 'Extension') return false
  const module = /(?:([\w.]+)\.)?\w+\s*\($/.exec(text.skeleton.slice(Math.max(0, start - 120), start))?.[1]
  return module !== undefined ? isSetuptools(text, module) : importsClass(text)
}

/** Puts the macro into the list that an expression gives. */
function macroEdits(text: BuildText, { start, end }: Span, names: Names): BuildEdit[] {
  const written = text.skeleton.slice(start, end)
  if (written === 'None' || /^\[\s*\]$/.test(written)) return [{ start, end, text: `[*${names.macros}]` }]
  const isList = written.startsWith('[') && matches(text, { start, end }) && !/\bfor\b/.test(written)
  if (isList) return withArguments(text, { start: start + 1, end: end - 1 }, [`*${names.macros}`])
  const [open, close] = mayBeNone(text, { start, end })
    ? isLoose.test(written)
      ? ['((', ') or [])']
      : ['(', ' or [])']
    : isLoose.test(written)
      ? ['(', ')']
      : ['', '']
  return [
    { start, end: start, text: `[*${open}` },
    { start: end, end, text: `${close}, *${names.macros}]` },
  ]
}

const isLoose = /\b(?:if|or|and|lambda|not)\b/

/** Whether an expression may give `None`, which an `Extension` takes for a list without macros. */
function mayBeNone(text: BuildText, { start, end }: Span): boolean {
  const { skeleton } = text
  const written = skeleton.slice(start, end)
  if (/^\w+$/.test(written)) return !isOnlyList(text, written)
  const isSum = /^[^+]*\+/.test(written) && !isLoose.test(written)
  return !isSum && !(/^[[(]/.test(written) && matches(text, { start, end })) && !/^list\s*\(/.test(written)
}

/** Whether the bracket that an expression begins with is closed at its end. */
const matches = ({ brackets }: BuildText, { start, end }: Span): boolean => brackets.closing(start) === end - 1

/** Makes all extensions limited where they are handed to `setup`; null where that does not show. */
function wrapped(
  text: BuildText,
  names: Names,
): { readonly edits: readonly BuildEdit[]; readonly needsHelper: true } | null {
  const givenTo = (calls: readonly Span[]): readonly Span[] =>
    calls.flatMap((call) =>
      argumentsIn(text, call).flatMap(({ keyword, value }) => (keyword === 'ext_modules' ? [value] : [])),
    )
  // `metadata = dict(ext_modules=...)`, and then `setup(**metadata)`
  const ofDicts = givenTo(dictCalls(text))
  // `kwargs["ext_modules"] = ...` and `{"ext_modules": ...}`
  const entry = /(["'])ext_modules\1\s*(?:\]\s*=(?!=)|:)\s*/g
  const kept = [...text.code.matchAll(entry)].map((match) =>
    expressionAt(text, match.index + match[0].length, match[0].includes('=')),
  )
  const lists = [...givenTo(setupCalls(text)), ...ofDicts, ...kept]
  // Elsewhere more may be put into the list behind that.
  const isChanged =
    kept.length + ofDicts.length > 0 && (text.code.match(/(["'])ext_modules\1/g)?.length ?? 0) > kept.length
  if (lists.length === 0 || isChanged) return null
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
function tagEdits(text: BuildText, { python }: StableAbi, names: Names): BuildEdit[] | null {
  const calls = setupCalls(text)
  const tag = `"bdist_wheel": {"py_limited_api": "${python}"} if ${names.flag} else {}`
  const edits = calls.map((call) => {
    const given = argumentsIn(text, call)
    const options = given.find(({ keyword }) => keyword === 'options')
    const isUnread = given.some(({ keyword }) => keyword === '**') && /["']options["']|\boptions\s*=/.test(text.code)
    if (options === undefined) return isUnread ? null : withArguments(text, call, [`options={${tag}}`])
    const { start, end } = options.value
    const written = text.code.slice(start, end)
    if (!written.startsWith('{') || !matches(text, { start, end }) || /bdist_wheel/.test(written)) return null
    return withArguments(text, { start: start + 1, end: end - 1 }, [tag])
  })
  return edits.every((each) => each !== null) ? edits.flat() : null
}

const alreadyIn = (file: BuildFile, { macro, value, python }: StableAbi): ByHand => ({
  file,
  message:
    macro === 'Py_LIMITED_API'
      ? `sets \`Py_LIMITED_API\` or \`py_limited_api\` already: make it ${value} and \`py_limited_api=True\` for ` +
        `each module, and \`${python}\` in the tag of the wheel`
      : 'sets `Py_LIMITED_API` or `py_limited_api` already: where a free-threaded Python from 3.15 on builds, define ' +
        `\`${macro}\` as ${value} instead, with \`py_limited_api=True\` for each module, and \`${python}\` in the ` +
        'tag of the wheel',
})

const ownNames = (file: BuildFile, { macro, value, wheel, suffix }: StableAbi): ByHand => ({
  file,
  message:
    `names the files of extension modules itself: let them end in \`${suffix}\`, define ` +
    `\`${macro}\` as ${value}, and tag the wheel \`${wheel}\``,
})

const unread = (file: BuildFile, { macro, value }: StableAbi): ByHand => ({
  file,
  message:
    'how it defines its extension modules does not show: give each of them ' +
    `\`define_macros=[("${macro}", "${value}")]\` and \`py_limited_api=True\``,
})

const noTag = (file: BuildFile, { python }: StableAbi): ByHand => ({
  file,
  message: `give \`bdist_wheel\` the option \`py_limited_api\`: "${python}", so that one wheel is for all Pythons`,
})
