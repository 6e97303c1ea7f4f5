/** What compilers say in the log of a build, as gcc and clang print it: `file:line:column: warning: text [-Wflag]`. */

/** A warning of a compiler. */
export interface Warning {
  readonly file: string
  readonly line: number
  /** With the flag that makes it, as printed: `unused variable 'x' [-Wunused-variable]`. */
  readonly text: string
}

/** How many errors of a build are told. */
const mostErrors = 3

/**
 * The first errors in the log of a build, without directories: those of a compiler, else those of what called it, else
 * the last line; empty where nothing was printed.
 */
export function firstErrors(log: string): string {
  const lines = log
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const ofCompiler = lines.filter((line) => /:\d+: (?:fatal )?error: /.test(line))
  const ofOthers = lines.filter(
    (line) => /^(?:\w+\.)*\w*error: /i.test(line) && !/failed (?:building|to build)/i.test(line),
  )
  const found = ofCompiler.length > 0 ? ofCompiler.map((line) => line.replace(/^\S*\//, '')) : ofOthers
  return found.length > 0 ? [...new Set(found)].slice(0, mostErrors).join('; ') : (lines.at(-1) ?? '')
}

/**
 * The warnings of compilers in the log of a build, in their order.
 * @param tree the directory that was built, which is left out of the names of files
 */
export function warningsIn(log: string, tree: string): Warning[] {
  return [...log.matchAll(/^[ \t]*((?:[A-Za-z]:)?[^\s:][^:\n]*):(\d+)(?::\d+)?: warning: (.+)$/gm)].map(
    ([, file, line, text]) => ({
      file: file!
        .replace(`${tree}/`, '')
        .replace(/^\.\//, '')
        .replace(/^.*pip-build-env-[^/]+\//, ''),
      line: Number(line),
      text: text!.trim(),
    }),
  )
}

/**
 * The warnings that a build has and another had not, each as often as it has more of it. Lines do not count, since a
 * port moves them.
 */
export function newWarnings(before: readonly Warning[], after: readonly Warning[]): Warning[] {
  const key = ({ file, text }: Warning): string => JSON.stringify([file, text])
  const known = new Map<string, number>()
  for (const each of before) known.set(key(each), (known.get(key(each)) ?? 0) + 1)
  return after.filter((each) => {
    const count = known.get(key(each)) ?? 0
    known.set(key(each), count - 1)
    return count <= 0
  })
}
