import type { BuildText, Span } from '../build-text.ts'

/** What a script makes of names that matter to how it builds, each question answered in one look at the text. */

/** A line as it stands in the file. */
export interface ScriptLine extends Span {
  readonly indent: number
  readonly isInFunction: boolean
}

const lines = new WeakMap<BuildText, readonly ScriptLine[]>()

/** The lines of a script, in their order. */
export function linesOf(text: BuildText): readonly ScriptLine[] {
  let found = lines.get(text)
  if (!found) {
    found = readLines(text.skeleton)
    lines.set(text, found)
  }
  return found
}

function readLines(skeleton: string): ScriptLine[] {
  // The lines that the one that is read is indented below, the outermost first.
  const around: { readonly indent: number; readonly isInFunction: boolean }[] = []
  let start = 0
  return skeleton.split('\n').map((line) => {
    const indent = /^[ \t]*/.exec(line)![0].length
    const isBlank = line.trim() === ''
    if (!isBlank) while (around.length > 0 && around.at(-1)!.indent >= indent) around.pop()
    const isInFunction = around.at(-1)?.isInFunction ?? false
    if (!isBlank) around.push({ indent, isInFunction: isInFunction || /^\s*(?:async\s+)?def\b/.test(line) })
    const found = { start, end: start + line.length, indent, isInFunction }
    start = found.end + 1
    return found
  })
}

const firstSigns = new WeakMap<BuildText, ReadonlyMap<string, ReadonlySet<string>>>()

/** Whether a name is set, and to nothing but lists that are written out. */
export function isOnlyList(text: BuildText, name: string): boolean {
  let known = firstSigns.get(text)
  if (!known) {
    const found = new Map<string, Set<string>>()
    for (const [, set, first] of text.skeleton.matchAll(/(?<![\w.])(\w+)[ \t]*=(?!=)(?=[ \t]*([^\n]?))/g))
      found.set(set!, (found.get(set!) ?? new Set()).add(first!))
    known = found
    firstSigns.set(text, known)
  }
  const signs = known.get(name)
  return signs !== undefined && [...signs].every((sign) => sign === '[')
}

/** Whether a script may have the `sysconfig` of distutils, by a branch. @param before where it is asked for */
export const hasOtherSysconfig = ({ skeleton }: BuildText, before: number): boolean =>
  skeleton
    .slice(0, before)
    .split('\n')
    .some((line) => {
      const code = line.split('#')[0]!
      const start = /\bfrom[ \t]+distutils[ \t]+import(?!\w)/.exec(code)
      if (start !== null && /\bsysconfig\b/.test(line.slice(start.index + start[0].length))) return true
      return /\bas[ \t]+sysconfig\b/.test(code)
    })

const imported = new WeakMap<BuildText, boolean>()

/** Whether `Extension` is the class of setuptools wherever a script imports it, and none of its own. */
export function importsClass(text: BuildText): boolean {
  let known = imported.get(text)
  if (known === undefined) {
    known = readImports(text)
    imported.set(text, known)
  }
  return known
}

function readImports({ skeleton }: BuildText): boolean {
  if (/\b(?:class|def)\s+Extension\b|\bExtension\s*=(?!=)|\bas[ \t]+Extension\b/.test(skeleton)) return false
  const places = [...skeleton.matchAll(/\bExtension\b/g)].map(({ index }) => index)
  let next = 0
  for (const { index, 0: whole, 1: source, 2: open } of skeleton.matchAll(
    /\bfrom[ \t]+([\w.]+)[ \t]+import\b(?:[ \t]*(\())?/g,
  )) {
    const behind = index + whole.length
    while (next < places.length && places[next]! < behind) next++
    const place = places[next]
    if (place === undefined) return true
    const between = skeleton.slice(behind, Math.min(place, behind + longestImport))
    const isImported = place - behind < longestImport && !(open === undefined ? /[\n(]/ : /\)/).test(between)
    if (isImported && !/^(?:setuptools|distutils|Cython\.Distutils)\b/.test(source!)) return false
  }
  return true
}

/** Characters of a list of names that are imported, at most. */
const longestImport = 2000

/** Whether a script does more with the class than to call it: what is made by other names is an extension, too. */
export function handsOnClass({ skeleton }: BuildText): boolean {
  const others: string[] = []
  let done = 0
  for (const { index } of skeleton.matchAll(/^[ \t]*(?:from|import)\b/gm)) {
    if (index < done) continue
    const end = importEnd(skeleton, index)
    const isRenamed = /\bExtension[ \t]+as\b/.test(skeleton.slice(index, end))
    others.push(skeleton.slice(done, isRenamed ? end : index))
    done = end
  }
  others.push(skeleton.slice(done))
  return /\bExtension\b(?!\s*\()/.test(others.join(''))
}

/** Where the import that begins at a place ends: with its line, but for brackets and backslashes at line ends. */
function importEnd(skeleton: string, start: number): number {
  for (let at = start; at < skeleton.length; at++) {
    const sign = skeleton[at]!
    if (sign === '\n') return at
    if (sign === '(') {
      const close = skeleton.indexOf(')', at)
      const isLong = close < 0 || close - at > longestImport
      if (isLong) return at
      at = close
    } else if (sign === '\\') {
      if (!/^\\\r?\n/.test(skeleton.slice(at, at + 3))) return at
      at = skeleton.indexOf('\n', at)
    }
  }
  return skeleton.length
}
