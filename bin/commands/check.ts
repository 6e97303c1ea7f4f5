import { readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { defaultTarget } from '../../analyzer/check/default-target.ts'
import type { BuildFile } from '../../analyzer/check/build-file.ts'
import type { Diagnostic, Located, Problem, Run } from '../../analyzer/check/diagnostic.ts'
import type { Rule } from '../../analyzer/check/rule.ts'
import { runRules } from '../../analyzer/check/run-rules.ts'
import { showTarget, type Target } from '../../analyzer/check/target.ts'
import { showVersion, type Minor } from '../../analyzer/knowledge/version.ts'
import { linkProject } from '../../analyzer/project/model.ts'
import { asByteText, Lines } from '../../analyzer/source/text.ts'
import { analyze } from '../../analyzer/store/analyze.ts'
import { reason } from '../../analyzer/store/sources.ts'
import { formats, type FormatName } from '../../reports/index.ts'
import { problemLines } from '../../reports/problems.ts'
import { buildFileNames, discover } from '../discover.ts'
import { Exit } from '../exit.ts'
import { loadApi } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import { version } from '../version.ts'

export interface CheckOptions {
  readonly paths: readonly string[]
  /** Empty to take it from the project. */
  readonly targets: readonly Target[]
  /** The CPython whose headers are assumed; null for the newest known. */
  readonly headers: Minor | null
  readonly quiet: boolean
  readonly rules: readonly Rule[]
  /** At most one without a path: that one goes to stdout. */
  readonly outputs: readonly { readonly format: FormatName; readonly path: string | null }[]
  readonly exitZero: boolean
  /** Threads to use, from 1. */
  readonly jobs: number
}

/**
 * `abi3lint check`: reads, checks, reports.
 * @returns the exit code: 2 where something could not be read, else 1 where there are errors, else 0
 */
export async function check(options: CheckOptions, terminal: Terminal): Promise<number> {
  // Loaded now: later the threads that compile the parser's code leave no time for it.
  const { replacements } = await import('../../analyzer/knowledge/replacements/index.ts')
  const outputs = await Promise.all(options.outputs.map(async ({ format, path }) => ({ path, render: await formats[format].load() })))
  const root = process.cwd()
  const found = discover(root, options.paths)
  const api = loadApi()
  const progress = terminal.progress('checking')
  const analysis = await analyze(root, found.sources, api.vocabulary(), options.jobs, progress.report)
  progress.done()

  const project = linkProject(analysis.facts)
  // The project's own configuration tells its target, even where only some files were asked for.
  const buildFiles = [...new Set([...found.buildFiles, ...buildFileNames])].flatMap((path) => readBuildFile(root, path))
  let { targets } = options
  if (targets.length === 0) {
    const { target, source } = defaultTarget(project, api, buildFiles, options.headers)
    targets = [target]
    if (!options.quiet) terminal.complain(`note: target ${showTarget(target)}, from ${source}; --target sets another\n`)
  }
  const diagnostics = runRules(project, buildFiles, options.rules, targets, api, replacements)
  const asked = diagnostics.filter(({ file }) => analysis.read.has(file) || found.buildFiles.includes(file))

  const lines = new Map<string, Lines>()
  const linesOf = (file: string): Lines => {
    let known = lines.get(file)
    if (!known) {
      const text = analysis.texts.get(file) ?? buildFiles.find(({ path }) => path === file)?.text ?? ''
      lines.set(file, (known = new Lines(text)))
    }
    return known
  }
  const named = new Set(options.paths.map((path) => relative(root, resolve(root, path)).split(sep).join('/')))
  const problems: Problem[] = [
    // A link that leads nowhere may be an editor's lock file.
    ...found.problems.map(({ file, message, named: asked }): Problem => ({ file, message, severity: asked ? 'error' : 'warning' })),
    ...analysis.problems.map(({ file, message, unreadable }): Problem => ({ file, message, severity: unreadable || named.has(file) ? 'error' : 'warning' })),
  ]
  if (found.sources.length === 0 && problems.length === 0) {
    problems.push({ file: options.paths.join(' '), message: 'holds no C or C++ files', severity: 'warning' })
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

function readBuildFile(root: string, path: string): BuildFile[] {
  const kind = path.split('/').at(-1) as BuildFile['kind']
  try {
    return [{ kind, path, text: asByteText(readFileSync(join(root, path))) }]
  } catch {
    return []
  }
}
