import type { Problem } from '../../analyzer/check/diagnostic.ts'
import { showTarget, type Target } from '../../analyzer/knowledge/target.ts'
import type { Minor } from '../../analyzer/knowledge/version.ts'
import { asByteText } from '../../analyzer/source/text.ts'
import { type PortResult, type PortStep, port as portWorkspace, takeBack } from '../../analyzer/workspace/port.ts'
import { isShimHeader } from '../../analyzer/workspace/shims.ts'
import { movedLines } from '../../reports/moved-lines.ts'
import { portText } from '../../reports/port.ts'
import { problemLines } from '../../reports/problems.ts'
import { verificationText } from '../../reports/verification.ts'
import { Exit, hasErrors } from '../exit.ts'
import { openProject, type ProjectOptions } from '../project.ts'
import { rulesOf } from '../rule-selection.ts'
import { Saved } from '../saved.ts'
import type { Terminal } from '../terminal.ts'
import { findJudges, type VerifyOptions } from '../verify/judges.ts'
import { verify } from '../verify/verify.ts'
import { announce, type CommittedFile, commit, problemsOfCommits, problemsOfFiles } from '../write/commits.ts'
import { diffOf } from '../write/diff.ts'
import { type FileChange, writeFiles } from '../write/transaction.ts'

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
  const project = await openProject({ ...options, writes: !options.diff }, terminal, 'porting')
  const { workspace, problems: others } = project
  if (workspace.files.length === 0) {
    const said = [...workspace.problems, ...others]
    if (!options.diff) terminal.write('No C or C++ files to port.\n')
    terminal.complain(problemLines(said, terminal.complaintLook))
    return hasErrors(said) ? Exit.unusable : Exit.clean
  }
  const commits = options.commits && !options.diff
  const refused = commits ? problemsOfCommits(project.repository) : []
  if (refused.length > 0) return refuse([...others, ...refused], terminal)
  const target = options.targets[0] ?? workspace.defaultTarget(options.headers).target
  const judges = options.verify && (await findJudges(options.verify, options.paths, target.level))
  if (Array.isArray(judges)) return refuse(judges, terminal)
  const { targets, headers } = options
  // A header of shims that files include may stand anywhere.
  const locked = (file: string): string | null => (isShimHeader.test(file) ? project.outside(file) : null)
  const { severityOf } = await rulesOf({ select: [], ignore: [] }, options.configuration)
  const asked = { targets, headers, locked, severityOf }
  const done = terminal.stage('porting: fixes, heap types, the build')
  const made = await portWorkspace(workspace, target.level, asked).finally(done)
  const { before } = made
  const lost = options.diff ? [] : unsaved(options, before)
  const unwanted = [
    ...lost,
    ...(commits && lost.length === 0
      ? problemsOfFiles(project.repository, committedFiles(allChanges(made), before))
      : []),
  ]
  if (unwanted.length > 0) return refuse([...others, ...unwanted], terminal)
  const verified =
    judges && made.steps.length > 0
      ? await verify(
          made,
          judges,
          (kept, limits) => takeBack(workspace, target.level, asked, made, kept, limits),
          terminal,
        )
      : { port: made, verification: null }
  if (Array.isArray(verified)) return refuse(verified, terminal)
  const { port: result, verification } = verified
  const isWhole = (verification?.takenBack.length ?? 0) === 0
  const problems = [...result.run.problems, ...others, ...problemsOfLeft(result)]
  if (options.diff) {
    const changes = allChanges(result)
    if (verification !== null) terminal.complain(verificationText(verification, terminal.complaintLook))
    terminal.write(await diffOf(changes, (file) => before.get(file) ?? null, terminal.look.chalk))
    terminal.complain(problemLines(problems, terminal.complaintLook))
    if (hasErrors(problems)) return Exit.unusable
    return changes.size > 0 || !isWhole ? Exit.findings : Exit.clean
  }
  const steps = options.commits ? result.steps : [{ kind: null, changes: allChanges(result), differs: [] }]
  const unwritten = await writeSteps(steps, before, project.repository, showTarget(target))
  if (hasErrors(unwritten)) {
    terminal.complain(problemLines([...problems, ...unwritten], terminal.complaintLook))
    return Exit.unusable
  }
  if (verification !== null) terminal.write(verificationText(verification, terminal.look))
  terminal.write(portText({ ...result, steps: placedNow(result) }, terminal.look))
  terminal.complain(problemLines([...problems, ...unwritten], terminal.complaintLook))
  if (hasErrors(problems)) return Exit.unusable
  return isWhole && !hasErrors(result.run.diagnostics) ? Exit.clean : Exit.findings
}

/** What is said of files that were left as they are. */
const problemsOfLeft = ({ left }: PortResult): readonly Problem[] =>
  left.map(({ file, why }) => ({ file, message: `has fixes, but ${why}`, severity: 'warning' }))

