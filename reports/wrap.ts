import { printable } from './printable.ts'
import { displayWidth } from './width.ts'

/**
 * Breaks text at blanks and line ends into lines, and makes it printable.
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
      used = 0
    }
    used += wide + (line === '' ? 0 : 1)
    line += line === '' ? word : ` ${word}`
  }
  return [...lines, line]
}
