import { audit as judge } from '../../analyzer/audit/audit.ts'
import type { Bundle, LibraryPart } from '../../analyzer/audit/finding.ts'
import type { Problem } from '../../analyzer/check/diagnostic.ts'
import type { Target } from '../../analyzer/knowledge/target.ts'
import { showTarget } from '../../analyzer/knowledge/target.ts'
import { readAsset } from '../../analyzer/store/assets.ts'
import { loadApi } from '../../analyzer/workspace/assets.ts'
import { version } from '../../analyzer/workspace/version.ts'
import { type AuditFormat, type AuditRun, auditFormats } from '../../reports/audit.ts'
import { problemLines } from '../../reports/problems.ts'
import { binaryAt, wheelAt } from '../binaries.ts'
import { Exit, hasErrors } from '../exit.ts'
import { findLibraries } from '../libraries.ts'
import type { Terminal } from '../terminal.ts'

export interface AuditOptions {
  readonly paths: readonly string[]
  /** Null to take the wheel's tag, else the file's name. */
  readonly target: Target | null
  readonly format: AuditFormat
}

/**
 * `abi3lint audit`: reads built extension modules and wheels, judges, reports.
 * @returns the exit code: 2 where something could not be read, else 1 where there are errors, else 0
 */
export async function audit(options: AuditOptions, terminal: Terminal): Promise<number> {
  const problems: Problem[] = []
  const bundles: Bundle[] = []
  const loose: LibraryPart[] = []
  const files = findLibraries(options.paths, problems)
  const progress = terminal.progress('auditing')
  let read = 0
  for (const [index, file] of files.entries()) {
    if (file.toLowerCase().endsWith('.whl')) {
      const bundle = await wheelAt(file, problems)
      if (bundle) bundles.push(bundle)
      read += bundle?.parts.length ?? 0
    } else {
      const binary = binaryAt(file, problems)
      if (binary) loose.push({ file, member: '', binary })
      read += binary ? 1 : 0
    }
    progress.report(index + 1, files.length)
  }
  progress.done()
  if (loose.length > 0) bundles.push({ wheel: null, parts: loose })

  const api = await loadApi(readAsset)
  const audits = bundles.map((bundle) => judge(bundle, options.target, api))
  for (const [index, { wheel }] of bundles.entries()) {
    const isWhole = wheel !== null && !problems.some(({ file }) => file.startsWith(`${wheel.file}/`))
    if (isWhole && audits[index]!.audited.length === 0)
      problems.push({
        file: wheel.file,
        message: 'holds no extension module, so there is nothing to audit',
        severity: 'warning',
      })
  }
  const run: AuditRun = {
    tool: { name: 'abi3lint', version },
    target: options.target && showTarget(options.target),
    audited: audits.flatMap(({ audited }) => audited),
    findings: audits.flatMap(({ findings }) => findings),
    problems,
    libraries: read,
  }
  terminal.write(auditFormats[options.format](run, terminal.look))
  terminal.complain(problemLines(problems, terminal.complaintLook))
  if (hasErrors(problems)) return Exit.unusable
  return hasErrors(run.findings) ? Exit.findings : Exit.clean
}
