/**
 * The brackets of a build file, of whatever kind they are. Each question is answered from tables that are made once,
 * from one look at the text: a file may ask as often as it is long.
 */
export class Brackets {
  private ends: Ends | null = null
  private around: Int32Array | null = null

  /** @param skeleton a text in which every bracket is one: those in strings and comments are blanks */
  constructor(private readonly skeleton: string) {}

  /** Where the bracket that opens at a place is closed; the end of the text where it is not, or nothing opens there. */
  closing(open: number): number {
    return isOpening(this.skeleton.charCodeAt(open)) ? this.tables().closers[open]! : this.skeleton.length
  }

  /** The comma or the bracket at which an expression ends that begins at a place; the end of the text for none. */
  comma(start: number): number {
    return this.tables().commas[start] ?? this.skeleton.length
  }

  /** As `comma`, but the line end or the bracket. */
  lineEnd(start: number): number {
    return this.tables().lineEnds[start] ?? this.skeleton.length
  }

  /** The bracket that a place stands in, the innermost; -1 for none. What opens at the place itself does not count. */
  opening(offset: number): number {
    this.around ??= openings(this.skeleton)
    return this.around[Math.min(offset, this.skeleton.length)] ?? -1
  }

  private tables(): Ends {
    this.ends ??= endsOf(this.skeleton)
    return this.ends
  }
}

const isOpening = (code: number): boolean => code === 40 || code === 91 || code === 123
const isClosing = (code: number): boolean => code === 41 || code === 93 || code === 125

/** For each place of a text where something ends that begins there. */
interface Ends {
  /** Of brackets that open alone. */
  readonly closers: Int32Array
  readonly commas: Int32Array
  readonly lineEnds: Int32Array
}

function endsOf(skeleton: string): Ends {
  const { length } = skeleton
  const closers = new Int32Array(length)
  const commas = new Int32Array(length)
  const lineEnds = new Int32Array(length)
  // From the end: what is open are the brackets that close behind a place, and where expressions end around them.
  const open: { readonly at: number; readonly comma: number; readonly lineEnd: number }[] = []
  let comma = length
  let lineEnd = length
  for (let at = length - 1; at >= 0; at--) {
    const code = skeleton.charCodeAt(at)
    if (isClosing(code)) {
      open.push({ at, comma, lineEnd })
      comma = lineEnd = at
    } else if (isOpening(code)) {
      const outer = open.pop()
      closers[at] = outer?.at ?? length
      comma = outer?.comma ?? length
      lineEnd = outer?.lineEnd ?? length
    } else if (code === 44) comma = at
    else if (code === 10) lineEnd = at
    commas[at] = comma
    lineEnds[at] = lineEnd
  }
  return { closers, commas, lineEnds }
}

/** For each place of a text, and its end, the bracket that it stands in; -1 for none. */
function openings(skeleton: string): Int32Array {
  const around = new Int32Array(skeleton.length + 1)
  const open: number[] = []
  for (let at = 0; at < around.length; at++) {
    around[at] = open.at(-1) ?? -1
    const code = skeleton.charCodeAt(at)
    if (isOpening(code)) open.push(at)
    else if (isClosing(code)) open.pop()
  }
  return around
}
