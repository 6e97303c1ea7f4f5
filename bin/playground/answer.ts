import type { Located } from '../../analyzer/check/diagnostic.ts'
import { parseTarget, type Target, withAllHeaders } from '../../analyzer/knowledge/target.ts'
import { asByteText, decode } from '../../analyzer/source/text.ts'
import { memoryStore } from '../../analyzer/store/memory.ts'
import { loadApi } from '../../analyzer/workspace/assets.ts'
import type { RewriteName } from '../../analyzer/workspace/rewrite-names.ts'
import type { AssetLoader } from '../../analyzer/workspace/store.ts'
import { openWorkspace, type Workspace } from '../../analyzer/workspace/workspace.ts'
import { lineRuns } from '../../reports/line-runs.ts'
import { rules } from '../../rules/index.ts'
import { explain } from '../commands/explain.ts'

/** What a page asks of one source. Everything that crosses to the page is plain data. */
export type Question =
  | { readonly kind: 'check'; readonly source: Source }
  | { readonly kind: 'change'; readonly source: Source; readonly what: Change }
  | { readonly kind: 'card'; readonly name: string }

/** A source as it was typed, and what it is checked for. */
export interface Source {
  /** `spam.c`, `spam.cpp`: the suffix says which language it is. */
  readonly file: string
  readonly text: string
  /** `3.12`, `abi3t`; empty for what the source says itself. */
  readonly target: string
}

/** What to do with a source: the safe fixes, all of them, or a rewrite. */
export type Change = 'safe' | 'unsafe' | Extract<RewriteName, 'types' | 'module'>

/** A finding, with its place in the text: offsets in UTF-16 code units, `end` exclusive. */
export type ShownFinding = Pick<
  Located,
  'rule' | 'severity' | 'message' | 'advice' | 'notes' | 'symbol' | 'line' | 'column' | 'excerpt'
> & {
  readonly start: number
  readonly end: number
  /** What would do away with it; null for nothing that a program can do. */
  readonly fix: { readonly title: string; readonly isSafe: boolean; readonly reason: string } | null
}

/** What is found in a source. */
export interface CheckAnswer {
  readonly targets: readonly string[]
  readonly findings: readonly ShownFinding[]
  /** How many blockers there are at each target. */
  readonly matrix: readonly { readonly target: string; readonly blockers: number }[]
  /** What could not be read. */
  readonly problems: readonly string[]
}

/** What becomes of a source. */
export interface ChangeAnswer {
  /** The lines of each file that changes or comes: what stays, goes and comes, each without its line end. */
  readonly files: readonly {
    readonly file: string
    readonly runs: readonly { readonly sign: ' ' | '-' | '+'; readonly lines: readonly string[] }[]
  }[]
  /** The source as it is then; null where it stays as it is. */
  readonly text: string | null
  /** How many fixes were made, and what the unsafe ones say that they change. */
  readonly safe: number
  readonly unsafe: number
  readonly differs: readonly string[]
  /** What is left, and why. */
  readonly left: readonly string[]
}

/** What is known of a name, as lines of text; null for nothing. */
export interface CardAnswer {
  readonly text: string | null
}

export type AnswerTo<Q extends Question> = Q extends { kind: 'check' }
  ? CheckAnswer
  : Q extends { kind: 'change' }
    ? ChangeAnswer
    : CardAnswer

/** Answers the questions of a page; all that is read is at hand. @param asset loads what is shipped with the tool */
export function answering(asset: AssetLoader): <Q extends Question>(question: Q) => Promise<AnswerTo<Q>> {
  return async <Q extends Question>(question: Q) => {
    if (question.kind === 'check') return (await checked(question.source, asset)) as AnswerTo<Q>
    if (question.kind === 'change') return (await changed(question.source, question.what, asset)) as AnswerTo<Q>
    return { text: await cardOf(question.name, asset) } as AnswerTo<Q>
  }
}

const open = ({ file, text }: Source, asset: AssetLoader): Promise<Workspace> =>
  openWorkspace(memoryStore(new Map([[file, text]]), asset), [file])

/** The targets to check for; none for what the source says. */
const targetsOf = ({ target }: Source): readonly Target[] => {
  const parsed = target === '' ? null : parseTarget(target)
  return parsed === null ? [] : withAllHeaders(parsed)
}

async function checked(source: Source, asset: AssetLoader): Promise<CheckAnswer> {
  const workspace = await open(source, asset)
  const { run } = workspace.check({ targets: targetsOf(source) })
  const survey = workspace.targets()
  const place = placesIn(source.text)
  return {
    targets: run.targets,
    findings: run.diagnostics.map(
      ({ rule, severity, message, advice, notes, symbol, line, column, excerpt, start, end, fix }) => ({
        rule,
        severity,
        message,
        advice,
        notes,
        symbol,
        line,
        column,
        excerpt,
        start: place(start),
        end: place(end),
        fix: fix && { title: fix.title, isSafe: fix.safety === 'safe', reason: fix.reason },
      }),
    ),
    matrix: survey.targets.map((target, at) => ({ target, blockers: survey.project.blockers[at]! })),
    problems: run.problems.map(({ file, message }) => `${file}: ${message}`),
  }
}

/** Gives the UTF-16 code unit at which a byte of a text stands. */
function placesIn(text: string): (offset: number) => number {
  const bytes = new TextEncoder().encode(text)
  if (bytes.length === text.length) return (offset) => offset
  const places = new Uint32Array(bytes.length + 1)
  let units = 0
  bytes.forEach((byte, at) => {
    places[at] = units
    // The last byte of a character decides: of those of four bytes there are two units.
    const isLast = ((bytes[at + 1] ?? 0) & 0xc0) !== 0x80
    const isFirst = (byte & 0xc0) !== 0x80
    if (isFirst && byte >= 0xf0) units++
    if (isLast) units++
  })
  places[bytes.length] = units
  return (offset) => places[Math.min(offset, bytes.length)]!
}

async function changed(source: Source, what: Change, asset: AssetLoader): Promise<ChangeAnswer> {
  const workspace = await open(source, asset)
  const targets = targetsOf(source)
  const isFix = what === 'safe' || what === 'unsafe'
  const { run, changes, left } = isFix
    ? await workspace.fix({ targets, unsafe: what === 'unsafe' })
    : await workspace.rewrite(what, { targets })
  const textOf = (bytes: Uint8Array | null): string => (bytes === null ? '' : decode(asByteText(bytes)))
  return {
    // The source first, then headers that come.
    files: [...changes]
      .sort(([a], [b]) => Number(b === source.file) - Number(a === source.file))
      .map(([file, bytes]) => ({
        file,
        runs: lineRuns(file === source.file ? source.text : textOf(workspace.read(file)), textOf(bytes)).map(
          ({ sign, lines }) => ({ sign, lines: lines.map((line) => line.replace(/\r?\n$/, '')) }),
        ),
      })),
    text: changes.has(source.file) ? textOf(changes.get(source.file)!) : null,
    safe: run.fixed?.safe ?? 0,
    unsafe: run.fixed?.unsafe ?? 0,
    differs: run.fixed?.differs ?? [],
    left: [
      ...left.map(({ file, why }) => `${file}: ${why}`),
      ...run.problems.map(({ file, message }) => `${file}: ${message}`),
      ...(isFix ? [] : run.diagnostics.map(({ line, message }) => `line ${line}: ${message}`)),
    ],
  }
}

async function cardOf(name: string, asset: AssetLoader): Promise<string | null> {
  const { replacements } = await import('../../analyzer/knowledge/replacements/index.ts')
  return explain(name, rules, await loadApi(asset), replacements)
}
