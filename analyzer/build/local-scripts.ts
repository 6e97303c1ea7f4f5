import posix from 'path-browserify'
import type { BuildFile } from './build-file.ts'
import { buildText } from './build-text.ts'

/** `if sys.version_info[0] == 2:`, `if sys.version_info < (3,):` */
const asksForPython2 = /^\s*(?:el)?if\b[^\n]*\bversion_info\S*[ \t]*(?:==[ \t]*\(?2|<[ \t]*\(?3\b)[^\n]*$/

/** Longer lines ask for nothing of the kind. */
const longestQuestion = 1000
const isForPython2 = (line: string): boolean => line.length <= longestQuestion && asksForPython2.test(line)

/**
 * The scripts that a Python script may import from beside it: `import setup3`, `from build_support.ext import x`. They
 * need not be there. What only Python 2 imports is not among them.
 */
export function localScripts(file: BuildFile): string[] {
  const found: string[] = []
  let before = ''
  for (const line of buildText(file).code.split('\n')) {
    const match = /^\s*(?:from[ \t]+([\w.]+)[ \t]+import\b|import[ \t]+([\w., \t]+))/.exec(line)
    if (match !== null && !(isForPython2(before) && indentOf(line) > indentOf(before)))
      for (const name of match[1] === undefined ? match[2]!.split(',') : [match[1]]) {
        const path = name.trim().split(/\s/)[0]!.replace(/\./g, '/')
        if (/^\w/.test(path)) found.push(posix.join(posix.dirname(file.path), `${path}.py`))
      }
    if (line.trim() !== '') before = line
  }
  return [...new Set(found)]
}

const indentOf = (line: string): number => /^\s*/.exec(line)![0].length
