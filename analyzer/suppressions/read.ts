import { similar } from '../knowledge/similar.ts'
import { directiveOf, scan, type Tokens } from '../preprocess/scanner.ts'
import { Lines, type Offset, type Span } from '../source/text.ts'
import { type Comment, commentsWith } from './comments.ts'
import { endOfNext } from './next-code.ts'
import {
  address,
  type Ender,
  endOfAll,
  type FileSuppressions,
  type Misunderstood,
  type NamedRule,
  type Suppression,
  touch,
} from './suppression.ts'

/** The words that comments may have. */
const words = ['ignore', 'ignore-file', 'disable', 'enable']

const none: FileSuppressions = { suppressions: [], misunderstood: [] }

/**
 * What the comments of a C or C++ source say of rules.
 * @param text one character per byte
 */
export function readSuppressions(text: string): FileSuppressions {
  if (!text.includes(address)) return none
  return new Reader(scan(text)).read()
}

/** What is written in a comment, not yet understood. */
interface Written extends Span {
  readonly comment: Comment
  readonly word: string
  readonly rules: readonly NamedRule[]
  readonly list: Span
  readonly reason: string
}

/** The end of a region, by the rules for which it ends. */
interface Region {
  /** Where it ends for each rule that it names, and under `''` where it does for all others. */
  readonly ends: Map<string, Offset>
  readonly suppression: Suppression & { readonly enders: Ender[] }
}

class Reader {
  private readonly suppressions: Suppression[] = []
  private readonly misunderstood: Misunderstood[] = []
  private readonly regions: Region[] = []
  private readonly lines: Lines

  constructor(private readonly tokens: Tokens) {
    this.lines = new Lines(tokens.text)
  }

  read(): FileSuppressions {
    for (const comment of commentsWith(this.tokens, address)) {
      for (const written of this.writtenIn(comment)) this.understand(written)
    }
    const { suppressions, misunderstood } = this
    return { suppressions: suppressions.sort((a, b) => a.start - b.start), misunderstood }
  }

  /** What is addressed to abi3lint in a comment: it begins a line of that, or stands behind a `//` in it. */
  private *writtenIn(comment: Comment): Generator<Written> {
    const { text } = this.tokens
    const isBlock = text[comment.start + 1] === '*'
    const end = isBlock && text.endsWith('*/', comment.end) ? comment.end - 2 : comment.end
    for (let start = comment.start + 2; start < end; ) {
      const lineEnd = /[^\r\n]*/y
      lineEnd.lastIndex = start
      const to = Math.min(end, start + lineEnd.exec(text)![0].length)
      const line = text.slice(start, to)
      const begins = addressed(line)
      for (const [index, at] of begins.entries())
        yield this.readWritten(comment, start + at, start + endBefore(line, begins[index + 1]))
      start = to + 1
    }
  }

