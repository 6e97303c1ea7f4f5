import type { Severity } from '../check/diagnostic.ts'
import { oldestAbi3t, showVersion } from '../knowledge/version.ts'
import { type Claim, stableTags } from './claim.ts'
import type { FoundImport, LibraryFault, Wheel } from './finding.ts'
import { type LibraryName, showTags, type WheelTags } from './wheel-name.ts'

type Words = readonly [message: string, advice: string, ...notes: string[]]

const verdict = (rule: LibraryFault['rule'], severity: Severity, [message, advice, ...notes]: Words): LibraryFault => ({
  rule,
  severity,
  symbol: '',
  since: null,
  message,
  advice,
  notes,
})

/** What is wrong with the name of a wheel. */
export function wheelFindings({ named, inside }: Wheel): LibraryFault[] {
  const findings: LibraryFault[] = []
  if (named === null) {
    findings.push(
      verdict('wrong-wheel-tag', 'warning', [
        "the name is no wheel's (PEP 427), so no installer takes it",
        'name it `name-version-cp39-abi3-platform.whl`',
        ...(inside ? [`the tags in its WHEEL file are used: ${showTags(inside)}`] : []),
      ]),
    )
  } else if (inside !== null && !sameTags(named, inside)) {
    findings.push(
      verdict('wrong-wheel-tag', 'warning', [
        `its name says ${showTags(named)}, and its WHEEL file ${showTags(inside)}`,
        'change both together, with `wheel tags`',
        'installers go by the name',
      ]),
    )
  }
  const tags = named ?? inside
  const stable = stableTags(tags)
  if (tags && stable.length > 0 && !tags.pythons.some((each) => each.startsWith('cp'))) {
    findings.push(
      verdict('wrong-wheel-tag', 'error', [
        `no installer takes a wheel tagged ${showTags(tags)}: with ${stable.join(' and ')} the Python tag has to be ` +
          `one of CPython`,
        'write the oldest CPython that it is for: `cp39`',
      ]),
    )
  }
  return findings
}

const sameTags = (a: WheelTags, b: WheelTags): boolean =>
  (['pythons', 'abis'] as const).every((part) => [...a[part]].sort().join() === [...b[part]].sort().join())

/**
 * What is wrong with the name of a library's file: whether those that it is meant for look for it.
 * @param tags of its wheel; null outside of wheels
 * @param siblings files for the same module
 */
export function nameFindings(
  name: LibraryName,
  claim: Claim,
  tags: WheelTags | null,
  siblings: readonly LibraryName[],
): LibraryFault[] {
  const isStable = name.kind === 'abi3' || name.kind === 'abi3t'
  return [
    ...unfound(name, claim, siblings).map((words) => verdict('wrong-file-name', 'error', words)),
    ...(isStable && tags !== null ? tagFindings(name, tags) : []),
  ]
}

/**
 * What is to be said of a file for one Python beside one for the stable ABI: that Python takes its own first, the
 * others never look for it (`importlib.machinery.EXTENSION_SUFFIXES`).
 * @param siblings files for the same module
 */
export function leftOverFindings(
  { file, kind, tag }: LibraryName,
  { abis, level, source }: Claim,
  siblings: readonly LibraryName[],
): LibraryFault[] {
  const other = siblings.find((each) => each.kind === 'abi3' || each.kind === 'abi3t' || each.kind === 'any')
  if (kind !== 'version' || !other) return []
  const [, minor = '', flags = ''] = /^(?:cpython-|cp)3(\d{1,2})([a-z]*)/.exec(tag) ?? []
  const instead = `loads it instead of \`${other.file}\`, and no other Python does`
  const isTooOld = level !== null && minor !== '' && Number(minor) < level
  const isUnloaded = isTooOld || (flags.includes('t') && !abis.includes('abi3t'))
  return [
    verdict('wrong-file-name', 'info', [
      isUnloaded
        ? `\`${file}\` is left over: no Python that is claimed loads it (${source})`
        : `\`${file}\` is left over: ${onePython(tag)} ${instead}`,
      'leave it out of the wheel: build in a clean directory',
      ...(isUnloaded ? [] : ['where it is meant, it need not keep to the stable ABI']),
    ]),
  ]
}

