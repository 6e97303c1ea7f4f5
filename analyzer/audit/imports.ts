import type { Api } from '../knowledge/api.ts'
import type { ApiFact } from '../knowledge/table.ts'
import { type Minor, newest, oldestAbi3t, showVersion, showVersionHex } from '../knowledge/version.ts'
import type { Claim } from './claim.ts'
import type { FoundImport, LibraryFault, LibraryPart } from './finding.ts'
import type { Image, Import } from './image.ts'
import { pythonIn } from './python-library.ts'

const base = (path: string): string => path.split(/[\\/]/).at(-1)!

/** What every C or C++ compiler links to, and what is the system's own. */
const systemLibrary =
  /^(?:lib(?:c|m|pthread|dl|rt|util|gcc_s|stdc\+\+|atomic|c\+\+|c\+\+abi)[.-]|ld[-.\d]|\/usr\/lib\/|\/System\/)/

/** What libraries that are installed together export, each by a number: files that are given twice are one. */
export class BundleExports {
  private readonly numbers = new Map<string, number>()
  /** By the last part of the library's name. */
  private readonly named = new Map<string, Set<number>>()
  /** By the name that is exported, and the last parts of the names of the libraries. */
  private readonly exporters = new Map<string, Map<number, string>>()

  constructor(parts: readonly LibraryPart[]) {
    for (const part of parts) {
      const key = keyOf(part)
      if (this.numbers.has(key)) continue
      const number = this.numbers.size
      this.numbers.set(key, number)
      const name = base(part.member || part.file)
      this.named.set(name, (this.named.get(name) ?? new Set()).add(number))
      for (const { exports } of part.binary.images)
        for (const each of exports) this.exporters.set(each, (this.exporters.get(each) ?? new Map()).set(number, name))
    }
  }

  /** Whether another library than this one is called so. */
  hasBeside(part: LibraryPart, name: string): boolean {
    const found = this.named.get(name)
    return found !== undefined && found.size > (found.has(this.numbers.get(keyOf(part))!) ? 1 : 0)
  }

  /** Whether another library than this one exports a name: any, or one of those that are called so. */
  exportsBeside(part: LibraryPart, name: string, libraries: ReadonlySet<string> | null): boolean {
    const own = this.numbers.get(keyOf(part))
    for (const [number, library] of this.exporters.get(name) ?? [])
      if (number !== own && (libraries === null || libraries.has(library))) return true
    return false
  }
}

const keyOf = ({ file, member }: LibraryPart): string => `${file}\n${member}`

/** A name while the images of a library are looked at. */
interface Imported extends Import {
  /** The last that imports it. */
  readonly image: Image
  readonly architectures: string[]
  readonly mayBeElsewhere: boolean
}

/**
 * The names of Python's that a library imports, without those that come from another: because the file says so
 * (Mach-O, PE), or because a library beside it has them (ELF).
 * @param bundle of all libraries that are installed together
 * @returns sorted by name
 */
