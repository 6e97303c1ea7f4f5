import type { Offset, Span } from '../source/text.ts'
import type { Ender, NamedRule, Suppression } from './suppression.ts'

/** What is deleted of a text, and the blank that is left in its place where two tokens would become one. */
export interface Removal extends Span {
  readonly pieces: readonly ' '[]
}

/**
 * What is to be deleted so that a suppression is gone, and nothing else: the comment with the blanks that came with it;
 * where that says other things, too, what is written in it.
 * @param text one character per byte
 */
export function removalOf(
  text: string,
  { comment, start, end }: Pick<Suppression, 'comment' | 'start' | 'end'>,
): Removal {
  const isBlock = text[comment.start + 1] === '*'
  const inner = isBlock && text.endsWith('*/', comment.end) ? comment.end - 2 : comment.end
  const isAlone =
    /^[\s/*!<]*$/.test(text.slice(comment.start + 2, start)) && /^[\s*\\]*$/.test(text.slice(end, Math.max(end, inner)))
  return isAlone ? wholeComment(text, comment) : { ...partOfComment(text, comment, start, end), pieces: [] }
}

function wholeComment(text: string, { start, end }: Span): Removal {
  const before = text.slice(lineStart(text, start), start)
  const after = text.slice(end, lineEnd(text, end))
  if (after.trim() === '' || after.trim() === '\\') {
    // What has lines of its own goes with them.
    return { start: before.trim() === '' ? start : start - (before.length - before.trimEnd().length), end, pieces: [] }
  }
  const blank = /[ \t]/.test(text[end] ?? '') ? 1 : 0
  if (!sticks(text[start - 1] ?? '', text[end + blank] ?? '')) return { start, end: end + blank, pieces: [] }
  return { start, end, pieces: blank === 0 ? [' '] : [] }
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
  const marks = kept.replace(/(?:\/\/|[,;&])$/, '').trimEnd()
  return { start: Math.max(comment.start + 2, from) + marks.length, end }
}

/** What is to be deleted so that a suppression names a rule no more, but others; the list stays one. */
export function removalOfRule({ rules, list }: Pick<Suppression, 'rules' | 'list'>, rule: NamedRule): Span {
  const index = rules.indexOf(rule)
  if (index > 0) return { start: rules[index - 1]!.end, end: rule.end }
  return { start: list.start, end: rules[1]?.start ?? list.end }
}

/**
 * What goes with a suppression, or with rules that it names: `enable` comments that would end nothing without it.
 * @param name a rule that it is to name no more; null where it goes as a whole
 * @param areGone whether other regions go, too
 */
export function removalsOfEnders(
  text: string,
  suppression: Suppression,
  name: string | null,
  areGone: (region: Suppression) => boolean,
): readonly Removal[] {
  return suppression.enders.flatMap((ender): readonly Removal[] => {
    const others = ender.regions.filter((each) => each !== suppression && !areGone(each))
    const isNeeded = (rule: string): boolean => {
      const isHere = name !== null && rule !== name && names(suppression, rule)
      return isHere || others.some((each) => names(each, rule))
    }
    if (ender.rules.length === 0) return name === null && others.length === 0 ? [removalOf(text, ender)] : []
    const idle = ender.rules.filter((rule) => !isNeeded(rule.name))
    if (idle.length === ender.rules.length) return [removalOf(text, ender)]
    return idle.slice(0, 1).map((rule) => ({ ...removalOfRule(ender, rule), pieces: [] }))
  })
}

const names = ({ rules }: Pick<Ender, 'rules'>, rule: string): boolean => rules.some(({ name }) => name === rule)

function lineStart(text: string, offset: Offset): Offset {
  return Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1
}

function lineEnd(text: string, offset: Offset): Offset {
  const end = /[^\r\n]*/y
  end.lastIndex = offset
  return offset + end.exec(text)![0].length
}

/** Whether two signs could become one token, a comment, or a macro with parameters, without a blank between them. */
const sticks = (a: string, b: string): boolean =>
  (/[\w$]/.test(a) && /[\w$"'(]/.test(b)) || (/[-+&|<>=*/!%^.:#]/.test(a) && /[-+&|<>=*/.:#]/.test(b))
