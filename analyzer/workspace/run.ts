import { pageOf } from '../../rules/pages.ts'
import type { BuildFile } from '../build/build-file.ts'
import type { Diagnostic, Located, Run } from '../check/diagnostic.ts'
import type { Rule } from '../check/rule.ts'
import type { SuppressionUse } from '../check/suppression-use.ts'
import type { FileFacts } from '../facts/file-facts.ts'
import { mayMake, rememberForeign } from '../fix/generated.ts'
import { type SettledFix, settle } from '../fix/plan.ts'
import type { Target } from '../knowledge/target.ts'
import { type Minor, newest, oldest } from '../knowledge/version.ts'
import { exact } from '../source/lists.ts'
import { asBytes, asByteText, decodeData, decodePieces, Lines, type Span } from '../source/text.ts'
import { Detailing } from './details.ts'

/** A text, one character per byte, as bytes; null of nothing. */
export const bytesOrNull = (text: string | null | undefined): Uint8Array | null =>
  text === null || text === undefined ? null : asBytes(text)

/** Bytes as a text, one character per byte; null of nothing. */
export const textOrNull = (bytes: Uint8Array | null): string | null => (bytes === null ? null : asByteText(bytes))

/** The lines of the files that a run speaks of, read when they are first asked for. */
export function linesOf(texts: ReadonlyMap<string, string>, buildFiles: readonly BuildFile[]): (file: string) => Lines {
  const known = new Map<string, Lines>()
  return (file) => {
    let lines = known.get(file)
    if (!lines) {
      lines = new Lines(texts.get(file) ?? buildFiles.find(({ path }) => path === file)?.text ?? '')
      known.set(file, lines)
    }
    return lines
  }
}

/** What a run says of a rule that ran. */
export const toldOf = ({ name, summary, explanation, severity }: Rule): Run['rules'][number] => ({
  name,
  summary,
  explanation,
  severity,
  page: pageOf(name),
})

/**
 * Gives diagnostics their places in the units of reports, and their fixes as edits of the texts.
 * @param diagnostics there may be hundreds of thousands, so each is let go when it has been located: the list holds
 * what is given afterwards
 * @param fingerprint of a diagnostic
 * @param isDetailed whether to find out their details, too
 */
export function locate(
  diagnostics: Diagnostic[],
  texts: ReadonlyMap<string, string>,
  lines: (file: string) => Lines,
  fingerprint: (diagnostic: Diagnostic) => string,
  isDetailed: boolean,
): Located[] {
  const detailing = isDetailed ? new Detailing(lines) : null
  const foreign = rememberForeign()
  const list: (Diagnostic | Located)[] = diagnostics
  diagnostics.forEach((diagnostic, index) => {
    const text = texts.get(diagnostic.file) ?? ''
    const { fix } = diagnostic
    const owner = fix ? foreign(diagnostic.file, text) : null
    const isLocked = owner !== null && !(fix?.kind === 'file' && mayMake(fix, owner))
    const instead = isLocked ? owner.instead : null
    const found = located(diagnostic, lines(diagnostic.file), text, fingerprint(diagnostic), instead)
    list[index] = detailing === null ? found : { ...found, details: detailing.of(found) }
  })
  return list as Located[]
}

/** @param instead what to do instead of the fix, where the file is not the project's to edit */
function located(
  diagnostic: Diagnostic,
  lines: Lines,
  text: string,
  fingerprint: string,
  instead: string | null,
): Located {
  const start = lines.position(diagnostic.start)
  const end = lines.position(Math.max(diagnostic.start, diagnostic.end))
  const excerpt: string[] = []
  for (let line = start.line; line <= end.line && excerpt.length < 3; line++) excerpt.push(lines.textOf(line - 1))
  return {
    line: start.line,
    column: start.column,
    endLine: end.line,
    endColumn: end.column,
    excerpt: exact(excerpt),
    fingerprint,
    rule: diagnostic.rule,
    severity: diagnostic.severity,
    effect: diagnostic.effect,
    file: diagnostic.file,
    start: diagnostic.start,
    end: diagnostic.end,
    symbol: decodePieces(diagnostic.symbol),
    message: decodePieces(diagnostic.message),
    advice: decodePieces(diagnostic.advice),
    targets: diagnostic.targets,
    headers: diagnostic.headers,
    since: diagnostic.since,
    fix: instead === null && diagnostic.fix ? told(settle(diagnostic.fix, text)) : null,
    notes: (instead === null ? diagnostic.notes : [...diagnostic.notes, instead]).map(decodePieces),
    details: null,
  }
}

