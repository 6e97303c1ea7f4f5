import { type BuildText, expressionAt, type Span } from '../build-text.ts'
import type { BuildEdit } from './limited-file.ts'

/** An argument of a call in Python or Meson. */
export interface CallArgument {
  /** The name of a keyword argument, `*` and `**` for what is unpacked, null for one by position. */
  readonly keyword: string | null
  /** Where its value stands. */
  readonly value: Span
  /** Where all of it ends. */
  readonly end: number
}

/** The arguments between the brackets of a call, or the elements of a list, in their order. */
export function argumentsIn(text: BuildText, { start, end }: Span): CallArgument[] {
  const found: CallArgument[] = []
  for (let at = start; at < end; ) {
    const whole = expressionAt(text, at)
    const comma = text.brackets.comma(at)
    if (whole.text !== '') found.push(argumentAt(text, whole))
    if (comma >= end || text.skeleton[comma] !== ',') break
    at = comma + 1
  }
  return found
}

function argumentAt(text: BuildText, whole: Span): CallArgument {
  const [lead = '', word] =
    /^(?:([A-Za-z_]\w*)\s*[=:](?!=)\s*|\*{1,2}\s*)/.exec(text.skeleton.slice(whole.start, whole.end)) ?? []
  const keyword = lead === '' ? null : (word ?? lead.trim())
  return { keyword, value: { start: whole.start + lead.length, end: whole.end }, end: whole.end }
}

/** Puts arguments behind the last one of a call, on lines of their own where the call is closed on another line. */
export function withArguments(text: BuildText, call: Span, given: readonly string[]): BuildEdit[] {
  const last = argumentsIn(text, call).at(-1)
  if (last === undefined) return [{ start: call.start, end: call.start, text: given.join(', ') }]
  const { skeleton } = text
  const comma = /^\s*,/.exec(skeleton.slice(last.end, call.end))
  const behind = last.end + (comma?.[0].length ?? 0)
  const isFirstLine = !skeleton.slice(call.start, last.end).includes('\n')
  const line = /^[ \t]*(?=\r?\n)/.exec(skeleton.slice(behind, call.end))
  const missing = comma === null ? ',' : ''
  if (line === null || isFirstLine) return [{ start: behind, end: behind, text: `${missing} ${given.join(', ')}` }]
  const start = `${lineEnd(text)}${indentAt(text, last.end)}`
  const own = `${start}${given.join(`,${start}`)}${comma === null ? '' : ','}`
  if (line[0] === '') return [{ start: behind, end: behind, text: missing + own }]
  // What stands behind on the line is a comment.
  const atLineEnd = { start: behind + line[0].length, end: behind + line[0].length, text: own }
  return missing === '' ? [atLineEnd] : [{ start: behind, end: behind, text: missing }, atLineEnd]
}

/** The blanks at the start of the line on which the expression that ends at a place begins. */
function indentAt({ skeleton }: BuildText, end: number): string {
  let depth = 0
  let lineStart = 0
  for (let at = end - 1; at >= 0; at--) {
    const character = skeleton[at]!
    if (')]}'.includes(character)) depth++
    else if ('([{'.includes(character)) depth--
    else if (character === '\n' && depth <= 0) {
      lineStart = at + 1
      break
    }
    if (depth < 0) {
      lineStart = skeleton.lastIndexOf('\n', at) + 1
      break
    }
  }
  return /^[ \t]*/.exec(skeleton.slice(lineStart))![0]
}

/** The line end of a file. */
export const lineEnd = ({ skeleton }: Pick<BuildText, 'skeleton'>): string => /\r?\n/.exec(skeleton)?.[0] ?? '\n'
