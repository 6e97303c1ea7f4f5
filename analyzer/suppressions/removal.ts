import type { Offset, Span } from '../source/text.ts'
import type { NamedRule, Suppression } from './suppression.ts'

/**
 * What is to be deleted so that a suppression is gone, and nothing else: the comment with the blanks that came with it;
 * where that says other things, too, what is written in it.
 * @param text one character per byte
 */
export function removalOf(text: string, { comment, start, end }: Pick<Suppression, 'comment' | 'start' | 'end'>): Span {
  const isBlock = text[comment.start + 1] === '*'
  const inner = isBlock && text.endsWith('*/', comment.end) ? comment.end - 2 : comment.end
  const isAlone =
    /^[\s/*!<]*$/.test(text.slice(comment.start + 2, start)) && /^[\s*\\]*$/.test(text.slice(end, Math.max(end, inner)))
  return isAlone ? wholeComment(text, comment) : partOfComment(text, comment, start, end)
}

function wholeComment(text: string, { start, end }: Span): Span {
  const before = text.slice(lineStart(text, start), start)
  const after = text.slice(end, lineEnd(text, end))
  if (after.trim() === '' || after.trim() === '\\') {
    // What has lines of its own goes with them.
    return { start: before.trim() === '' ? start : start - (before.length - before.trimEnd().length), end }
  }
  const blank = /[ \t]/.test(text[end] ?? '') ? 1 : 0
  return { start, end: sticks(text[start - 1] ?? '', text[end + blank] ?? '') ? end : end + blank }
}

function partOfComment(text: string, comment: Span, start: Offset, end: Offset): Span {
  const from = lineStart(text, start)
  const before = text.slice(from, start)
  const isLineOfBlock = from > comment.start && /^[\s*]*$/.test(before) && lineEnd(text, end) < comment.end
  if (isLineOfBlock && text.slice(end, lineEnd(text, end)).trim() === '') {
    const next = /\r\n|[\r\n]/y
    next.lastIndex = lineEnd(text, end)
    return { start: from, end: next.lastIndex + (next.exec(text)?.[0].length ?? 0) }
  }
  const kept = text.slice(Math.max(comment.start + 2, from), start).trimEnd()
  const marks = kept.endsWith('//') ? kept.slice(0, -2).trimEnd() : kept
  return { start: Math.max(comment.start + 2, from) + marks.length, end }
}

/** What is to be deleted so that a suppression names a rule no more, but others; the list stays one. */
export function removalOfRule({ rules, list }: Suppression, rule: NamedRule): Span {
  const index = rules.indexOf(rule)
  if (index > 0) return { start: rules[index - 1]!.end, end: rule.end }
  return { start: list.start, end: rules[1]?.start ?? list.end }
}

function lineStart(text: string, offset: Offset): Offset {
  return Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1
}

function lineEnd(text: string, offset: Offset): Offset {
  const end = /[^\r\n]*/y
  end.lastIndex = offset
  return offset + end.exec(text)![0].length
}

/** Whether two signs could become one token, or a comment, without a blank between them. */
const sticks = (a: string, b: string): boolean =>
  (/[\w$]/.test(a) && /[\w$"']/.test(b)) || (/[-+&|<>=*/!%^.:#]/.test(a) && /[-+&|<>=*/.:#]/.test(b))
