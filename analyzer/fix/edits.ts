import type { Offset, Span } from '../source/text.ts'
import type { Rewrite, TextEdit } from './fix.ts'

/**
 * The smallest edits that make a rewrite. Between what is kept of the old, old and new are compared token by token,
 * so that comments, blanks and line ends stay where no token goes.
 * @param text of the file, one character per byte
 */
export function editsOf(text: string, { start, end, pieces }: Rewrite): TextEdit[] {
  if (pieces.length === 0) return [{ ...wholeLines(text, start, end), text: '' }]
  // A blank in place of a comment.
  if (pieces.length === 1 && pieces[0] === ' ') return [{ start, end, text: ' ' }]
  const gaps: Gap[] = []
  let at = start
  let put = ''
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      put += piece
      continue
    }
    if (piece.start < at) return [{ start, end, text: written(text, pieces) }]
    gaps.push({ start: at, end: piece.start, put, isLast: false })
    put = ''
    at = piece.end
  }
  gaps.push({ start: at, end, put, isLast: true })
  return gaps.flatMap((gap) => align(text, gap))
}

/** What is to be deleted, with the lines that nothing would be left of but blanks. */
export function wholeLines(text: string, start: Offset, end: Offset): Span {
  const line = text.lastIndexOf('\n', start - 1) + 1
  const after = /^[ \t]*(\\?)\r?\n/.exec(text.slice(end, end + 200))
  // The last line of a macro goes on from the one before, which would go on without it.
  const isLastOfMacro = /\\\r?\n$/.test(text.slice(Math.max(0, line - 3), line)) && after?.[1] === ''
  return after && !isLastOfMacro && /^[ \t]*$/.test(text.slice(line, start))
    ? { start: line, end: end + after[0].length }
    : { start, end }
}

const written = (text: string, pieces: readonly (string | Span)[]): string =>
  pieces.map((piece) => (typeof piece === 'string' ? piece : text.slice(piece.start, piece.end))).join('')

/** What stands before, between and after what is kept, and what is to stand there. */
interface Gap extends Span {
  readonly put: string
  readonly isLast: boolean
}

interface Token extends Span {
  readonly text: string
}

/** Comments, line continuations and blanks; then, as a group, what is a token. */
const skipped = String.raw`\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*|\\\r?\n|\s+`
const token = String.raw`[A-Za-z_$][\w$]*|\.?\d[\w.]*|"[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*'|->|.`
const tokenOrGap = new RegExp(`${skipped}|(${token})`, 'g')

/** The tokens of a piece of C; blanks, comments and line continuations are between them. */
function tokensOf(text: string, from: Offset): Token[] {
  const found: Token[] = []
  for (const match of text.matchAll(tokenOrGap)) {
    if (match[1] !== undefined)
      found.push({ start: from + match.index, end: from + match.index + match[0].length, text: match[0] })
  }
  return found
}

/** Edits that make of the tokens of a gap those that are wanted there, leaving the longest common sequence alone. */
function align(text: string, gap: Gap): TextEdit[] {
  const old = tokensOf(text.slice(gap.start, gap.end), gap.start)
  const wanted = tokensOf(gap.put, 0)
  const kept = commonSequence(old, wanted)
  const edits: TextEdit[] = []
  let lastOld = -1
  let lastWanted = -1
  for (const [nextOld, nextWanted] of [...kept, [old.length, wanted.length] as const]) {
    const gone = old.slice(lastOld + 1, nextOld)
    const isLast = nextWanted === wanted.length
    const hasNew = nextWanted > lastWanted + 1
    const from = lastWanted >= 0 ? wanted[lastWanted]!.end : 0
    const to = isLast ? gap.put.length : (wanted[nextWanted - 1]?.end ?? 0)
    if (gone.length > 0 || hasNew) {
      // A cast goes to what it is for.
      const start = gone[0]?.start ?? (isLast && !gap.isLast ? gap.end : lastOld >= 0 ? old[lastOld]!.end : gap.start)
      let put = hasNew ? gap.put.slice(from, to) : ''
      let end = gone.at(-1)?.end ?? start
      const before = text[start - 1] ?? ''
      // What goes takes the blanks along that stood between it and what stays.
      if (put === '' && /[(\s]/.test(before)) while (end < gap.end && /[ \t]/.test(text[end]!)) end++
      if (/\s/.test(before)) put = put.trimStart()
      if (sticks(before, put || (text[end] ?? ''))) put = ` ${put}`
      if (put !== '' && sticks(put, text[end] ?? '')) put += ' '
      edits.push({ start, end, text: put })
    }
    lastOld = nextOld
    lastWanted = nextWanted
  }
  return edits
}

/** Whether two pieces of C would become one token, or a comment, without a blank between them. */
const sticks = (a: string, b: string): boolean =>
  (/[\w$]$/.test(a) && /^[\w$"']/.test(b)) || (/[-+&|<>=*/!%^.:#]$/.test(a) && /^[-+&|<>=*/.:#]/.test(b))

/** Pairs of indexes of the longest sequence that two lists of tokens share. */
function commonSequence(a: readonly Token[], b: readonly Token[]): (readonly [number, number])[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Int32Array(b.length + 1))
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i]![j] =
        a[i]!.text === b[j]!.text ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!)
    }
  }
  const pairs: (readonly [number, number])[] = []
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i]!.text === b[j]!.text) pairs.push([i++, j++])
    else if (lengths[i + 1]![j]! >= lengths[i]![j + 1]!) i++
    else j++
  }
  return pairs
}

/** Whether what edits delete holds a comment or a line of the preprocessor, and they do not put it back. */
export function losesProse(text: string, edits: readonly TextEdit[]): boolean {
  return edits.some(({ start, end, text: put }) => {
    if (start === end) return false
    const gone = text.slice(start, end).replace(/"[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*'/g, '""')
    return (gone.match(/\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*|^[ \t]*#[^\n]*/gm) ?? []).some(
      (prose) => !put.includes(prose),
    )
  })
}

/** Whether two edits must not be made at once: they overlap, or which of them comes first would be a guess. */
export const conflict = (a: TextEdit, b: TextEdit): boolean =>
  a.start === a.end || b.start === b.end ? a.start <= b.end && b.start <= a.end : a.start < b.end && b.start < a.end

/**
 * The text with edits made.
 * @param edits in any order; no two in conflict
 */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = ''
  let at = 0
  for (const { start, end, text: put } of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    result += text.slice(at, start) + put
    at = end
  }
  return result + text.slice(at)
}