/** Why some of those that a library is meant for do not look for it. */
function unfound(
  { file, kind, tag, isPyd, module }: LibraryName,
  { abis, level, source }: Claim,
  siblings: readonly LibraryName[],
): Words[] {
  const beside = (...kinds: readonly LibraryName['kind'][]): boolean =>
    siblings.some((each) => kinds.includes(each.kind))
  const isOld = level !== null && level < oldestAbi3t
  const onlyNew = isOld
    ? `no Python before ${showVersion(oldestAbi3t)} looks for \`${file}\`, and ${showVersion(level)} is claimed ` +
      `(${source})`
    : ''
  const words: Words[] = []
  switch (kind) {
    case 'version':
      words.push([
        `only ${onePython(tag)} looks for \`${file}\`, and more is claimed (${source})`,
        `build it for the stable ABI, as \`${module}.${isPyd ? 'pyd' : `${abis.at(-1)}.so`}\`, or tag the wheel for ` +
          `that one Python`,
      ])
      break
    case 'abi3':
      if (isPyd) break
      if (abis.includes('abi3t') && !beside('abi3t', 'any')) {
        words.push([
          `free-threaded Pythons do not look for \`${file}\``,
          `name it \`${module}.abi3t.so\`, for which all Pythons from ${showVersion(oldestAbi3t)} on look`,
        ])
      }
      // With the platform in its name: abi3-x86_64-linux-gnu.
      if (tag !== 'abi3' && isOld && !siblings.some((each) => each.tag === 'abi3' || each.kind === 'any')) {
        words.push([onlyNew, `name it \`${module}.abi3.so\``])
      }
      break
    case 'abi3t':
      if (isPyd || !isOld || beside('any') || (!abis.includes('abi3t') && beside('abi3'))) break
      words.push([onlyNew, `claim ${showVersion(oldestAbi3t)}, or build a second wheel with \`${module}.abi3.so\``])
  }
  if (isPyd && tag.startsWith('abi3'))
    words.push([`on Windows no Python looks for \`${file}\``, `name it \`${module}.pyd\``])
  return words
}

/** What is wrong with the tags of a wheel that has a module for a stable ABI. */
function tagFindings({ file, kind }: LibraryName, tags: WheelTags): LibraryFault[] {
  const stable = stableTags(tags)
  const shown = showTags(tags)
  if (kind === 'abi3' && tags.abis.every((abi) => /^cp\d+t$/.test(abi))) {
    return [
      verdict('wrong-wheel-tag', 'error', [
        `the wheel is for free-threaded Pythons alone (${shown}), which do not look for \`${file}\``,
        'tag it for builds with the GIL, or build it for abi3t',
      ]),
    ]
  }
  if (stable.length === 0 && !tags.abis.includes('none')) {
    return [
      verdict('wrong-wheel-tag', 'warning', [
        `\`${file}\` says that it is for every Python from some version on, and the wheel tag ${shown} for one alone`,
        `tag the wheel ${tags.pythons[0]}-${kind}, or name the file for that one Python`,
      ]),
    ]
  }
  if (kind === 'abi3t' && stable.length === 1 && stable[0] === 'abi3') {
    return [
      verdict('wrong-wheel-tag', 'info', [
        `\`${file}\` is for free-threaded Pythons too, which do not install a wheel tagged ${shown}`,
        `tag it ${tags.pythons[0]}-abi3.abi3t`,
      ]),
    ]
  }
  return []
}

function onePython(tag: string): string {
  const match = /^(?:cpython-|cp)3(\d{1,2})([a-z]*)/.exec(tag)
  return match ? `CPython 3.${match[1]}${match[2]!.includes('t') ? ', free-threaded,' : ''}` : tag
}

/** What makes a `PyModuleDef`, whose layout abi3t hides. */
const definitionFunctions = ['PyModuleDef_Init', 'PyModule_Create2', 'PyModule_FromDefAndSpec2']

/**
 * What is wrong with the function that `import` calls.
 * @param entries the `PyInit_` and `PyModExport_` names it exports
 */
export function entryFindings(
  { module, file, kind, isPyd }: LibraryName,
  { abis, level, source }: Claim,
  imports: readonly FoundImport[],
  entries: ReadonlySet<string>,
): LibraryFault[] {
  // Names that are not ASCII are written in another way.
  if (kind === 'library' || !/^\w+$/.test(module)) return []
  const init = `PyInit_${module}`
  const modExport = `PyModExport_${module}`
  if (!entries.has(init) && !entries.has(modExport)) {
    if (entries.size === 0 && kind === 'any' && !isPyd) return []
    const others = [...entries]
      .sort()
      .slice(0, 3)
      .map((each) => `\`${each}\``)
      .join(', ')
    return [
      verdict('module-entry', 'info', [
        `\`${file}\` exports neither \`${init}\` nor \`${modExport}\`, so \`import ${module}\` fails`,
        '',
        ...(others === '' ? [] : [`it exports ${others}`]),
      ]),
    ]
  }
  if (!entries.has(init) && level !== null && level < oldestAbi3t) {
    const since = showVersion(oldestAbi3t)
    return [
      verdict('module-entry', 'error', [
        `it exports \`${modExport}\` and no \`${init}\`, and before ${since} Python knows only the latter; ` +
          `${showVersion(level)} is claimed (${source})`,
        `export \`${init}\` too`,
      ]),
    ]
  }
  const maker =
    abis.includes('abi3t') && !entries.has(modExport)
      ? imports.find(({ name }) => definitionFunctions.includes(name))
      : undefined
  return maker === undefined
    ? []
    : [
        verdict('module-entry', 'warning', [
          `it makes a PyModuleDef (it imports \`${maker.name}\`), whose layout is not part of abi3t`,
          `export \`${modExport}\` (PEP 793), the way for abi3t`,
        ]),
      ]
}
