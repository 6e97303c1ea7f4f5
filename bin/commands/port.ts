import { existsSync, readFileSync } from 'node:fs'
import type { Problem } from '../../analyzer/check/diagnostic.ts'
import { showTarget, type Target } from '../../analyzer/knowledge/target.ts'
import type { Minor } from '../../analyzer/knowledge/version.ts'
import { type PortResult, type PortStep, port as portWorkspace, takeBack } from '../../analyzer/workspace/port.ts'
import { portText } from '../../reports/port.ts'
import { problemLines } from '../../reports/problems.ts'
import { verificationText } from '../../reports/verification.ts'
import { Exit, hasErrors } from '../exit.ts'
import { git, unsaved } from '../git.ts'
import { openProject, type ProjectOptions } from '../project.ts'
import type { Terminal } from '../terminal.ts'
import { findJudges, type VerifyOptions } from '../verify/judges.ts'
import { verify } from '../verify/verify.ts'
import { diffOf, writeChanges } from '../write.ts'

export interface PortOptions extends ProjectOptions {
  /** Of one level, with each of the headers to assume; empty to take it from the project. */
  readonly targets: readonly Target[]
  readonly headers: Minor | null
  readonly quiet: boolean
  /** Print what would change and write nothing. */
  readonly diff: boolean
  /** Change files that git could not bring back, too. */
  readonly allowDirty: boolean
  /** Commit each step. */
  readonly commits: boolean
  /** Build and test before and after; null for neither. */
  readonly verify: VerifyOptions | null
}

/**
 * `abi3lint port`: makes all fixes, heap types of static types, and the build limited; says what is left.
 * @returns the exit code: 2 where something could not be read or written, or the project cannot be built or tested as
 * it is; else 1 where errors are left, steps were taken back or a difference was shown; else 0
 */
export async function port(options: PortOptions, terminal: Terminal): Promise<number> {
  const { workspace, problems: others } = await openProject(options, terminal, 'porting')
  const files = [...workspace.files, ...workspace.manifests, ...workspace.buildFiles]
  const refused = refusal(options, files)
  if (refused.length > 0) {
    terminal.complain(problemLines(refused, terminal.complaintLook))
    return Exit.unusable
  }
  const target = options.targets[0] ?? workspace.defaultTarget(options.headers).target
  const judges = options.verify && (await findJudges(options.verify, options.paths, target.level))
  if (Array.isArray(judges)) {
    terminal.complain(problemLines(judges, terminal.complaintLook))
    return Exit.unusable
  }
  const before = new Map(files.map((file) => [file, workspace.read(file)]))
  const { targets, headers } = options
  const asked = { targets, headers }
  const made = await portWorkspace(workspace, target.level, asked)
  const seen = new Map([...allChanges(made).keys()].map((file) => [file, onDisk(file)]))
  const verified =
    judges && made.steps.length > 0
      ? await verify(
          made,
          judges,
          (kept, limits) => takeBack(workspace, target.level, asked, made, kept, limits),
          terminal,
        )
      : { port: made, verification: null }
  if (Array.isArray(verified)) {
    terminal.complain(problemLines(verified, terminal.complaintLook))
    return Exit.unusable
  }
  const { port: result, verification } = verified
  const isWhole = (verification?.takenBack.length ?? 0) === 0
  const problems = [...result.run.problems, ...others]
  if (options.diff) {
    const changes = allChanges(result)
    if (verification !== null) terminal.complain(verificationText(verification, terminal.complaintLook))
    terminal.write(await diffOf(changes, (file) => before.get(file) ?? null))
    terminal.complain(problemLines(problems, terminal.complaintLook))
    if (hasErrors(problems)) return Exit.unusable
    return changes.size > 0 || !isWhole ? Exit.findings : Exit.clean
  }
  const stale = changedSince(seen)
  if (stale.length > 0) {
    terminal.complain(problemLines(stale, terminal.complaintLook))
    return Exit.unusable
  }
  const unwritten = options.commits
    ? await commit(result.steps, showTarget(target))
    : await writeChanges(allChanges(result))
  if (verification !== null) terminal.write(verificationText(verification, terminal.look))
  terminal.write(portText(result, terminal.look))
  terminal.complain(problemLines([...problems, ...unwritten], terminal.complaintLook))
  if (unwritten.length > 0 || hasErrors(problems)) return Exit.unusable
  return isWhole && !hasErrors(result.run.diagnostics) ? Exit.clean : Exit.findings
}

