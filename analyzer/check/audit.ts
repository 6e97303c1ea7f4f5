import type { Binary, Format } from '../binary/image.ts'
import type { Api } from '../knowledge/api.ts'
import type { Minor } from '../knowledge/version.ts'
import { importFindings, importsOf, stableSince } from './audit-imports.ts'
import { entryFindings, nameFindings, wheelFindings } from './audit-names.ts'
import { type Claim, claimOf } from './claim.ts'
import type { Severity } from './diagnostic.ts'
import type { Target } from './target.ts'
import { libraryName, type WheelTags } from './wheel-name.ts'

/** What can be wrong with a built extension module. */
export type AuditRule =
  | 'import-outside-abi'
  | 'import-newer-than-target'
  | 'wrong-python-library'
  | 'wrong-file-name'
  | 'wrong-wheel-tag'
  | 'module-entry'

/** Where it is: a file, or a file in a wheel. */
export interface Place {
  /** As the user knows it: `dist/x-1.0-cp39-abi3-win_amd64.whl`. */
  readonly file: string
  /** Path inside the wheel; empty for the wheel itself and outside of wheels. */
  readonly member: string
}

/** What is wrong, apart from where. */
export interface Verdict {
  readonly rule: AuditRule
  readonly severity: Severity
  /** The name of the C API it is about; empty where it is about none. */
  readonly symbol: string
  /** First Python that offers the symbol as part of its stable ABI; null where none does, or where it is about none. */
  readonly since: Minor | null
  /** What is wrong, one sentence without full stop, C and file names in backquotes. */
  readonly message: string
  /** What to do; empty where nothing can be said. */
  readonly advice: string
  readonly notes: readonly string[]
}

export interface AuditFinding extends Place, Verdict {}

/** A library as it was read. */
export interface Part extends Place {
  readonly binary: Binary
}

/** Files that are installed together: the libraries of a wheel, or all files of a run that are in none. */
export interface Bundle {
  /** Null outside of wheels. */
  readonly wheel: Wheel | null
  readonly parts: readonly Part[]
}

export interface Wheel {
  readonly file: string
  /** By its name, and by what it says inside; null where that is missing. */
  readonly named: WheelTags | null
  readonly inside: WheelTags | null
}

/** What was learnt of a library that has to do with Python. */
export interface Audited extends Place {
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
}

export interface Audit {
  readonly audited: readonly Audited[]
  /** In the order of the files; of one file by name. */
  readonly findings: readonly AuditFinding[]
}

const isEntry = (name: string): boolean => /^Py(?:Init|ModExport)U?_/.test(name)

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
  for (const part of parts) {
    const {
      file,
      member,
      binary: { format, images },
    } = part
    const name = libraryName(member || file)
    const imports = importsOf(part, parts, api)
    const entries = new Set(images.flatMap(({ exports }) => exports.filter(isEntry)))
    if (imports.length === 0 && entries.size === 0) continue
    const claim = claimOf(name, imports, tags, target)
    const sinces = imports.map((each) => stableSince(each, api))
    const levels = sinces.filter((since) => since !== null)
    const level = levels.length === 0 ? null : Math.max(...levels)
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
    })
    if (claim === null) continue
    const siblings = parts
      .filter((each) => each !== part && directory(each) === directory(part))
      .map((each) => libraryName(each.member || each.file))
    findings.push(
      ...[
        ...nameFindings(
          name,
          claim,
          tags,
          siblings.filter(({ module }) => module === name.module),
        ),
        ...importFindings(images, imports, claim, api),
        ...entryFindings(name, claim, imports, entries),
      ].map((verdict) => ({ file, member, ...verdict })),
    )
  }
  return { audited, findings }
}

const directory = ({ file, member }: Place): string => (member || file).replace(/[^\\/]*$/, '')