/** A fix whose words can be read; what it writes stays in bytes. */
const told = (fix: SettledFix): SettledFix => ({
  ...fix,
  title: decodePieces(fix.title),
  reason: decodePieces(fix.reason),
})

/**
 * Suppressions in the units of reports, those in the files that were asked for.
 * @param facts of all files, by their indexes
 */
export const suppressionsIn = (
  uses: readonly SuppressionUse[],
  facts: readonly FileFacts[],
  isAsked: (file: string) => boolean,
  lines: (file: string) => Lines,
): Run['suppressions'] =>
  uses
    .flatMap(({ file: id, suppression, suppressed }) => {
      const { file } = facts[id]!
      if (!isAsked(file)) return []
      const { kind, rules, reason, start } = suppression
      const findings = suppressed.map(({ rule, severity, symbol, message, targets, ...each }) => {
        const [from, to] = [lines(file).position(each.start), lines(file).position(Math.max(each.start, each.end))]
        const place = { line: from.line, column: from.column, endLine: to.line, endColumn: to.column }
        return { rule, severity, symbol, message, targets, ...place }
      })
      return [{ file, ...lines(file).position(start), kind, rules: rules.map(({ name }) => name), reason, findings }]
    })
    .map(decodeData)
    .sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column)

/** What the parser did not understand, in the units of reports. */
export function unparsedIn(facts: readonly FileFacts[], lines: (file: string) => Lines): Run['files']['unparsed'] {
  return facts.flatMap(({ file, unparsed }) =>
    withoutOverlaps(unparsed).map(({ start, end }) => ({
      file,
      line: lines(file).lineAt(start) + 1,
      endLine: lines(file).lineAt(Math.max(start, end - 1)) + 1,
      bytes: end - start,
    })),
  )
}

/**
 * How many bytes of each file the parser did not understand. Calls of macros that stand alone on lines of their own are
 * left out: what a grammar makes of `NEW_FROM(Spam_FromCpp, &Spam_Type, Spam *)` hangs on its operands.
 * @param texts by file, one character per byte
 */
export const unparsedBytes = (
  facts: readonly FileFacts[],
  texts: ReadonlyMap<string, string>,
): ReadonlyMap<string, number> =>
  new Map(
    facts.map(({ file, unparsed }) => [
      file,
      withoutOverlaps(unparsed)
        .filter((span) => !isOfMacroCalls(texts.get(file) ?? '', span))
        .reduce((sum, { start, end }) => sum + end - start, 0),
    ]),
  )

/** Whether all lines that a span touches are calls of macros, or empty. */
function isOfMacroCalls(text: string, { start, end }: Span): boolean {
  const first = text.lastIndexOf('\n', start - 1) + 1
  const last = text.indexOf('\n', end)
  const lines = text.slice(first, last < 0 ? text.length : last).split('\n')
  return lines.every((line) => /^\s*(?:[A-Z][A-Z0-9_]{2,}\s*\(.*\)\s*;?\s*|\/\/.*)?$/.test(line))
}

/** Spans in the order of the text; those that overlap, since code is read in more than one way, are one. */
function withoutOverlaps(spans: readonly Span[]): readonly Span[] {
  const merged: { start: number; end: number }[] = []
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1)
    if (last && start < last.end) last.end = Math.max(last.end, end)
    else merged.push({ start, end })
  }
  return merged
}

/**
 * Refuses what is no target.
 * @throws RangeError where its level or its headers are not known, or the headers are older
 */
export function refuseUnknown({ level, headers }: Target): void {
  if (!isKnown(level) || !isKnown(headers) || headers < level)
    throw new RangeError(`no target: level ${level}, headers ${headers}`)
}

const isKnown = (version: Minor): boolean => Number.isInteger(version) && version >= oldest && version <= newest
