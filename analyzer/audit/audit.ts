import type { Api } from '../knowledge/api.ts'
import type { Target } from '../knowledge/target.ts'
import type { Minor } from '../knowledge/version.ts'
import { greatest } from '../source/lists.ts'
import { addTo } from '../source/multimap.ts'
import { abiInfoFindings, dataOf, layoutFindings } from './abi3t.ts'
import { type Claim, claimOf } from './claim.ts'
import type { AuditFinding, Bundle, LibraryPart, LibraryPlace } from './finding.ts'
import { type AbiInfo, type Format, isEntry } from './image.ts'
import { BundleExports, importFindings, importsOf, stableSince } from './imports.ts'
import { entryFindings, leftOverFindings, nameFindings, wheelFindings } from './names.ts'
import { libraryName } from './wheel-name.ts'

/** What was learnt of a library that has to do with Python. */
export interface Audited extends LibraryPlace {
  readonly format: Format
  readonly architectures: readonly string[]
  /** How many names of Python's it imports, and how many of those no Python has in its stable ABI. */
  readonly imports: number
  readonly outside: number
  /** Null where it is meant for one Python, or nothing is said. */
  readonly claim: Claim | null
  /**
   * The oldest Python that has all its names of the stable ABI, and those that no older one has; null where there are
   * none.
   */
  readonly needs: { readonly level: Minor; readonly names: readonly string[] } | null
  /** The functions it exports for `import` to call. */
  readonly entries: readonly string[]
  /** What it says of its ABI in `Py_mod_abi`, each once; empty where nothing is found in its data. */
  readonly abi: readonly AbiInfo[]
}

export interface Audit {
  readonly audited: readonly Audited[]
  /** In the order of the files; of one file by name. */
  readonly findings: readonly AuditFinding[]
}

/**
 * Judges libraries by the names that they import and export, and by what they and their wheel are called. Libraries
 * that have nothing to do with Python are passed over.
 * @param target what `--target` says; null to take the wheel's tag, else the file's name
 */
export function audit({ wheel, parts }: Bundle, target: Target | null, api: Api): Audit {
  const audited: Audited[] = []
  const findings: AuditFinding[] = wheel
    ? wheelFindings(wheel).map((verdict) => ({ file: wheel.file, member: '', ...verdict }))
    : []
  const tags = wheel ? (wheel.named ?? wheel.inside) : null
  const bundle = new BundleExports(parts)
  const names = new Map(parts.map((part) => [part, libraryName(part.member || part.file)]))
  const together = new Map<string, LibraryPart[]>()
  const groupOf = (part: LibraryPart): string => `${directory(part)}\n${names.get(part)!.module}`
  for (const part of parts) addTo(together, groupOf(part), part)
  for (const part of parts) {
    const {
      file,
      member,
      binary: { format, images },
    } = part
    const name = names.get(part)!
    const imports = importsOf(part, bundle, api)
    const entries = new Set(images.flatMap(({ exports }) => exports.filter(isEntry)))
    if (imports.length === 0 && entries.size === 0) continue
    const siblings = together.get(groupOf(part))!.flatMap((each) => (each === part ? [] : [names.get(each)!]))
    const { abi } = dataOf(images)
    const claimed = claimOf(name, imports, abi, tags, target)
    const leftOver = claimed === null ? [] : leftOverFindings(name, claimed, siblings)
    // What only one Python loads need not keep to the stable ABI.
    const claim = leftOver.length > 0 ? null : claimed
    for (const verdict of leftOver) findings.push({ file, member, ...verdict })
    const sinces = imports.map((each) => stableSince(each, api))
    const levels = sinces.filter((since) => since !== null)
    const level = levels.length === 0 ? null : greatest(levels)
    audited.push({
      file,
      member,
      format,
      architectures: images.map(({ architecture }) => architecture),
      imports: imports.length,
      outside: imports.length - levels.length,
      claim,
      needs:
        level === null
          ? null
          : { level, names: imports.filter((_, index) => sinces[index] === level).map((each) => each.name) },
      entries: [...entries].sort(),
      abi,
    })
    if (claim === null) continue
    for (const verdict of [
      ...nameFindings(name, claim, tags, siblings),
      ...importFindings(images, imports, claim, api),
      ...entryFindings(name, claim, imports, entries),
      ...abiInfoFindings(images, claim),
      ...layoutFindings(images, imports, claim, entries),
    ])
      findings.push({ file, member, ...verdict })
  }
  return { audited, findings }
}

const directory = ({ file, member }: LibraryPlace): string => (member || file).replace(/[^\\/]*$/, '')
