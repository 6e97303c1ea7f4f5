import type { Fix, Rewrite } from '../fix/fix.ts'
import type { SettledFix } from '../fix/plan.ts'
import type { Minor } from '../knowledge/version.ts'
import type { Span } from '../source/text.ts'

/**
 * `error`: the compiler, the linker or the loader would confirm it. `warning`: a doubt, or a fault that shows at run
 * time only. `info`: worth knowing.
 */
export type Severity = 'error' | 'warning' | 'info'

/**
 * What happens to who leaves it as it is. `build-break`: the compiler or the linker refuses, or would if it checked
 * calls of undeclared functions in C. `import-break`: it builds, and an older Python refuses to load it. `abi-break`:
 * it loads, then reads the wrong memory. `runtime-bug`: wrong in every build. `advice`: nothing breaks.
 */
export type Effect = 'build-break' | 'import-break' | 'abi-break' | 'runtime-bug' | 'advice'

/** What a rule found, at one place. */
export interface Diagnostic {
  /** Name of the rule. */
  readonly rule: string
  readonly severity: Severity
  readonly effect: Effect
  /** Path as reports show it: relative to the project's root, with `/`. */
  readonly file: string
  /** Byte offsets into the file, `end` exclusive. */
  readonly start: number
  readonly end: number
  /** The C API name it is about: `PyTuple_GET_ITEM`, for a field `PyTypeObject.tp_free`; empty where no name fits. */
  readonly symbol: string
  /** What is wrong, one sentence without full stop, C in backquotes. Stands alone. */
  readonly message: string
  /** What to do, one or more sentences; empty where nothing can be said. */
  readonly advice: string
  /** What would do away with it; null for nothing that a program can do. */
  readonly fix: Fix | null
  /** More to know: where a macro is expanded, why the severity is low. */
  readonly notes: readonly string[]
  /** The targets it holds for, as users name them, in the order in which they were asked for. */
  readonly targets: readonly string[]
  /** The CPythons with whose headers it is found as bad as this: `3.15`; in the order in which they were asked. */
  readonly headers: readonly string[]
  /** The level from which on the Limited API has what is used; null where no level does away with the finding. */
  readonly since: Minor | null
}

/** A diagnostic with its place in the units of reports. */
export interface Located extends Omit<Diagnostic, 'fix'> {
  readonly fix: SettledFix | null
  /** From 1. Columns count characters (code points); `endColumn` is exclusive. */
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
  /** The whole lines from `line` to `endLine`, decoded, without line ends; at most three. */
  readonly excerpt: readonly string[]
  /** What it is known by when it has moved, 16 hexadecimal digits; that of others may be the same. */
  readonly fingerprint: string
  /** What few reports need; null where nobody asked for it. */
  readonly details: Details | null
}

/** Places in units that programs want. */
export interface Details {
  /** Columns of the diagnostic from 1, in bytes as the file has them; `endByteColumn` is exclusive. */
  readonly byteColumn: number
  readonly endByteColumn: number
  /** What GitHub's code scanning knows the line by: see `lineHashes`. */
  readonly lineHash: string
  /**
   * What the fix comes to, as one change; null where there is none, or it is more than that: of several files, with an
   * include or a shim, or at places that are far apart.
   */
  readonly substitution: Substitution | null
}

/** Text that takes the place of other text in a file. */
export interface Substitution {
  /** From 1. */
  readonly line: number
  readonly endLine: number
  /** From 1, in UTF-16 code units of the decoded line; `endUtf16Column` is exclusive. */
  readonly utf16Column: number
  readonly endUtf16Column: number
  /** From 1, in bytes as the file has them; `endByteColumn` is exclusive. */
  readonly byteColumn: number
  readonly endByteColumn: number
  /** Decoded. */
  readonly text: string
}

/** A comment that suppresses findings, with its place in the units of reports. */
export interface ReportedSuppression {
  readonly file: string
  /** Of what is written, from 1. */
  readonly line: number
  readonly column: number
  /** What it is for: the lines that it stands on, the code behind it, the file, a region. */
  readonly kind: 'line' | 'next' | 'file' | 'region'
  /** The rules that it names; empty for all. */
  readonly rules: readonly string[]
  /** Empty where none is given. */
  readonly reason: string
  /** What it suppresses. */
  readonly findings: readonly Pick<
    Located,
    'rule' | 'severity' | 'line' | 'column' | 'endLine' | 'endColumn' | 'symbol' | 'message' | 'targets'
  >[]
}

/** A file that could not be read or not be understood as C. */
export interface Problem {
  readonly file: string
  /** What is the matter and what to do. */
  readonly message: string
  /** `error` makes the run exit with 2. */
  readonly severity: 'error' | 'warning'
}

