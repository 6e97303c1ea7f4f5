import type { ChalkInstance } from 'chalk'

/**
 * A unified diff in colours, as git has them. Which lines are added and which are heads of files is counted: a line
 * `-- x` that was taken away looks like a head.
 * @param diff as `diffText` gives it: characters may stand for bytes, and it holds no control characters
 */
export function paintedDiff(diff: string, chalk: ChalkInstance): string {
  if (chalk.level === 0) return diff
  let [old, added] = [0, 0]
  const paint = (line: string): string => {
    if (old > 0 || added > 0) {
      if (line.startsWith('\\')) return line
      if (!line.startsWith('+')) old--
      if (!line.startsWith('-')) added--
      return line.startsWith('+') ? chalk.green(line) : line.startsWith('-') ? chalk.red(line) : line
    }
    const [, before, after] = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(line) ?? []
    if (line.startsWith('@@ ')) {
      old = Number(before ?? 1)
      added = Number(after ?? 1)
      return chalk.cyan(line)
    }
    return /^(?:---|\+\+\+|diff) /.test(line) ? chalk.bold(line) : line
  }
  return diff.split('\n').map(paint).join('\n')
}
