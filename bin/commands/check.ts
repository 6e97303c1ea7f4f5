import { writeFileSync } from 'node:fs'
import { defaultTarget } from '../../analyzer/check/default-target.ts'
import type { Diagnostic, Located, Problem, Run } from '../../analyzer/check/diagnostic.ts'
import type { Rule } from '../../analyzer/check/rule.ts'
import { runRules } from '../../analyzer/check/run-rules.ts'
import { showTarget, type Target } from '../../analyzer/check/target.ts'
import { showVersion, type Minor } from '../../analyzer/knowledge/version.ts'
import { Lines } from '../../analyzer/source/text.ts'
import { reason } from '../../analyzer/store/sources.ts'
import { formats, type FormatName } from '../../reports/index.ts'
import { problemLines } from '../../reports/problems.ts'
import { Exit } from '../exit.ts'
import { openProject, type ProjectOptions } from '../project.ts'
import type { Terminal } from '../terminal.ts'
import { version } from '../version.ts'

export interface CheckOptions extends ProjectOptions {
  /** Empty to take it from the project. */
  readonly targets: readonly Target[]
  /** The CPython whose headers are assumed; null for the newest known. */
  readonly headers: Minor | null
  readonly quiet: boolean
  readonly rules: readonly Rule[]
  /** At most one without a path: that one goes to stdout. */
  readonly outputs: readonly { readonly format: FormatName; readonly path: string | null }[]
  readonly exitZero: boolean
}

/**
 * `abi3lint check`: reads, checks, reports.
 * @returns the exit code: 2 where something could not be read, else 1 where there are errors, else 0
 */
export async function check(options: CheckOptions, terminal: Terminal): Promise<number> {
  // Loaded now: later the threads that compile the parser's code leave no time for it.
  const { replacements } = await import('../../analyzer/knowledge/replacements/index.ts')
  const outputs = await Promise.all(options.outputs.map(async ({ format, path }) => ({ path, render: await formats[format].load() })))
  const { project, api, analysis, buildFiles, isAsked, problems } = await openProject(options, terminal, 'checking')
  let { targets } = options
  if (targets.length === 0) {
    const { target, source } = defaultTarget(project, api, buildFiles, options.headers)
    targets = [target]
    if (!options.quiet) terminal.complain(`note: target ${showTarget(target)}, from ${source}; --target sets another\n`)
  }
  const diagnostics = runRules(project, buildFiles, options.rules, targets, api, replacements)
  const asked = diagnostics.filter(({ file }) => isAsked(file))

  const lines = new Map<string, Lines>()
  const linesOf = (file: string): Lines => {
    let known = lines.get(file)
    if (!known) {
      const text = analysis.texts.get(file) ?? buildFiles.find(({ path }) => path === file)?.text ?? ''
      lines.set(file, (known = new Lines(text)))
    }
    return known
  }
  const unparsed = analysis.facts.flatMap((facts) =>
    facts.unparsed.map(({ start, end }) => ({
      file: facts.file,
      line: linesOf(facts.file).lineAt(start) + 1,
      endLine: linesOf(facts.file).lineAt(Math.max(start, end - 1)) + 1,
      bytes: end - start,
    })),
  )
  const run: Run = {
    tool: { name: 'abi3lint', version },
    targets: targets.map(showTarget),
    headers: showVersion(targets[0]!.headers),
    diagnostics: asked.map((diagnostic) => located(diagnostic, linesOf(diagnostic.file))),
    problems,
    rules: options.rules.map(({ name, summary, explanation, severity }) => ({ name, summary, explanation, severity })),
    files: {
      checked: analysis.read.size,
      parsedBytes: analysis.parsedBytes,
      unparsedBytes: unparsed.reduce((sum, { bytes }) => sum + bytes, 0),
      unparsed,
    },
  }

  const unwritten: Problem[] = []
  for (const { path, render } of outputs) {
    const toTerminal = path === null
    const text = render(run, toTerminal ? terminal.look : terminal.plainLook)
    if (toTerminal) terminal.write(text)
    else {
      try {
        writeFileSync(path, text)
      } catch (error) {
        unwritten.push({ file: path, message: `cannot be written: ${reason(error)}`, severity: 'error' })
      }
    }
  }
  terminal.complain(problemLines([...problems, ...unwritten], terminal.complaintLook))

  if (unwritten.length > 0 || problems.some(({ severity }) => severity === 'error')) return Exit.unusable
  return !options.exitZero && run.diagnostics.some(({ severity }) => severity === 'error') ? Exit.findings : Exit.clean
}

function located(diagnostic: Diagnostic, lines: Lines): Located {
  const start = lines.position(diagnostic.start)
  const end = lines.position(Math.max(diagnostic.start, diagnostic.end))
  const excerpt: string[] = []
  for (let line = start.line; line <= end.line && excerpt.length < 3; line++) excerpt.push(lines.textOf(line - 1))
  return { ...diagnostic, line: start.line, column: start.column, endLine: end.line, endColumn: end.column, excerpt }
}
