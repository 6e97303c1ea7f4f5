import { writeFileSync } from 'node:fs'
import { defaultTarget } from '../../analyzer/build/default-target.ts'
import type { Diagnostic, Located, Problem, Run } from '../../analyzer/check/diagnostic.ts'
import type { Rule } from '../../analyzer/check/rule.ts'
import { runRules } from '../../analyzer/check/run-rules.ts'
import { isShimHeader } from '../../analyzer/fix/recipe-fix.ts'
import { recipes } from '../../analyzer/knowledge/recipes/index.ts'
import { showTarget, type Target } from '../../analyzer/knowledge/target.ts'
import { type Minor, showVersion } from '../../analyzer/knowledge/version.ts'
import { Lines } from '../../analyzer/source/text.ts'
import { reason } from '../../analyzer/store/sources.ts'
import { type FormatName, formats } from '../../reports/index.ts'
import { problemLines } from '../../reports/problems.ts'
import { shimHeader } from '../../rules/shims/header.ts'
import { shims } from '../../rules/shims/index.ts'
import { Exit } from '../exit.ts'
import { type Fixing, fixAll, fixFor, generatedFiles, type Snapshot, shimHeaderPlace, withIncludes } from '../fixing.ts'
import { unsaved } from '../git.ts'
import { type OpenProject, openProject, type ProjectOptions } from '../project.ts'
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
  /** Make the safe fixes. */
  readonly fix: boolean
  /** Make the unsafe ones too, with `fix` or `diff`. */
  readonly unsafeFixes: boolean
  /** Print what fixes would change and write nothing. */
  readonly diff: boolean
  /** Change files that git could not bring back, too. */
  readonly allowDirty: boolean
}

/**
 * `abi3lint check`: reads, checks, reports.
 * @returns the exit code: 2 where something could not be read, else 1 where there are errors, else 0
 */
