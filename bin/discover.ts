import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import ignore, { type Ignore } from 'ignore'
import { addAll } from '../analyzer/source/lists.ts'
import { nameOf } from '../analyzer/store/disk.ts'
import { isIn, realPath } from '../analyzer/store/places.ts'
import { reason } from '../analyzer/store/reason.ts'
import { problemOf, readRegular } from '../analyzer/store/regular-file.ts'
import { pathOfBytes, systemPath } from '../analyzer/store/system-path.ts'
import { buildFileKind, isSourceName } from '../analyzer/workspace/source-text.ts'
import { configNames, pyproject } from './config/names.ts'
import { isLink } from './places.ts'

/** Never entered: what tools make, and other people's packages. */
export const skipped: ReadonlySet<string> = new Set([
  '.git',
  '.hg',
  '.svn',
  'node_modules',
  '__pycache__',
  '.tox',
  '.nox',
  '.venv',
  'venv',
  '.eggs',
  '.mypy_cache',
  '.cache',
  '.pc',
  '.abi3lint_cache',
])

const holdsConfiguration: ReadonlySet<string> = new Set([...configNames, pyproject])

/** Tells whether something is excluded by its real path. */
export type Excluded = (path: string, isDirectory?: boolean) => boolean

/** What was found; files by their names relative to the root, with `/`. */
export interface Discovered {
  readonly sources: readonly string[]
  /** Files that configure the build. */
  readonly buildFiles: readonly string[]
  /** What was asked for, by its real path, and whether that was named by a link that leads elsewhere. */
  readonly roots: readonly { readonly path: string; readonly isDirectory: boolean; readonly isLink: boolean }[]
  /** What was asked for by name and is excluded, as it was named. */
  readonly excluded: readonly string[]
  /** What was found and is excluded, by its real path: sources, and directories that were not entered. */
  readonly leftOut: readonly { readonly path: string; readonly isDirectory: boolean }[]
  /** Files by whose names they may hold configurations, in directories below those that were asked for. */
  readonly configurations: readonly string[]
  /** `named` for what the caller asked for by name. */
  readonly problems: readonly { readonly file: string; readonly message: string; readonly named: boolean }[]
}

/**
 * Finds the C and C++ files below the paths, and names them by their real paths. In a git repository directories are
 * walked with their `.gitignore` files: what is unpacked from an archive may well hold what they name. Files that are
 * named are taken as they are. A symbolic link that leads out of what was asked for is not followed, but told of.
 * @param root what files are named relative to, by its real path
 * @param most how many entries of directories are looked at; beyond that the rest is left out
 * @param isExcluded tells what is left out, be it named; null for nothing
 */
export function discover(
  root: string,
  paths: readonly string[],
  most: number = Infinity,
  isExcluded: Excluded | null = null,
): Discovered {
  const discovery = new Discovery(root, most, isExcluded)
  for (const path of paths) discovery.ask(path)
  discovery.walkAll()
  return discovery.found()
}

/** Endings of what is never C or C++. Others may be: `.inc`, `.tpp`, `.c.src`, `.h.in`, none. */
const otherEndings =
  'md markdown rst adoc txt py pyi pyw pyx pxd pxi rs go js mjs ts java sh bat ps1 json toml yaml yml ini cfg ' +
  'html htm css xml csv'
const otherSuffix = new RegExp(`\\.(?:${otherEndings.replaceAll(' ', '|')})$`, 'i')

/** Whether a file that was named is something else by its name, which none of the build files is that are read. */
const isOtherLanguage = (path: string): boolean => otherSuffix.test(path) && buildFileKind(path) === null

/** In a line of a `.gitignore` so many `**` count: each multiplies the time by the depth of a path. */
const mostWildcards = 3

/** A longer line of a `.gitignore` fits no path, and may be no regular expression any more. */
const longestRule = 10_000

/** A `.gitignore` file, and the directory that it is for. */
interface IgnoreRules {
  readonly base: string
  readonly ignore: Ignore
}

/** The rules for what is in a directory, outermost first; null outside of a repository. */
type Rules = readonly IgnoreRules[] | null