  private readWritten(comment: Comment, start: Offset, end: Offset): Written {
    const { text } = this.tokens
    const rest = text.slice(start + address.length, end)
    const [head, word] = /^[ \t]*([A-Za-z-]*)/.exec(rest)!
    const afterWord = start + address.length + head.length
    const open = /^[ \t]*\[/.exec(text.slice(afterWord, end))
    const listStart = open === null ? afterWord : afterWord + open[0].length
    const close = open === null ? -1 : text.slice(listStart, end).indexOf(']')
    const listEnd = open === null ? afterWord : close < 0 ? -1 : listStart + close
    const rules = listEnd < 0 ? [] : namesIn(text, listStart, listEnd)
    const behind = open === null ? afterWord : listEnd < 0 ? end : listEnd + 1
    const toEnd = text.slice(behind, end).trimEnd()
    // A line that goes on.
    const written = toEnd.endsWith('\\') ? toEnd.slice(0, -1).trimEnd() : toEnd
    const reason = written.replace(/^[\s:,;&-]+/, '').trim()
    return {
      comment,
      word: word!,
      rules,
      list: { start: listStart, end: listEnd },
      reason,
      start,
      end: behind + written.length,
    }
  }

  private understand(written: Written): void {
    const { word, list, start, end } = written
    if (!words.includes(word)) {
      const [near] = similar(word, words)
      const advice =
        near === undefined ? `Known are ${words.map((each) => `\`${each}\``).join(', ')}.` : `Write \`${near}\`.`
      this.misunderstood.push({
        start,
        end,
        message: `\`${address}\` is followed by \`${word}\`, which means nothing`,
        advice,
      })
      return
    }
    if (list.end < 0) {
      const message = `the list of rules behind \`${address} ${word}\` does not end`
      this.misunderstood.push({ start, end, message, advice: 'Write `]` behind the last rule, on the same line.' })
      return
    }
    if (word === 'ignore') this.ignore(written)
    else if (word === 'ignore-file') this.ignoreFile(written)
    else if (word === 'disable') this.disable(written)
    else this.enable(written)
  }

  private ignore(written: Written): void {
    const { tokens, lines } = this
    const { comment } = written
    const [first, last] = [lines.lineAt(comment.start), lines.lineAt(comment.end - 1)]
    const own = { start: lines.startOf(first), end: lines.startOf(last + 1) }
    const { before } = comment
    const next = before + 1
    const follows = before >= 0 && tokens.end[before]! > own.start
    // The `#` of a directive is no token.
    const within = this.directiveAround(comment.start)
    const isFollowed = next < tokens.count && this.beginOf(next, within) < own.end
    if (follows || isFollowed) {
      this.add('line', written, own)
      return
    }
    const end = endOfNext(tokens, next, within)
    this.add('next', written, end === null ? own : { start: own.start, end: Math.max(end, own.end) })
  }

  private ignoreFile(written: Written): void {
    const { tokens } = this
    let token = written.comment.before
    while (token >= 0 && tokens.isInDirective[token] === 1) token--
    if (token < 0) {
      this.add('file', written, { start: 0, end: endOfAll })
      return
    }
    const { start, end } = written
    this.misunderstood.push({
      start,
      end,
      message: `\`${address} ignore-file\` stands behind the first declaration, where it means nothing`,
      advice: 'Move it to the top of the file, or use `disable` and `enable`.',
    })
  }

  private disable(written: Written): void {
    const { rules } = written
    const start = this.lines.startOf(this.lines.lineAt(written.comment.start))
    const ends = new Map(
      [...rules.map(({ name }) => name), ...(rules.length === 0 ? [''] : [])].map((name) => [name, endOfAll]),
    )
    const suppression = {
      ...partOf(written),
      kind: 'region' as const,
      enders: [],
      covers: (rule: string, place: Span) => {
        const end = ends.get(rule) ?? ends.get('')
        return end !== undefined && touch(place, { start, end })
      },
    }
    this.regions.push({ ends, suppression })
    this.suppressions.push(suppression)
  }

  private enable(written: Written): void {
    const end = this.lines.startOf(this.lines.lineAt(written.comment.end - 1) + 1)
    const names = written.rules.map(({ name }) => name)
    const ended = this.regions.filter(({ ends }) => {
      const open = [...ends].filter(
        ([name, known]) => known === endOfAll && (names.length === 0 || names.includes(name)),
      )
      for (const [name] of open) ends.set(name, end)
      return open.length > 0
    })
    const ender = { ...partOf(written), regions: ended.map(({ suppression }) => suppression) }
    for (const { suppression } of ended) suppression.enders.push(ender)
    if (ended.length > 0) return
    const { start } = written
    const what = names.length === 0 ? '' : ` ${names.map((name) => `\`${name}\``).join(', ')}`
    this.misunderstood.push({
      start,
      end: written.end,
      message: `nothing has disabled what is enabled here${what && `:${what}`}`,
      advice: `Delete it, or write \`${address} disable\` with the same rules before it.`,
    })
  }

  private add(kind: Suppression['kind'], written: Written, span: Span): void {
    const names = written.rules.map(({ name }) => name)
    const covers = (rule: string, place: Span): boolean =>
      (names.length === 0 || names.includes(rule)) && touch(place, span)
    this.suppressions.push({ ...partOf(written), kind, enders: [], covers })
  }

  /** The directive that an offset stands in, -1 for none. */
  private directiveAround(offset: Offset): number {
    return this.tokens.directives.findIndex(({ start, end }) => start < offset && offset < end)
  }

  /** Where a token begins, and a directive that begins with it. */
  private beginOf(token: number, within: number): Offset {
    const directive = directiveOf(this.tokens, token)
    const begins = directive >= 0 && directive !== within && this.tokens.directives[directive]!.firstToken === token
    return begins ? this.tokens.directives[directive]!.start : this.tokens.start[token]!
  }
}

/** What stands between two that are written one behind the other. */
const between = /^[\s/*!<,;&]*$/

/** A list of rules behind its word. */
const wholeList = /^abi3lint:[ \t]*[A-Za-z-]+(?:[ \t]*\[[^\]]*\])?/

/** Where something addressed to abi3lint begins in a line of a comment. */
function addressed(line: string): number[] {
  const found: number[] = []
  for (let at = line.indexOf(address); at >= 0; at = line.indexOf(address, at + 1)) {
    const last = found.at(-1)
    const behind = last === undefined ? null : last + (wholeList.exec(line.slice(last))?.[0].length ?? at)
    const isBehind = behind !== null && behind <= at && between.test(line.slice(behind, at))
    if (isBehind || between.test(line.slice(0, at).replace(/^.*\/\//, ''))) found.push(at)
  }
  return found
}

/** Where what is written before another one ends. @param next where that begins; undefined for none */
function endBefore(line: string, next: number | undefined): number {
  if (next === undefined) return line.length
  const before = line.slice(0, next)
  const marks = before.lastIndexOf('//')
  const kept = marks >= 0 && between.test(before.slice(marks + 2)) ? before.slice(0, marks) : before
  return kept.replace(/(?<![\s,;&])[\s,;&]+$/, '').length
}

const partOf = ({
  comment,
  rules,
  list,
  reason,
  start,
  end,
}: Written): Omit<Suppression, 'kind' | 'covers' | 'enders'> => ({
  comment: { start: comment.start, end: comment.end },
  rules,
  list,
  reason,
  start,
  end,
})

/** The names between two offsets, which commas and blanks divide. */
function namesIn(text: string, start: Offset, end: Offset): NamedRule[] {
  return [...text.slice(start, end).matchAll(/[^\s,]+/g)].map(({ index, 0: name }) => ({
    name,
    start: start + index,
    end: start + index + name.length,
  }))
}