/** What all steps make of the files that change. */
const allChanges = ({ steps }: PortResult): ReadonlyMap<string, Uint8Array> =>
  new Map(steps.flatMap(({ changes }) => [...changes]))

/** The bytes of a file as it is on the disk; null where there is none. */
const onDisk = (file: string): Buffer | null => (existsSync(file) ? readFileSync(file) : null)

const sameBytes = (one: Buffer | null, other: Buffer | null): boolean =>
  one === null || other === null ? one === other : one.equals(other)

/** Files that somebody changed while others were built: what was made of them is not written over that. */
const changedSince = (before: ReadonlyMap<string, Buffer | null>): Problem[] =>
  [...before]
    .filter(([file, old]) => !sameBytes(onDisk(file), old))
    .map(([file]) => ({ file, message: 'was changed meanwhile, so nothing is written', severity: 'error' }))

/** Why nothing is changed: files have changes that git could not bring back, or there is nothing to commit to. */
function refusal({ diff, allowDirty, commits }: PortOptions, files: readonly string[]): Problem[] {
  if (diff) return []
  const root = process.cwd()
  const dirty = allowDirty && !commits ? new Set<string>() : unsaved(root, files)
  if (commits && dirty === null) return [{ file: '--commits', message: 'this is no git repository', severity: 'error' }]
  if (commits && git(root, 'diff', '--cached', '--name-only') !== '')
    return [{ file: '--commits', message: 'something is staged already; commit it first', severity: 'error' }]
  return [...(dirty ?? [])].map((file) => ({
    file,
    message: `has changes that git could not bring back; commit them${commits ? '' : ', or pass --allow-dirty'}`,
    severity: 'error',
  }))
}

/** Writes and commits each step. @returns what could not be written or committed, after which nothing more is done */
async function commit(steps: readonly PortStep[], target: string): Promise<Problem[]> {
  const root = process.cwd()
  for (const step of steps) {
    const problems = await writeChanges(step.changes)
    if (problems.length > 0) return problems
    const files = [...step.changes.keys()]
    try {
      git(root, 'add', '--', ...files)
      git(root, 'commit', '-q', '-m', messageOf(step, target), '--', ...files)
    } catch (error) {
      return [{ file: 'git', message: (error as Error).message, severity: 'error' }]
    }
  }
  return []
}

const messages: Readonly<Record<PortStep['kind'], (target: string) => readonly [string, string]>> = {
  'safe fixes': (target) => [
    `Use what the Limited API of Python ${target} has`,
    'Names, macros and fields that the Limited API lacks are replaced by what it has. In a build without ' +
      '`Py_LIMITED_API`\nthe code does what it did.',
  ],
  'unsafe fixes': (target) => [
    `Replace what the Limited API of Python ${target} lacks`,
    'What takes its place is not the same in every case.',
  ],
  'static types': () => [
    'Make heap types of static types',
    'The Limited API has no `PyTypeObject` with fields: types are made at run time, of a `PyType_Spec`.',
  ],
  build: (target) => [
    `Build for the stable ABI of Python ${target} and later`,
    'One binary serves this version and all later ones.',
  ],
}

/** The message of a commit: what, why, and what differs. */
function messageOf({ kind, differs }: PortStep, target: string): string {
  const [subject, why] = messages[kind](target)
  const list = differs.length > 0 ? `\n\nWhat may differ:\n${differs.map((each) => `- ${each}`).join('\n')}` : ''
  return `${subject}\n\n${why}${list}\n`
}