/** The steps, with what is to be read in them at its places in the texts as they are after all of them. */
function placedNow({ steps, before }: PortResult): readonly PortStep[] {
  const last = allChanges({ steps })
  const now = new Map(before)
  return steps.map((step) => {
    const moved = new Map<string, (line: number) => number>()
    for (const { file } of step.toRead) {
      if (moved.has(file)) continue
      const [old, after] = [now.get(file), last.get(file)]
      moved.set(file, old && after ? movedLines(asByteText(old), asByteText(after)) : (line) => line)
    }
    for (const [file, bytes] of step.changes) now.set(file, bytes)
    return { ...step, toRead: step.toRead.map((each) => ({ ...each, line: moved.get(each.file)!(each.line) })) }
  })
}

/** What all steps make of the files that change. */
const allChanges = ({ steps }: Pick<PortResult, 'steps'>): ReadonlyMap<string, Uint8Array> =>
  new Map(steps.flatMap(({ changes }) => [...changes]))

const committedFiles = (changes: Step['changes'], before: ReadonlyMap<string, Uint8Array | null>): CommittedFile[] =>
  [...changes].map(([file, bytes]) => ({ file, isNew: (before.get(file) ?? null) === null, bytes }))

/** Says why nothing is done. @returns the exit code */
function refuse(problems: readonly Problem[], terminal: Terminal): number {
  terminal.complain(problemLines(problems, terminal.complaintLook))
  return Exit.unusable
}

/** Files that would change and have changes that git could not bring back. */
function unsaved({ allowDirty, commits }: PortOptions, files: ReadonlyMap<string, Uint8Array | null>): Problem[] {
  const lost = allowDirty && !commits ? new Map<string, string>() : new Saved().problems(files)
  return [...lost].map(([file, why]): Problem => {
    const message = `${why}; commit them${commits ? '' : ', or pass --allow-dirty'}`
    return { file, message, severity: 'error' }
  })
}

/** What is written at once; `kind` is null for what is not committed. */
type Step = Pick<PortStep, 'changes' | 'differs'> & { readonly kind: PortStep['kind'] | null }

/**
 * Writes steps, each whole, and commits those that are to be.
 * @param before what was read of the files
 * @returns what is to be said of it; after an error nothing more is done
 */
async function writeSteps(
  steps: readonly Step[],
  before: ReadonlyMap<string, Uint8Array | null>,
  repository: string,
  target: string,
): Promise<Problem[]> {
  const now = new Map(before)
  const said: Problem[] = []
  for (const step of steps) {
    const { kind, changes, differs } = step
    const later = steps.slice(steps.indexOf(step) + 1)
    const list = [...changes].map(([file, after]): FileChange => ({ file, before: now.get(file) ?? null, after }))
    const forget = kind === null ? null : announce(repository, [...changes.keys()])
    const { files, problems } = await writeFiles(repository, list, new Set(changes.keys()))
    said.push(...problems)
    const done = committed(steps.slice(0, steps.indexOf(step)).map((each) => each.kind ?? ''))
    if (hasErrors(problems)) {
      forget?.()
      const why = 'somebody has changed what was written'
      return [...said, ...(kind === null || files.size === 0 ? [] : uncommitted(why, files, later)), ...done]
    }
    for (const [file, bytes] of changes) now.set(file, bytes)
    if (kind === null) continue
    try {
      commit(repository, committedFiles(changes, before), messageOf({ kind, differs }, target))
    } catch (error) {
      return [...said, ...uncommitted((error as Error).message, changes.keys(), later), ...done]
    } finally {
      forget?.()
    }
  }
  return said
}

/** What there is where nothing can be committed, why, and what is not begun. */
function uncommitted(why: string, written: Iterable<string>, later: readonly Step[]): readonly Problem[] {
  const kinds = later.map(({ kind }) => kind).join(', ')
  const rest = later.length > 0 ? `; nothing is written of what was to follow: ${kinds}` : ''
  const files = [...written].map(
    (file): Problem => ({ file, message: 'is written and not committed', severity: 'error' }),
  )
  return [{ file: '--commits', message: `${why}${rest}`, severity: 'error' }, ...files]
}

/** What is done already where something goes wrong. */
function committed(kinds: readonly string[]): readonly Problem[] {
  const message = `what went before is committed: ${kinds.join(', ')}`
  return kinds.length > 0 ? [{ file: '--commits', message, severity: 'warning' }] : []
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
function messageOf({ kind, differs }: Pick<PortStep, 'kind' | 'differs'>, target: string): string {
  const [subject, why] = messages[kind](target)
  const list = differs.length > 0 ? `\n\nWhat may differ:\n${differs.map((each) => `- ${each}`).join('\n')}` : ''
  return `${subject}\n\n${why}${list}\n`
}
