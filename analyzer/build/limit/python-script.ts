import type { Brackets } from '../brackets.ts'
import type { BuildText, Span } from '../build-text.ts'
import { withoutDeep } from '../module-definitions.ts'

/** A line of Python with those that it goes on in: inside of brackets, or after a backslash. */
interface LogicalLine extends Span {
  readonly indent: number
  /** Its text, strings blanked. */
  readonly text: string
}

/** The logical lines of a script that hold code, in their order. */
function* logicalLines({ skeleton, brackets }: BuildText): Iterable<LogicalLine> {
  for (let at = 0; at < skeleton.length; ) {
    const end = lineEndOf(skeleton, brackets, at)
    const text = skeleton.slice(at, end)
    if (text.trim() !== '') yield { start: at, end, indent: /^[ \t]*/.exec(text)![0].length, text: text.trim() }
    at = end + 1
  }
}

function lineEndOf(skeleton: string, brackets: Brackets, start: number): number {
  for (let at = start; at < skeleton.length; at++) {
    if ('([{'.includes(skeleton[at]!)) at = brackets.closing(at)
    else if (skeleton[at] === '\\') at += skeleton[at + 1] === '\r' ? 2 : 1
    else if (skeleton[at] === '\n') return at
  }
  return skeleton.length
}

/** A place at file level: behind a line where `isBehind`, else at the start of one. */
export interface TopLevelPlace {
  readonly at: number
  readonly isBehind: boolean
}

/**
 * Where something can be put that all of a script is to see: behind the imports that it begins with, or before the
 * first statement where those stand in `try` and `if` blocks alone. Null for a script without statements.
 * @param used from where on it has to be there
 */
export function behindImports(text: BuildText, used: number): TopLevelPlace | null {
  let first: number | null = null
  let last: number | null = null
  for (const line of logicalLines(text)) {
    const isFuture = /^from\s+__future__\b/.test(line.text)
    const isEnd = first !== null && used < line.end
    if (line.indent === 0 && !isEnd && isImport(line.text)) last = line.end
    else if (isEnd || (line.indent === 0 && !isDocstring(line.text) && !blockHead.test(line.text))) {
      first ??= line.start
      break
    }
    if (!isFuture && !isDocstring(line.text)) first ??= line.start
  }
  if (last !== null) return { at: last, isBehind: true }
  return first === null ? null : { at: first, isBehind: false }
}

/** Whether a line does nothing but import. */
const isImport = (line: string): boolean => line.split(';').every((each) => /^\s*(?:(?:import|from)\b|$)/.test(each))

const isDocstring = (line: string): boolean => /^[rRbBuU]*["']/.test(line)
const blockHead = /^(?:try|except|else|finally|if|elif|with)\b.*:/

/**
 * Whether an import at file level gives a script a name before a place: `import sys`,
 * `from distutils import sysconfig`.
 */
export const imports = ({ skeleton }: BuildText, name: string, before: number): boolean =>
  new RegExp(
    `^(?:from[ \\t]+[\\w.]+[ \\t]+)?import[ \\t]+(?:[^\\n#]*[,(][ \\t]*)?${name}[ \\t]*(?:[,;)]|\\r?$)`,
    'm',
  ).test(skeleton.slice(0, before))

/**
 * The calls of setuptools' `setup` in a script, what stands in their brackets. A script may have a `setup` of its own.
 */
export function setupCalls(text: BuildText): readonly Span[] {
  const { skeleton, brackets } = text
  const isOwn = /\bdef\s+setup\s*\(/.test(skeleton)
  const calls = [...skeleton.matchAll(/(\bdef\s+)?(?<![\w.])((?:\w+\.)*)setup[^\S\n]*\(/g)].flatMap((match) => {
    const open = match.index + match[0].length - 1
    const module = match[2]!.slice(0, -1)
    const isOther = match[1] !== undefined || (module === '' ? isOwn : !isSetuptools(text, module))
    return isOther ? [] : [{ start: open + 1, end: brackets.closing(open) }]
  })
  return withoutDeep(calls)
}

/** What stands between the parentheses of calls of `dict`. */
export const dictCalls = ({ skeleton, brackets }: BuildText): readonly Span[] =>
  withoutDeep(
    [...skeleton.matchAll(/(?<![\w.])dict[^\S\n]*\(/g)].map((match) => {
      const end = match.index + match[0].length
      return { start: end, end: brackets.closing(end - 1) }
    }),
  )

/** Whether a name that calls stand behind, as in `st.setup()`, is one of setuptools or distutils. */
export const isSetuptools = (text: BuildText, module: string): boolean =>
  /^(?:setuptools|distutils)\b|^core$|^extension$/.test(module) || aliases(text).has(module)

const known = new WeakMap<BuildText, ReadonlySet<string>>()

/** The names by which a script imports modules of setuptools and distutils: `import setuptools as st`. */
function aliases(text: BuildText): ReadonlySet<string> {
  let names = known.get(text)
  if (!names) {
    names = new Set(
      text.skeleton.split('\n').flatMap((line) => {
        const start = line.search(/\bimport[ \t]/)
        const found = line.slice(Math.max(0, start)).matchAll(/\b(?:setuptools|distutils)[\w.]*[ \t]+as[ \t]+(\w+)/g)
        return start < 0 ? [] : [...found].map(([, name]) => name!)
      }),
    )
    known.set(text, names)
  }
  return names
}
