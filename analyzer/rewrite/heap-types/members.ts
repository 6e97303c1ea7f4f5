import type { BracesValue, Value } from '../../code/tree.ts'
import { eachValue, isNull } from '../../code/values.ts'
import { indentAt, lineEndOf, ownLine } from '../places.ts'
import type { Line } from './initialiser-lines.ts'

/**
 * Where members or methods go into an array that there is: before its last entry, which ends it.
 * @param array of a file with the text
 * @returns null where that is not found
 */
export function entryInsertion(
  text: string,
  { entries }: BracesValue,
  lines: readonly Line[],
): { readonly start: number; readonly text: string } | null {
  const last = entries?.at(-1)
  if (last?.kind !== 'item' || !isSentinel(last.value)) return null
  const { start } = last.value.span
  const lineStart = ownLine(text, start)
  const lineEnd = lineEndOf(text)
  if (lineStart === null)
    return lines.some(({ isDirective }) => isDirective)
      ? null
      : { start, text: lines.map((each) => `${each.text} `).join('') }
  const indent = indentAt(text, start)
  return {
    start: lineStart,
    text: lines.map((each) => `${each.isDirective ? '' : indent}${each.text}${lineEnd}`).join(''),
  }
}

/** `{NULL}`, `{0}`, `{}`, or a zero without braces. */
function isSentinel(value: Value): boolean {
  if (value.kind !== 'braces') return isNull(value)
  const [first] = value.entries ?? []
  return value.entries !== null && (first === undefined || (first.kind === 'item' && isNull(first.value)))
}

/** A string in an initialiser that fits a pattern, as it is written; null for none. */
export function stringIn(array: Value, wanted: RegExp): string | null {
  for (const value of eachValue(array)) {
    const found = value.kind === 'literal' ? wanted.exec(value.text) : null
    if (found) return found[0]
  }
  return null
}
