import { type Minor, newest, oldest, parseVersion } from '../../analyzer/knowledge/version.ts'
import { includesOf, inOrder, sectionOf, shimHeader } from './header.ts'
import { shims } from './index.ts'
import type { Shim } from './shim.ts'

/** Headers of shims that are there already: those that `shimHeader` made, perhaps changed by somebody since. */

/** Whether a text, one character per byte, is a header that abi3lint made, so that shims can be put into it. */
export const isMadeShimHeader = (text: string): boolean => floorOf(text) !== null && ends.test(text)

/** Whether a header is as abi3lint makes it, so that it holds nothing of anybody else's. */
export function isAsMade(text: string): boolean {
  const floor = floorOf(text)
  return floor !== null && toLines(text) === shimHeader(namesIn(text), floor)
}

/**
 * A header with some shims in it besides those that it has. One that is as it was made is made anew; to one that
 * somebody has changed, or an earlier abi3lint made, the shims are added that it lacks.
 * @param text what there is, one character per byte; null where there is nothing
 * @param names of shims
 * @param level the lowest that is built for; where a shim needs a higher one, that counts
 * @param lineEnd of a header that is new
 * @returns null where there is a file that abi3lint did not make
 */
export function withShims(text: string | null, names: Iterable<string>, level: Minor, lineEnd: string): string | null {
  if (text === null || text.trim() === '')
    return withLineEnds(shimHeader([...new Set(names)].sort(), highest(level, names)), lineEnd)
  const floor = floorOf(text)
  if (floor === null || !ends.test(text)) return null
  const end = text.includes('\r\n') ? '\r\n' : '\n'
  const present = namesIn(text)
  const missing = [...new Set(names)].filter((name) => !present.includes(name))
  if (missing.length === 0) return text
  const all = [...present, ...missing].sort()
  if (isAsMade(text)) return withLineEnds(shimHeader(all, highest(Math.min(level, floor), all)), end)
  return withLineEnds(extended(toLines(text), new Set(present), missing, floor), end)
}

const highest = (level: Minor, names: Iterable<string>): Minor =>
  [...names].reduce((highest, name) => Math.max(highest, shims.get(name)?.since ?? level), level)

/** The level that a header says it is for; null where abi3lint did not make it. */
function floorOf(text: string): Minor | null {
  const head = withoutComments(text.slice(0, 4000))
  const level = /^\/\* Shims for Python (3\.\d+) to 3\.\d+:/.exec(head)?.[1]
  const version = level === undefined || !head.includes('Made by abi3lint shims;') ? null : parseVersion(level)
  return version !== null && version >= oldest && version <= newest ? version : null
}

/** A text without a mark of its order of bytes, and the comments that others have put before ours: a licence. */
function withoutComments(text: string): string {
  let rest = text.replace(/^\xef\xbb\xbf/, '').trimStart()
  while (!rest.startsWith('/* Shims for Python ')) {
    const end = rest.startsWith('/*') ? rest.indexOf('*/') + 2 : rest.startsWith('//') ? rest.indexOf('\n') + 1 : 0
    if (end <= 1) return ''
    rest = rest.slice(end).trimStart()
  }
  return rest
}

/** What such a header ends with; people write what an `#endif` is for behind it. */
const ends =
  /\n#ifdef __cplusplus\r?\n\}\r?\n#endif(?:[ \t]*\/[/*][^\r\n]*)?\r?\n\r?\n#endif(?:[ \t]*\/[/*][^\r\n]*)?\s*$/

/** The shims that a text names outside of comments. */
function namesIn(text: string): string[] {
  const code = text.replace(/\/\*[^*]*(?:\*(?!\/)[^*]*)*\*\/|\/\/[^\n]*/g, ' ')
  const words = new Set(code.match(/\bPep\w+/g))
  return [...shims.keys()].filter((name) => words.has(name))
}

const toLines = (text: string): string => text.replaceAll('\r\n', '\n')
const withLineEnds = (text: string, end: string): string => (end === '\n' ? text : text.replaceAll('\n', end))

/** A header with the shims at its end that it lacks. */
function extended(text: string, present: ReadonlySet<string>, missing: readonly string[], floor: Minor): string {
  const isThere = (shim: Shim): boolean => shim.provides.some((name) => present.has(name))
  const added = inOrder(
    missing.map((name) => shims.get(name)!),
    floor,
  ).filter((shim) => !isThere(shim))
  const sections = added.map((shim) => `\n${sectionOf(shim, floor)}`).join('')
  const at = ends.exec(text)!.index
  const longer = text.slice(0, at) + sections + text.slice(at)
  const includes = includesOf(added).filter((each) => !new RegExp(`^#\\s*include ${each}`, 'm').test(text))
  return longer.replace(
    /^#include <Python\.h>\n/m,
    (line) => line + includes.map((each) => `#include ${each}\n`).join(''),
  )
}
