import { formatPatch, OMIT_HEADERS, type StructuredPatchHunk } from 'diff'
import { binaryPatch } from './binary-patch.ts'
import { quotedName } from './file-name.ts'
import { lineRuns, type Run } from './line-runs.ts'

/** Lines of context around a change, where nothing asks for more. */
const usualContext = 3

/** A context line in which a CI system would see a command: it looks behind the blanks that a line begins with. */
const isCommand = (line: string): boolean => /^ [\s\x80-\xff]*::[^:].*::/.test(line)

/**
 * What no line of a diff may hold: a command of a CI system that is one anywhere in a line, or behind a carriage
 * return, and what a terminal acts on.
 */
const isTreacherous = (text: string): boolean =>
  /##(?:vso|teamcity)?\[|[\0-\x08\x0e-\x1f\x7f]/i.test(text) ||
  (text.match(/(?<![\s\x80-\xff])[\s\x80-\xff]+(?=::)/g) ?? []).some((blanks) => /\r(?!\n)/.test(blanks))

const isContext = (line: string | undefined): boolean => line?.startsWith(' ') === true

/**
 * A unified diff of one file that `git apply` takes. A context line that would be a command in the log of a CI system
 * is taken away and put back, which comes to the same. Where a line would be one however it is written, or would make a
 * terminal act, all of the change is in git's form for binary files.
 * @param old the bytes of the file as characters; null for a new file
 * @returns bytes as characters, lines that end in a line feed
 */
export function diffText(file: string, old: string | null, changed: string): string {
  const hunks = hunksOf(old ?? '', changed)
  const text = formatPatch({ hunks, oldFileName: '', newFileName: '', oldHeader: '', newHeader: '' }, OMIT_HEADERS)
  if (isTreacherous(text)) return binaryPatch(quotedName(`a/${file}`), quotedName(`b/${file}`), old, changed)
  return `--- ${old === null ? '/dev/null' : named(`a/${file}`)}\n+++ ${named(`b/${file}`)}\n${text}`
}

/** As git does it: a tab shows where a name with blanks ends. */
const named = (path: string): string => `${quotedName(path)}${path.includes(' ') ? '\t' : ''}`

function hunksOf(old: string, changed: string): StructuredPatchHunk[] {
  const lines = old.split('\n').length - (old.endsWith('\n') || old === '' ? 1 : 0)
  const runs = lineRuns(old, changed)
  for (let context = usualContext; ; context *= 2) {
    const hunks = hunksWith(context, runs)
    // A hunk without context behind it is taken for one at the end of the file.
    const isAnchored = hunks.every(
      ({ oldStart, oldLines, lines: all }) => oldStart + oldLines > lines || !isCommand(all.at(-1)!),
    )
    if (isAnchored || context > lines) return hunks.map((hunk) => ({ ...hunk, lines: withoutCommands(hunk.lines) }))
  }
}

/** The changes with so many lines around them; those with no more than twice that between them are one hunk. */
function hunksWith(context: number, runs: readonly Run[]): StructuredPatchHunk[] {
  const hunks: StructuredPatchHunk[] = []
  let open: StructuredPatchHunk | null = null
  let [oldLine, newLine] = [1, 1]
  for (const [index, { sign, lines }] of runs.entries()) {
    if (sign !== ' ' && open === null) {
      const before = runs[index - 1]?.lines.slice(-context) ?? []
      const [oldStart, newStart] = [oldLine - before.length, newLine - before.length]
      open = { oldStart, oldLines: 0, newStart, newLines: 0, lines: [] }
      hunks.push(open)
      addLines(open, ' ', before)
    }
    const isBetween = lines.length <= 2 * context && index < runs.length - 1
    if (open !== null) addLines(open, sign, sign !== ' ' || isBetween ? lines : lines.slice(0, context))
    if (sign === ' ' && !isBetween) open = null
    if (sign !== '+') oldLine += lines.length
    if (sign !== '-') newLine += lines.length
  }
  return hunks
}

function addLines(hunk: StructuredPatchHunk, sign: Run['sign'], lines: readonly string[]): void {
  for (const line of lines) {
    if (line.endsWith('\n')) hunk.lines.push(sign + line.slice(0, -1))
    else hunk.lines.push(sign + line, '\\ No newline at end of file')
  }
  if (sign !== '+') hunk.oldLines += lines.length
  if (sign !== '-') hunk.newLines += lines.length
}

function withoutCommands(lines: readonly string[]): string[] {
  return lines.flatMap((line, index) => {
    if (isContext(line) && isCommand(line)) {
      const text = line.slice(1)
      const next = lines[index + 1]
      // `\ No newline at end of file` belongs to both; the one that is there already follows the second.
      return next?.startsWith('\\') ? [`-${text}`, next, `+${text}`] : [`-${text}`, `+${text}`]
    }
    return [line]
  })
}
