import { Lines, type Offset, type Span } from '../../analyzer/source/text.ts'

/** What a column of a position counts: bytes, or code units of UTF-16. */
export type PositionEncoding = 'utf-8' | 'utf-16'

/** A place as the Language Server Protocol has it, both from 0. */
export interface Position {
  readonly line: number
  readonly character: number
}

/** A part of a text by its places, `end` exclusive. */
export interface Range {
  readonly start: Position
  readonly end: Position
}

/** A change of a text: of all of it where there is no range. */
export interface TextChange {
  readonly range?: Range
  readonly text: string
}

/** A text, one character per byte, whose places are those of the Language Server Protocol. */
export class PlacedText {
  private readonly lines: Lines

  /** @param text the bytes of UTF-8 */
  constructor(
    readonly text: string,
    private readonly encoding: PositionEncoding,
  ) {
    this.lines = new Lines(text)
  }

  /** The offset of a place; a column behind the end of its line is that end, a line behind the last the text's end. */
  offsetAt({ line, character }: Position): Offset {
    if (line < 0) return 0
    const { text, encoding } = this
    const start = this.lines.startOf(line)
    const end = this.endOf(line)
    if (encoding === 'utf-8') return beginOf(text, Math.min(start + Math.max(0, character), end), start)
    let at = start
    for (let left = character; left > 0 && at < end; ) {
      const code = text.charCodeAt(at)
      left -= unitsOf(code)
      if (left < 0) break
      at += bytesOf(code)
    }
    return Math.min(at, end)
  }

  /** The place of an offset; in the middle of a character or of the end of a line that of its beginning. */
  positionAt(offset: Offset): Position {
    const { text, encoding, lines } = this
    const line = lines.lineAt(Math.max(0, Math.min(offset, text.length)))
    const start = lines.startOf(line)
    const to = beginOf(text, Math.max(start, Math.min(offset, this.endOf(line))), start)
    if (encoding === 'utf-8') return { line, character: to - start }
    let character = 0
    for (let at = start; at < to; ) {
      const code = text.charCodeAt(at)
      character += unitsOf(code)
      at += bytesOf(code)
    }
    return { line, character }
  }

  rangeOf({ start, end }: Span): Range {
    return { start: this.positionAt(start), end: this.positionAt(Math.max(start, end)) }
  }

  /** The text with changes, each made in what the one before it has left. */
  with(changes: readonly TextChange[]): PlacedText {
    let now: PlacedText = this
    for (const { range, text } of changes) {
      const put = Buffer.from(text, 'utf8').toString('latin1')
      const [from, to] = range ? [now.offsetAt(range.start), now.offsetAt(range.end)] : [0, now.text.length]
      const [start, end] = from <= to ? [from, to] : [to, from]
      now = new PlacedText(now.text.slice(0, start) + put + now.text.slice(end), this.encoding)
    }
    return now
  }

  /** What stands on a line before a place, one character per byte. */
  before(offset: Offset): string {
    return this.text.slice(this.lines.startOf(this.lines.lineAt(offset)), offset)
  }

  /** Where the characters of a line end, before its line end. */
  private endOf(line: number): Offset {
    const { text } = this
    let end = this.lines.startOf(line + 1)
    const start = this.lines.startOf(line)
    if (end > start && text[end - 1] === '\n') end--
    if (end > start && text[end - 1] === '\r') end--
    return end
  }
}

/** @param code the first byte of a character of UTF-8 */
const bytesOf = (code: number): number => (code < 0xc0 ? 1 : code < 0xe0 ? 2 : code < 0xf0 ? 3 : 4)

/** @param code the first byte of a character of UTF-8 @returns the code units that it has in UTF-16 */
const unitsOf = (code: number): number => (code < 0xf0 ? 1 : 2)

/** Where the character begins that an offset is in. */
function beginOf(text: string, offset: Offset, start: Offset): Offset {
  let at = offset
  while (at > start && at > offset - 3 && (text.charCodeAt(at) & 0xc0) === 0x80) at--
  return at
}

/** The first of the encodings that a client knows and we do, in its order; UTF-16 is what all know. */
export const encodingFor = (known: readonly string[] | undefined): PositionEncoding =>
  known?.find((each): each is PositionEncoding => each === 'utf-8' || each === 'utf-16') ?? 'utf-16'
