import { showAbiInfo } from '../analyzer/audit/abi-info.ts'
import type { Audited } from '../analyzer/audit/audit.ts'
import type { AuditFinding, LibraryPlace } from '../analyzer/audit/finding.ts'
import type { Problem } from '../analyzer/check/diagnostic.ts'
import { type Minor, oldest, showVersion } from '../analyzer/knowledge/version.ts'
import { shownName } from './file-name.ts'
import { paint, type TextStyle } from './full.ts'
import { jsonText } from './json-text.ts'
import { printable } from './printable.ts'
import { count, severityCounts, tally } from './tally.ts'
import { wrap } from './wrap.ts'

/** What a run of `audit` has to say. */
export interface AuditRun {
  readonly tool: { readonly name: 'abi3lint'; readonly version: string }
  /** What `--target` says; null where it is not given. */
  readonly target: string | null
  /** The libraries that have to do with Python, in the order in which they were read, with what is wrong. */
  readonly audited: readonly Audited[]
  readonly findings: readonly AuditFinding[]
  readonly problems: readonly Problem[]
  /** Libraries read, with those that have nothing to do with Python. */
  readonly libraries: number
}

export type AuditFormat = 'full' | 'concise' | 'json'

/** What writes each format, as pure text that ends in a line feed unless it is empty. */
export const auditFormats: Readonly<Record<AuditFormat, (run: AuditRun, look: TextStyle) => string>> = {
  full,
  concise,
  json,
}

/** The version of the schema in `audit.schema.json`. It is raised when a property changes its meaning or goes away. */
export const auditSchemaVersion = 1

const placeOf = ({ file, member }: LibraryPlace): string => (member === '' ? file : `${file}/${member}`)

/** For people: each finding with help and notes, then each library with what it needs, then a summary. */
function full(run: AuditRun, look: TextStyle): string {
  const { chalk } = look
  const width = Math.max(40, look.width)
  const blocks = run.findings.map((finding) => {
    const { rule, severity, message, advice, notes } = finding
    const remark = (label: string, text: string): string[] => {
      const lead = ` = ${label}: `
      const [first, ...rest] = wrap(text, width - lead.length)
      return [
        ` ${chalk.blue('=')} ${chalk.bold(`${label}:`)} ${first}`,
        ...rest.map((part) => ' '.repeat(lead.length) + part),
      ]
    }
    return [
      `${paint(chalk, severity).bold(`${severity}[${rule}]`)}${chalk.bold(`: ${printable(message)}`)}`,
      `${chalk.blue('-->')} ${shownName(placeOf(finding))}`,
      ...(advice === '' ? [] : remark('help', advice)),
      ...notes.flatMap((note) => remark('note', note)),
    ].join('\n')
  })
  const files = [...new Set(run.audited.map(({ file }) => file))]
  const lines = files.map(
    (file) => `${shownName(file)}: ${printable(describe(run.audited.filter((each) => each.file === file)))}`,
  )
  return `${[...blocks, [...lines, verdict(run)].join('\n')].join('\n\n')}\n`
}

/** What a file is, needs and claims; of a wheel, what the neediest of its modules needs. */
function describe(modules: readonly Audited[]): string {
  const { format } = modules[0]!
  const architectures = [...new Set(modules.flatMap((each) => each.architectures))].join(', ')
  const neediest = modules.reduce((worst, each) =>
    (each.needs?.level ?? 0) > (worst.needs?.level ?? 0) ? each : worst,
  )
  const claimed = modules.find(({ claim }) => claim !== null)?.claim ?? null
  const outside = modules.reduce((sum, each) => sum + each.outside, 0)
  const said = [...new Set(modules.flatMap(({ abi }) => abi.map(showAbiInfo)))]
  return [
    `${modules.length > 1 ? `${modules.length} modules, ` : ''}${format} ${architectures}`,
    needed(neediest),
    ...(said.length > 0 ? [`says in Py_mod_abi that it is for ${said.join(' and ')}`] : []),
    claimed === null
      ? `claims no stable ABI${outside > 0 ? `, and imports ${count(outside, 'name')} outside of it` : ''}`
      : claimed.level === null
        ? `claims ${claimed.abis.join(' and ')} (${claimed.source}), from no version on; --target checks against one`
        : `claims ${claimed.abis.join(' and ')} from ${showVersion(claimed.level)} on (${claimed.source})`,
  ].join('; ')
}

function needed({ needs, member }: Audited): string {
  if (needs === null) return 'imports nothing of the stable ABI'
  const [first, ...others] = needs.names
  // All Pythons with a stable ABI have these.
  if (needs.level <= oldest) return `needs ${showVersion(needs.level)}`
  const names = `${first}${others.length > 0 ? ` and ${count(others.length, 'other')}` : ''}`
  return `needs ${showVersion(needs.level)} (${names}${member === '' ? '' : `, in ${member}`})`
}

/** The outcome in one sentence. Claims "all clear" only where every file could be read. */
function verdict({ audited, findings, problems }: AuditRun): string {
  const where = count(audited.length, 'module')
  if (findings.length > 0) {
    const hit = new Set(findings.map(placeOf)).size
    return `Found ${severityCounts(findings)} in ${hit === 1 ? 'one place' : `${hit} places`}; ${where} audited.`
  }
  const failed = problems.filter(({ severity }) => severity === 'error').length
  if (failed > 0) return `Found nothing in ${where}; ${count(failed, 'file')} could not be audited.`
  return audited.length === 0 ? 'No extension modules to audit.' : `All clear: ${where}.`
}

/** For editors and other readers of lines: `path: error[rule] message`. */
function concise({ findings }: AuditRun): string {
  return findings
    .map(
      (finding) =>
        `${shownName(placeOf(finding))}: ${finding.severity}[${finding.rule}] ${printable(finding.message)}\n`,
    )
    .join('')
}

/** For programs, as `audit.schema.json` describes it. */
function json({ tool, target, audited, findings, problems, libraries }: AuditRun): string {
  const version = (minor: Minor | null): string | null => (minor === null ? null : showVersion(minor))
  return jsonText({
    schemaVersion: auditSchemaVersion,
    tool: { name: tool.name, version: tool.version },
    target,
    modules: audited.map(({ file, member, format, architectures, imports, outside, claim, needs, entries, abi }) => ({
      file,
      member,
      format,
      architectures,
      imports,
      outside,
      claim: claim && { abis: claim.abis, level: version(claim.level), source: claim.source },
      needs: needs && { level: version(needs.level), names: needs.names },
      entries,
      abi: abi.map(({ flags, built, version: hex }) => ({ flags, built, version: hex })),
    })),
    findings: findings.map(({ rule, severity, file, member, symbol, since, message, advice, notes }) => ({
      rule,
      severity,
      file,
      member,
      symbol,
      since: version(since),
      message,
      advice,
      notes,
    })),
    problems: problems.map(({ file, message, severity }) => ({ file, message, severity })),
    summary: { bySeverity: tally(findings), libraries, modules: audited.length },
  })
}