class Discovery {
  private readonly sources = new Set<string>()
  private readonly buildFiles = new Set<string>()
  private readonly problems: { file: string; message: string; named: boolean }[] = []
  private readonly roots: { readonly path: string; readonly isDirectory: boolean; readonly isLink: boolean }[] = []
  /** Directories that were walked, by their real paths. */
  private readonly entered = new Set<string>()
  private readonly excluded: string[] = []
  private readonly leftOut: { readonly path: string; readonly isDirectory: boolean }[] = []
  private readonly configurations: string[] = []
  private looked = 0

  constructor(
    private readonly root: string,
    private readonly most: number,
    private readonly isExcluded: Excluded | null,
  ) {}

  found(): Discovered {
    const { sources, buildFiles, problems, roots, excluded, leftOut, configurations } = this
    return { sources: [...sources], buildFiles: [...buildFiles], problems, roots, excluded, leftOut, configurations }
  }

  /** Takes what somebody named: a file, or a directory. */
  ask(given: string): void {
    try {
      const path = realPath(resolve(this.root, given))
      const stats = statSync(systemPath(path))
      const problem = stats.isDirectory() ? null : problemOf(stats)
      if (problem !== null) throw new Error(problem)
      const named = resolve(this.root, given)
      if (this.isExcluded?.(path, stats.isDirectory())) this.excluded.push(given)
      const isLinked = (isLink(named) || isIn(named, this.root)) && !isIn(path, this.root)
      this.roots.push({ path, isDirectory: stats.isDirectory(), isLink: isLinked })
    } catch (error) {
      this.complain(given, error, true)
    }
  }

  walkAll(): void {
    for (const { path, isDirectory } of this.roots) {
      if (this.isExcluded?.(path, isDirectory)) continue
      if (isDirectory) this.walk(path, this.rulesAbove(path))
      else if (isOtherLanguage(path)) {
        const message = `is no C or C++ by its name, so it is left out`
        this.problems.push({ file: nameOf(this.root, path), message, named: false })
      } else this.take(path)
    }
  }

  /** @param directory by its real path @param outer the rules of the repository around it */
  private walk(directory: string, outer: Rules): void {
    const todo: { readonly path: string; readonly outer: Rules }[] = [{ path: directory, outer }]
    while (todo.length > 0) {
      const { path, outer: around } = todo.pop()!
      if (this.entered.has(path) || this.looked >= this.most) continue
      this.entered.add(path)
      // The first of them is walked next, with what is below it.
      addAll(todo, this.enter(path, around).reverse())
    }
  }

  /** Takes the files of a directory. @returns the directories in it that are to be walked */
  private enter(directory: string, outer: Rules): { readonly path: string; readonly outer: Rules }[] {
    let entries: { readonly name: string; readonly entry: Dirent<Buffer> }[]
    try {
      entries = readdirSync(systemPath(directory), { withFileTypes: true, encoding: 'buffer' })
        .map((entry) => ({ name: pathOfBytes(entry.name), entry }))
        .sort((a, b) => (a.name < b.name ? -1 : 1))
    } catch (error) {
      this.complain(nameOf(this.root, directory), error, true)
      return []
    }
    this.looked += entries.length
    const rules = this.rulesIn(
      directory,
      entries.map(({ name }) => name),
      outer,
    )
    if (!this.roots.some(({ path }) => path === directory))
      for (const { name } of entries) if (holdsConfiguration.has(name)) this.configurations.push(join(directory, name))
    const below: { path: string; outer: Rules }[] = []
    for (const { name, entry } of entries) {
      const path = join(directory, name)
      const found = this.resolved(path, name, entry)
      if (found === null || isIgnored(path, found.isDirectory, rules)) continue
      if (this.isExcluded?.(found.path, found.isDirectory)) {
        if (!skipped.has(name)) this.leftOut.push({ path: found.path, isDirectory: found.isDirectory })
        continue
      }
      if (!found.isDirectory) this.take(found.path)
      else if (!skipped.has(name))
        below.push({ path: found.path, outer: found.path === path ? rules : this.rulesAbove(found.path) })
    }
    return below
  }