export async function check(options: CheckOptions, terminal: Terminal): Promise<number> {
  // Loaded now: later the threads that compile the parser's code leave no time for it.
  const { replacements } = await import('../../analyzer/knowledge/replacements/index.ts')
  const levels = new Map([...shims].map(([name, { since }]) => [name, since]))
  const generated = generatedFiles()
  const outputs = await Promise.all(
    options.outputs.map(async ({ format, path }) => ({ path, render: await formats[format].load() })),
  )
  const opened = await openProject(options, terminal, 'checking')
  const { project, api, buildFiles, isAsked } = opened
  const problems = [...opened.problems]
  let { targets } = options
  if (targets.length === 0) {
    const { target, source } = defaultTarget(project, api, buildFiles, options.headers)
    targets = [target]
    if (!options.quiet) terminal.complain(`note: target ${showTarget(target)}, from ${source}; --target sets another\n`)
  }
  const dirty =
    options.fix && !options.diff && !options.allowDirty
      ? unsaved(process.cwd(), [...opened.analysis.texts.keys()])
      : null
  /** Files that fixes are left out of since they are dirty. */
  const left = new Set<string>()
  const lockIn =
    (texts: ReadonlyMap<string, string>) =>
    (file: string): string | null => {
      const maker = generated(file, texts.get(file) ?? '')
      if (maker !== null) return `was made by ${maker}`
      if (!isAsked(file)) return 'is not among the files to check'
      if (!dirty?.has(file)) return null
      left.add(file)
      return 'has changes that git could not bring back'
    }
  const look = ({ project, analysis: { texts, facts } }: OpenProject): Snapshot => ({
    texts,
    diagnostics: runRules(project, buildFiles, options.rules, targets, api, replacements, {
      recipes,
      shims: levels,
      texts,
      locked: lockIn(texts),
    }),
    unparsed: new Map(
      facts.map(({ file, unparsed }) => [file, unparsed.reduce((sum, { start, end }) => sum + end - start, 0)]),
    ),
  })
  let last = opened
  const first = look(opened)
  let { texts, diagnostics } = first
  let fixing: Fixing | null = null
  if (options.fix || options.diff) {
    const mayEdit = (file: string): boolean => {
      if (!isAsked(file)) return false
      if (dirty?.has(file)) left.add(file)
      return !left.has(file)
    }
    const done = await fixAll(
      first,
      ({ safety }) => safety === 'safe' || options.unsafeFixes,
      mayEdit,
      async (changes) => {
        last = await openProject(options, terminal, 'checking', { analysis: last.analysis, changes })
        return look(last)
      },
    )
    fixing = done
    ;({ texts, diagnostics } = done.last)
    if (done.shims.size > 0) {
      fixing = { ...done, changes: withShims(done, texts, Math.min(...targets.map(({ level }) => level))) }
      last = await openProject(options, terminal, 'checking', { analysis: last.analysis, changes: fixing.changes })
      ;({ texts, diagnostics } = look(last))
    }
    problems.push(
      ...done.problems,
      ...[...left].sort().map(
        (file): Problem => ({
          file,
          message: 'has fixes, but changes that git could not bring back; commit or stage it, or pass --allow-dirty',
          severity: 'error',
        }),
      ),
    )
  }
  const { analysis } = last
  const asked = diagnostics.filter(({ file }) => isAsked(file))

  const lines = new Map<string, Lines>()
  const linesOf = (file: string): Lines => {
    let known = lines.get(file)
    if (!known) {
      known = new Lines(texts.get(file) ?? buildFiles.find(({ path }) => path === file)?.text ?? '')
      lines.set(file, known)
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
    diagnostics: asked.map((diagnostic) =>
      located(diagnostic, linesOf(diagnostic.file), texts.get(diagnostic.file) ?? '', generated),
    ),
    fixed: fixing && !options.diff ? { ...fixing.made, files: fixing.changes.size } : null,
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
  if (options.diff) {
    terminal.write(await diffOf(opened, fixing!.changes))
    terminal.complain(problemLines(problems, terminal.complaintLook))
    return problems.some(({ severity }) => severity === 'error')
      ? Exit.unusable
      : fixing!.changes.size > 0 && !options.exitZero
        ? Exit.findings
        : Exit.clean
  }
  for (const [file, text] of fixing?.changes ?? []) {
    const { default: writeFileAtomic } = await import('write-file-atomic')
    try {
      writeFileAtomic.sync(file, Buffer.from(text, 'latin1'))
    } catch (error) {
      unwritten.push({ file, message: `cannot be written: ${reason(error)}`, severity: 'error' })
    }
  }
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

function located(
  diagnostic: Diagnostic,
  lines: Lines,
  text: string,
  generated: ReturnType<typeof generatedFiles>,
): Located {
  const start = lines.position(diagnostic.start)
  const end = lines.position(Math.max(diagnostic.start, diagnostic.end))
  const excerpt: string[] = []
  for (let line = start.line; line <= end.line && excerpt.length < 3; line++) excerpt.push(lines.textOf(line - 1))
  const maker = diagnostic.fix ? generated(diagnostic.file, text) : null
  return {
    ...diagnostic,
    fix: maker === null ? fixFor(diagnostic.fix, text) : null,
    notes:
      maker === null
        ? diagnostic.notes
        : [...diagnostic.notes, `${maker} made this file: it is not fixed here but where it comes from`],
    line: start.line,
    column: start.column,
    endLine: end.line,
    endColumn: end.column,
    excerpt,
  }
}

/** What was changed, with the header of the shims, and its includes. @param level the lowest that is built for */
function withShims(
  { changes, shims: used }: Fixing,
  texts: ReadonlyMap<string, string>,
  level: Minor,
): ReadonlyMap<string, string> {
  const present = [...texts.keys()].find((file) => isShimHeader.test(file))
  const { path, include } = shimHeaderPlace([...used.keys()], present ?? null)
  const before =
    present === undefined
      ? []
      : [...shims.keys()].filter((name) => new RegExp(`\\b${name}\\b`).test(texts.get(present)!))
  const result = new Map(changes)
  for (const file of used.keys()) result.set(file, withIncludes(result.get(file)!, [include(file)]))
  return result.set(
    path,
    shimHeader(new Set([...before, ...[...used.values()].flatMap((names) => [...names])].sort()), level),
  )
}

/** One unified diff that `git apply` takes, of all files that changed. */
async function diffOf({ analysis }: OpenProject, changes: ReadonlyMap<string, string>): Promise<Uint8Array> {
  const { createTwoFilesPatch } = await import('diff')
  const shown = [...changes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, text]) => {
      const old = analysis.texts.get(file)
      const patch = createTwoFilesPatch(
        old === undefined ? '/dev/null' : `a/${file}`,
        `b/${file}`,
        old ?? '',
        text,
        '',
        '',
        { context: 3 },
      )
      return patch.replace(/^=+\n/, '').replace(/^(---|\+\+\+) ([^\t\n]*)\t$/gm, '$1 $2')
    })
  return Buffer.from(shown.join(''), 'latin1')
}