export function importsOf(part: LibraryPart, bundle: BundleExports, api: Api): FoundImport[] {
  const { binary } = part
  const found = new Map<string, Imported>()
  for (const image of binary.images) {
    const needed = new Set(image.needed.map(base))
    const hasStranger = image.needed.some(
      (each) => pythonIn(each) === null && !systemLibrary.test(each) && !bundle.hasBeside(part, base(each)),
    )
    for (const { name, library, weak } of image.imports) {
      const before = found.get(name)
      const isForeign =
        library === null
          ? bundle.exportsBeside(part, name, api.fact(name) === null ? null : needed)
          : pythonIn(library) === null
      if (isForeign) continue
      const architectures = before?.architectures ?? []
      if (before?.image !== image) architectures.push(image.architecture)
      found.set(name, {
        name,
        library,
        weak: weak && (before?.weak ?? true),
        architectures,
        image,
        mayBeElsewhere: library === null && hasStranger && api.fact(name) === null,
      })
    }
  }
  return [...found.values()]
    .map(({ architectures, image: _, ...each }) => ({
      ...each,
      format: binary.format,
      only: architectures.length < binary.images.length ? architectures : [],
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

const isDebugOnly = (fact: ApiFact): boolean => fact.platform === 'Py_REF_DEBUG' || fact.platform === 'Py_TRACE_REFS'

/** Whether it is looked for in a library that has the names of the stable ABI alone. */
const isFromStableDll = ({ format, library }: FoundImport): boolean =>
  format === 'PE' && library !== null && pythonIn(library)?.minor === null

/** First Python that exports a name of the stable ABI to who imports it like this; null for names that are in none. */
export function stableSince(found: FoundImport, api: Api): Minor | null {
  const fact = api.fact(found.name)
  if (fact === null || isDebugOnly(fact)) return null
  const exported = isFromStableDll(found) ? fact.inDll : fact.exported
  if (exported !== null || fact.inline || (fact.entity !== 'function' && fact.entity !== 'data')) return exported
  // Of what is new the table knows the headers before it knows the exports: the first that declare it in the Limited
  // API.
  return api.headerSets.find((_, index) => fact.levels[index] !== null) ?? null
}

/** What is wrong with the names that a library imports, and with the libraries it looks for them in. */
export function importFindings(
  images: readonly Image[],
  imports: readonly FoundImport[],
  claim: Claim,
  api: Api,
): LibraryFault[] {
  return [
    ...libraryVerdicts(images, imports, claim),
    ...imports.flatMap((found) => {
      const since = stableSince(found, api)
      if (since === null) return [outside(found, claim, api.fact(found.name))]
      return claim.level !== null && since > claim.level ? [newer(found, since, claim, api.fact(found.name)!)] : []
    }),
  ]
}

function outside(found: FoundImport, claim: Claim, fact: ApiFact | null): LibraryFault {
  const { name } = found
  const isUnknown = fact === null && ((claim.level ?? 0) > newest || found.mayBeElsewhere)
  const notes = remarks(found)
  const known = showVersion(newest)
  if (fact === null) {
    notes.unshift(`no header of CPython 3.2 to ${known} declares it`)
    if (found.mayBeElsewhere)
      notes.push('the library needs others that were not given; if one of them has it, all is well')
    if ((claim.level ?? 0) > newest)
      notes.push(`it may be newer than CPython ${known}, the newest that this abi3lint knows`)
  } else if (isDebugOnly(fact)) notes.unshift(`only builds of Python with ${fact.platform} have it`)
  else if (fact.full !== null) {
    notes.unshift(
      fact.full.last < newest
        ? `the headers of CPython ${showVersion(fact.full.last + 1)} have it no more`
        : 'CPython may change or drop it in any version',
    )
  }
  const instead =
    fact === null ? '' : `; \`abi3lint explain ${name}\` and \`abi3lint check\` on the sources tell what to use instead`
  return {
    rule: 'import-outside-abi',
    severity: found.weak || isUnknown ? 'warning' : 'error',
    symbol: name,
    since: null,
    message: `\`${name}\` is ${name.startsWith('_') ? 'private, and ' : ''}not in the stable ABI`,
    advice: `define Py_LIMITED_API for every source, and build anew${instead}`,
    notes,
  }
}

/** Headers that turned an inline function or a macro into an import, at levels at which no Python has it to import. */
interface HeaderFault {
  readonly names: RegExp
  /** From, and up to. */
  readonly levels: readonly [Minor, Minor]
  /** Which headers do, and which do not. */
  readonly mend: string
}

const headerFaults: readonly HeaderFault[] = [
  // cpython#140153
  {
    names: /^Py_REFCNT$/,
    levels: [11, 13],
    mend: 'the headers of 3.14.0 import it at these levels, those of 3.14.1 do not',
  },
  // cpython#110968
  {
    names: /^PyObject_DelAttr(?:String)?$/,
    levels: [2, 12],
    mend: 'the headers of 3.13.0 to 3.13.4 import it at every level, those of 3.12 and 3.13.5 do not',
  },
]

function newer(found: FoundImport, since: Minor, claim: Claim, fact: ApiFact): LibraryFault {
  const { name } = found
  const level = claim.level!
  const notes = remarks(found)
  if (fact.exported !== null && fact.exported < since)
    notes.unshift(`Python itself has it from ${showVersion(fact.exported)} on`)
  // `python3.dll` has the stable ABI alone. Elsewhere Pythons export what is in their full API, if it is a function
  // there: then it loads.
  const isOlder = !isFromStableDll(found) && !fact.inline && fact.full !== null && fact.full.first < since
  if (isOlder)
    notes.unshift('older Pythons may have it outside of their stable ABI: then it is imported, and nothing is promised')
  const fault = headerFaults.find(({ names, levels }) => names.test(name) && levels[0] <= level && level <= levels[1])
  if (fault) notes.unshift(fault.mend)
  const headers = fault ? ' and headers without that fault' : ''
  const exporter = isFromStableDll(found) ? 'python3.dll' : 'Python'
  const what = isOlder
    ? `\`${name}\` is in the stable ABI from ${showVersion(since)} on`
    : `no ${exporter} before ${showVersion(since)} exports \`${name}\``
  return {
    rule: 'import-newer-than-target',
    severity: found.weak ? 'warning' : 'error',
    symbol: name,
    since,
    message: `${what}, and ${showVersion(level)} is claimed (${claim.source})`,
    advice: fact.inline
      ? `build it with Py_LIMITED_API=${showVersionHex(level)}${headers}: then it needs no such import`
      : `claim ${showVersion(since)} (Py_LIMITED_API=${showVersionHex(since)}, wheel tag ` +
        `cp3${since}-${claim.abis.join('.')}), or do without it`,
    notes,
  }
}

function remarks({ weak, only, format }: FoundImport): string[] {
  return [
    ...(weak
      ? [`the import is ${format === 'PE' ? 'delayed' : 'weak'}: the module loads without it, and must not use it then`]
      : []),
    ...(only.length > 0 ? [`only in the part for ${only.join(', ')}`] : []),
  ]
}

function libraryVerdicts(images: readonly Image[], imports: readonly FoundImport[], claim: Claim): LibraryFault[] {
  const libraries = new Set([
    ...images.flatMap(({ needed }) => needed),
    ...imports.flatMap(({ library }) => library ?? []),
  ])
  const verdict = (message: string, advice: string): LibraryFault => ({
    rule: 'wrong-python-library',
    severity: 'error',
    symbol: '',
    since: null,
    message,
    advice,
    notes: [],
  })
  return [...libraries].sort().flatMap((library) => {
    const python = pythonIn(library)
    if (!python) return []
    const name = library.split(/[\\/]/).at(-1)!
    const isDll = /\.dll$/i.test(name)
    if (python.minor !== null) {
      const advice = isDll
        ? `define Py_LIMITED_API for every source, so that it is linked to ` +
          `${claim.abis.includes('abi3t') ? 'python3t' : 'python3'}.dll`
        : 'do not link extension modules to Python: the process that imports them has its symbols'
      return [
        verdict(`it is bound to Python ${showVersion(python.minor)}: it needs \`${isDll ? name : library}\``, advice),
      ]
    }
    if (!isDll) return []
    if (python.isDebug)
      return [verdict(`it needs \`${name}\`, which only debug builds of Python have`, 'build it without _DEBUG')]
    if (!python.isFreeThreaded && claim.abis.includes('abi3t')) {
      const message = `it needs \`${name}\`, which free-threaded Pythons do not have: theirs is \`python3t.dll\``
      return [verdict(message, 'define Py_TARGET_ABI3T and build anew')]
    }
    if (python.isFreeThreaded && claim.abis.includes('abi3') && claim.level !== null && claim.level < oldestAbi3t) {
      const message = `it needs \`${name}\`, which before ${showVersion(oldestAbi3t)} only free-threaded Pythons have`
      return [verdict(message, 'ship a second wheel, linked to python3.dll, for abi3')]
    }
    return []
  })
}
