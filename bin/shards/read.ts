import type { Located, Run, Shard } from '../../analyzer/check/diagnostic.ts'
import type { Rule } from '../../analyzer/check/rule.ts'
import { reason } from '../../analyzer/store/reason.ts'
import { toldOf } from '../../analyzer/workspace/run.ts'
import { version } from '../../analyzer/workspace/version.ts'
import { schemaVersion } from '../../reports/json.ts'
import { type DiagnosticOfShard, digestOfParts } from '../../reports/shard.ts'
import { buildIdentity } from '../cache.ts'
import { UsageError } from '../exit.ts'
import { bytesAt } from '../write/stage.ts'

/** Reports in JSON that are parts of a run, read back. */

/** A part of a run. */
export interface Part {
  /** The file, as messages name it. */
  readonly name: string
  readonly run: Run
  readonly shard: Shard
}

type ShownFix = Omit<Extract<NonNullable<Located['fix']>, { readonly kind: 'file' }>, 'kind' | 'edits'> & {
  readonly edits: readonly { readonly startByte: number; readonly endByte: number; readonly text: string }[]
}

type Shown = Omit<Located, 'start' | 'end' | 'fix' | 'excerpt' | 'details' | 'since'> & {
  readonly startByte: number
  readonly endByte: number
  readonly fixes: readonly ShownFix[]
  readonly shard: DiagnosticOfShard
}

/** What a report holds that is as `json` writes it. */
interface Report {
  readonly schemaVersion: number
  readonly tool: Run['tool']
  readonly targets: Run['targets']
  readonly headerSets: Run['headers']
  readonly diagnostics: readonly Shown[]
  readonly suppressions: Run['suppressions']
  readonly problems: Run['problems']
  readonly summary: {
    readonly filesChecked: number
    readonly parsedBytes: number
    readonly unparsedBytes: number
    readonly unparsed: Run['files']['unparsed']
  }
  readonly shard?: Shard & { readonly rules: readonly string[]; readonly digest: string }
}

type Change = Extract<NonNullable<Located['fix']>, { readonly kind: 'project' }>['change']

/** Reads parts of runs. Fixes that are the same change of several files are known for that in all of them. */
export class PartReader {
  private readonly changes = new Map<string, Change>()
  private readonly rules: ReadonlyMap<string, Rule>

  constructor(rules: readonly Rule[]) {
    this.rules = new Map(rules.map((each) => [each.name, each]))
  }

  /** @throws UsageError for a file that is not there, no part of a run, or of another version; with what to do */
  read(name: string): Part {
    const report = reportIn(name)
    const { shard } = report
    if (shard === undefined)
      throw new UsageError(
        `${name}: was written without --shard, and lacks what other reports tell; ` +
          '`--shard 1/1 -f json=FILE` writes a whole run so that it can be merged',
      )
    if (!isAsWritten(report)) throw new UsageError(`${name}: was cut or changed after abi3lint wrote it`)
    const { rules, digest: _, ...part } = shard
    const { summary } = report
    const run: Run = {
      tool: report.tool,
      targets: report.targets,
      headers: report.headerSets,
      diagnostics: report.diagnostics.map((each) => this.diagnostic(each)),
      suppressions: report.suppressions,
      problems: report.problems,
      fixed: null,
      baseline: null,
      rules: rules.map((each) => toldOf(this.rules.get(each)!)),
      files: {
        checked: summary.filesChecked,
        ofBuilds: part.builds,
        parsedBytes: summary.parsedBytes,
        unparsedBytes: summary.unparsedBytes,
        unparsed: summary.unparsed,
      },
    }
    return { name, run, shard: part }
  }

  private diagnostic({ startByte, endByte, fixes, shard, ...told }: Shown): Located {
    const { excerpt, details, since, change } = shard
    const fix = fixes[0] === undefined ? null : this.fix(fixes[0], change)
    return { ...told, start: startByte, end: endByte, fix, excerpt, details, since }
  }

  private fix({ title, safety, reason: why, edits, includes, shims }: ShownFix, change: string | null): Located['fix'] {
    if (change !== null) return { kind: 'project', title, safety, reason: why, change: this.change(change) }
    const own = edits.map((each) => ({ start: each.startByte, end: each.endByte, text: each.text }))
    return { kind: 'file', title, safety, reason: why, edits: own, includes, shims }
  }

  /** What a change does is of no matter for reports, only that it is the same one. */
  private change(digest: string): Change {
    let change = this.changes.get(digest)
    if (change === undefined) {
      change = { edits: new Map(), shims: new Map() }
      this.changes.set(digest, change)
    }
    return change
  }
}

function reportIn(name: string): Report {
  const report = parsed(name)
  const { schemaVersion: schema, tool } = report
  if (typeof schema !== 'number' || tool?.name !== 'abi3lint')
    throw new UsageError(`${name}: is no report of abi3lint in JSON`)
  if (schema !== schemaVersion)
    throw new UsageError(`${name}: is of version ${schema} of the schema, and this is for ${schemaVersion}`)
  const same = 'one version makes all parts, and merges them'
  if (tool.version !== version)
    throw new UsageError(`${name}: was written by abi3lint ${tool.version}, and this is ${version}: ${same}`)
  if (report.shard !== undefined && report.shard.program !== (buildIdentity() ?? ''))
    throw new UsageError(`${name}: was written by another build of abi3lint ${version}: ${same}`)
  return report
}

/** The report in a file, of which nothing is known but that it is JSON. */
function parsed(name: string): Report {
  let text: string
  try {
    const bytes = bytesAt(name)
    if (bytes === null) throw new UsageError(`${name}: there is no such file`)
    text = bytes.toString('utf8')
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`${name}: cannot be read: ${reason(error)}`)
  }
  try {
    return (JSON.parse(text) ?? {}) as Report
  } catch (error) {
    throw new UsageError(`${name}: is no JSON, or was cut: ${(error as Error).message}`)
  }
}

function isAsWritten(report: Report): boolean {
  const { digest, ...shard } = report.shard!
  try {
    // The keys stay in their places.
    return digestOfParts({ ...report, diagnostics: [], shard }, report.diagnostics, (each) => each) === digest
  } catch {
    return false
  }
}