/** Fixes that were made. */
export interface FixesMade {
  /** How many findings were fixed, by the safety of the fix, and in how many files. */
  readonly safe: number
  readonly unsafe: number
  readonly files: number
  /** What the unsafe ones say that they change, each once, as the rest of a sentence. */
  readonly differs: readonly string[]
}

/** A file that a part of a run is about. */
export interface ShardFile {
  readonly file: string
  /** Where it stands among all files of the run, from 0. */
  readonly index: number
  /** Whether it was asked for and read. */
  readonly isChecked: boolean
  /** Bytes that were parsed, 0 where nothing in it concerns the C API. */
  readonly bytes: number
  /** Of its text, 16 hexadecimal digits; null where nobody needs it. */
  readonly digest: string | null
}

/** Which part of a run is asked for, as whoever joins the parts has to know it. */
export interface AskedShard {
  /** From 1 to `count`. */
  readonly number: number
  readonly count: number
  /** What tells the program from other builds of it; empty where that is not known. */
  readonly program: string
  /** What was asked for, relative to the current directory, with `/`. */
  readonly paths: readonly string[]
  /** A digest of what was to be done, but for the number of the part. */
  readonly settings: string
}

/** A part of a run. */
export interface Shard extends AskedShard {
  /** A digest of all that was read, and of how it is compiled: the same for all parts. */
  readonly sources: string
  /** Those that the part is about: each file of the run is in one. */
  readonly files: readonly ShardFile[]
  /** The files that configure builds and were read, by their names; in the first part alone. */
  readonly builds: readonly string[]
}

/** What a run has to say; the input of every report. */
export interface Run {
  /** The part of the run that this is; left out where it is all of it. */
  readonly shard?: Shard
  readonly tool: { readonly name: 'abi3lint'; readonly version: string }
  readonly targets: readonly string[]
  /** The CPythons whose headers were assumed, each on its own, the newest first: `3.15`. */
  readonly headers: readonly string[]
  /** Sorted by file, offset, rule. */
  readonly diagnostics: readonly Located[]
  /** Those in the files that were asked for, sorted by file and offset. */
  readonly suppressions: readonly ReportedSuppression[]
  readonly problems: readonly Problem[]
  /** Fixes that were made before this; null where none was asked for. */
  readonly fixed: FixesMade | null
  /** Findings that are known and not among these; null where there is no baseline. */
  readonly baseline: {
    /** The file, or the commit. */
    readonly name: string
    readonly known: number
    /** How many are known, were looked for and not found. */
    readonly gone: number
    /** What is told of those in the file where that is an error; null where it is none. */
    readonly stale: Problem | null
  } | null
  /** The rules that ran. */
  readonly rules: readonly {
    readonly name: string
    readonly summary: string
    readonly explanation: string
    readonly severity: Severity
    /** The address of the page of CPython's documentation on what the rule is about. */
    readonly page: string
  }[]
  readonly files: {
    /** C and C++ files read. */
    readonly checked: number
    /** The files that configure builds and were read, by their names. */
    readonly ofBuilds: readonly string[]
    /** Bytes in those that were parsed, and how many of them the parser did not understand. */
    readonly parsedBytes: number
    readonly unparsedBytes: number
    /** Spans that the parser did not understand. */
    readonly unparsed: readonly {
      readonly file: string
      readonly line: number
      readonly endLine: number
      readonly bytes: number
    }[]
  }
}

/** All severities, the worst first. */
export const severities = ['error', 'warning', 'info'] as const satisfies readonly Severity[]

/** Whether the first is more severe than the second. */
export const isWorse = (first: Diagnostic, second: Diagnostic): boolean =>
  severities.indexOf(first.severity) < severities.indexOf(second.severity)

/** Whether two fixes come to the same. */
export function sameFix(a: Diagnostic['fix'], b: Diagnostic['fix']): boolean {
  if (a === null || b === null) return a === b
  if (a.kind === 'project' || b.kind === 'project')
    return a.kind === 'project' && b.kind === 'project' && a.change === b.change
  return (
    a.title === b.title &&
    a.safety === b.safety &&
    a.reason === b.reason &&
    a.isOmission === b.isOmission &&
    isSameList(a.includes, b.includes) &&
    isSameList(a.shims, b.shims) &&
    a.rewrites.length === b.rewrites.length &&
    a.rewrites.every((each, index) => isSameRewrite(each, b.rewrites[index]!))
  )
}

const isSameList = (a: readonly string[], b: readonly string[]): boolean =>
  a === b || (a.length === b.length && a.every((each, index) => each === b[index]))

const isSameSpan = (a: Span, b: Span): boolean => a.start === b.start && a.end === b.end

const isSameRewrite = (a: Rewrite, b: Rewrite): boolean =>
  isSameSpan(a, b) &&
  a.pieces.length === b.pieces.length &&
  a.pieces.every((each, index) => {
    const other = b.pieces[index]!
    return typeof each === 'string' || typeof other === 'string' ? each === other : isSameSpan(each, other)
  })