  /** What an entry of a directory is, by its real path; null for what is neither entered nor read. */
  private resolved(
    path: string,
    name: string,
    entry: Dirent<Buffer>,
  ): { readonly path: string; readonly isDirectory: boolean } | null {
    if (entry.isDirectory()) return { path, isDirectory: true }
    const isWanted = isSourceName(name) || buildFileKind(name) !== null
    if (entry.isFile()) return isWanted ? { path, isDirectory: false } : null
    if (!entry.isSymbolicLink()) {
      if (isWanted) this.complain(nameOf(this.root, path), new Error(problemOf(entry)!), false)
      return null
    }
    try {
      const real = realPath(path)
      const stats = statSync(systemPath(real))
      if (!stats.isDirectory() && !isWanted) return null
      if (!this.roots.some((root) => isIn(real, root.path))) {
        const file = nameOf(this.root, path)
        this.problems.push({ file, message: 'is a link that leads out of what was asked for: left out', named: false })
        return null
      }
      const problem = stats.isDirectory() ? null : problemOf(stats)
      if (problem !== null) throw new Error(problem)
      return { path: real, isDirectory: stats.isDirectory() }
    } catch (error) {
      if (isWanted) this.complain(nameOf(this.root, path), error, false)
      return null
    }
  }

  private take(path: string): void {
    const name = nameOf(this.root, path)
    const files = buildFileKind(name) === null ? this.sources : this.buildFiles
    files.add(name)
  }

  private complain(file: string, error: unknown, named: boolean): void {
    this.problems.push({ file, message: `cannot be read: ${reason(error)}`, named })
  }

  /** The rules for what is in a directory: those around it, and its own. @param names of its entries */
  private rulesIn(directory: string, names: readonly string[], outer: Rules): Rules {
    const rules = outer ?? (names.includes('.git') ? [] : null)
    return rules && names.includes('.gitignore') ? [...rules, ...this.readRules(directory)] : rules
  }

  /** An unreadable `.gitignore` ignores nothing, and neither does a line of it that takes too long to compare. */
  private readRules(directory: string): IgnoreRules[] {
    const path = join(directory, '.gitignore')
    try {
      const lines = readRegular(path).toString().split('\n')
      const complain = (what: string): void => {
        const message = `has a line ${what}, which is left out`
        this.problems.push({ file: nameOf(this.root, path), message, named: false })
      }
      const short = lines.filter((line) => line.length <= longestRule)
      if (short.length < lines.length) complain(`of more than ${longestRule} characters`)
      const quick = short.filter((line) => line.split('**').length - 1 <= mostWildcards)
      if (quick.length < short.length) complain(`with more than ${mostWildcards} \`**\``)
      return [{ base: directory, ignore: ignore({ ignorecase: false }).add(quick.join('\n')) }]
    } catch (error) {
      this.complain(nameOf(this.root, path), error, false)
      return []
    }
  }

  /** The `.gitignore` files above a directory, outermost first, up to that of its repository; null outside of one. */
  private rulesAbove(directory: string): Rules {
    const above: IgnoreRules[] = []
    for (let at = directory; !existsSync(systemPath(join(at, '.git'))); ) {
      const outer = dirname(at)
      if (outer === at) return null
      at = outer
      if (existsSync(systemPath(join(at, '.gitignore')))) above.unshift(...this.readRules(at))
    }
    // Who names an ignored directory means it.
    const isMeant = above.some(({ base, ignore: rule }) => rule.ignores(`${nameOf(base, directory)}/`))
    return isMeant ? [] : above
  }
}

/** Whether a repository ignores a path. Of the files that say something about it, the innermost decides. */
function isIgnored(path: string, isDirectory: boolean, rules: Rules): boolean {
  let ignored = false
  for (const { base, ignore: rule } of rules ?? []) {
    const inside = nameOf(base, path)
    const verdict = rule.test(isDirectory ? `${inside}/` : inside)
    if (verdict.ignored || verdict.unignored) ignored = verdict.ignored
  }
  return ignored
}
