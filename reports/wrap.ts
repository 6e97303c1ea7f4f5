import { inert, printable } from './printable.ts'
import { displayWidth } from './width.ts'

/**
 * Breaks text at blanks and line ends into lines, and makes it printable, and each line inert.
 * @param width terminal columns a line may take; a longer word gets a line of its own and sticks out
 * @returns at least one line, without line ends
 */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  let used = 0
  for (const word of text
    .split(/\s+/)
    .filter((part) => part !== '')
    .map(printable)) {
    const wide = displayWidth(word)
    if (line !== '' && used + 1 + wide > width) {
      lines.push(line)
      line = ''
    }
    const first = line === '' ? inert(word) : null
    used = first === null ? used + 1 + wide : displayWidth(first)
    line = first ?? `${line} ${word}`
  }
  return [...lines, line]
}
