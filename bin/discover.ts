import { type Dirent, existsSync, lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import ignore, { type Ignore } from 'ignore'
import { nameOf } from '../analyzer/store/disk.ts'
import { reason } from '../analyzer/store/reason.ts'
import { buildFileKind, isSourceName } from '../analyzer/workspace/source-text.ts'

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
])
/** What was found; files by their names relative to the root, with `/`. */
export interface Discovered {
  readonly sources: readonly string[]
  /** Files that configure the build. */
  readonly buildFiles: readonly string[]
  /** `named` for what the caller asked for by name. */
  readonly problems: readonly { readonly file: string; readonly message: string; readonly named: boolean }[]
}

/**
 * Finds the C and C++ files below the paths. In a git repository directories are walked with their `.gitignore`
 * files: what is unpacked from an archive may well hold what they name. Files that are named are taken as they are.
 * Symbolic links to directories are followed once.
 * @param root what files are named relative to
 */
export function discover(root: string, paths: readonly string[]): Discovered {
  const discovery = new Discovery(root)
  for (const path of paths) discovery.visit(path)
  return discovery.found()
}

/** A `.gitignore` file, and the directory that it is for. */
interface IgnoreRules {
  readonly base: string
  readonly ignore: Ignore
}

class Discovery {
  private readonly sources = new Set<string>()
  private readonly buildFiles = new Set<string>()
  private readonly problems: { file: string; message: string; named: boolean }[] = []
  /** Directories that were walked, by their real paths. */
  private readonly entered = new Set<string>()

  constructor(private readonly root: string) {}

  found(): Discovered {
    return { sources: [...this.sources], buildFiles: [...this.buildFiles], problems: this.problems }
  }

  /** Takes what somebody named: a file, or the files below a directory. */
  visit(given: string): void {
    const path = resolve(this.root, given)
    try {
      lstatSync(path)
      if (statSync(path).isDirectory()) this.walk(path, rulesAbove(path))
      else this.take(path)
    } catch (error) {
      this.complain(given, error, true)
    }
  }

  /** @param outer the rules of the repository around the directory; null outside of one */
  private walk(directory: string, outer: readonly IgnoreRules[] | null): void {
    let entries: Dirent[]
    try {
      const real = realpathSync(directory)
      if (this.entered.has(real)) return
      this.entered.add(real)
      entries = readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
    } catch (error) {
      this.complain(nameOf(this.root, directory), error, true)
      return
    }
    const rules = rulesIn(directory, entries, outer)
    for (const entry of entries) {
      const path = join(directory, entry.name)
      const kind = this.kindOf(entry, path)
      if (kind === null || isIgnored(path, kind === 'directory', rules)) continue
      if (kind === 'file') this.take(path)
      else if (!skipped.has(entry.name)) this.walk(path, rules)
    }
  }

  /** What an entry of a directory is, through links; null for what is neither entered nor read. */
  private kindOf(entry: Dirent, path: string): 'directory' | 'file' | null {
    const isWanted = isSourceName(entry.name) || buildFileKind(entry.name) !== null
    let stats: Pick<Dirent, 'isDirectory' | 'isFile'> = entry
    if (entry.isSymbolicLink()) {
      try {
        stats = statSync(path)
      } catch (error) {
        if (isSourceName(entry.name)) this.complain(nameOf(this.root, path), error, false)
        return null
      }
    }
    if (stats.isDirectory()) return 'directory'
    return stats.isFile() && isWanted ? 'file' : null
  }

  private take(path: string): void {
    const name = nameOf(this.root, path)
    const files = buildFileKind(name) === null ? this.sources : this.buildFiles
    files.add(name)
  }

  private complain(file: string, error: unknown, named: boolean): void {
    this.problems.push({ file, message: `cannot be read: ${reason(error)}`, named })
  }
}

/** The rules for what is in a directory: those around it, and its own. Null outside of a repository. */
function rulesIn(
  directory: string,
  entries: readonly Dirent[],
  outer: readonly IgnoreRules[] | null,
): readonly IgnoreRules[] | null {
  const rules = outer ?? (entries.some((entry) => entry.name === '.git') ? [] : null)
  if (!rules || !entries.some((entry) => entry.name === '.gitignore' && entry.isFile())) return rules
  try {
    return [...rules, readRules(directory)]
  } catch {
    // An unreadable .gitignore ignores nothing.
    return rules
  }
}

/** @throws where the file cannot be read */
const readRules = (directory: string): IgnoreRules => ({
  base: directory,
  ignore: ignore({ ignorecase: false }).add(readFileSync(join(directory, '.gitignore'), 'utf8')),
})

/** Whether a repository ignores a path. Of the files that say something about it, the innermost decides. */
function isIgnored(path: string, isDirectory: boolean, rules: readonly IgnoreRules[] | null): boolean {
  let ignored = false
  for (const { base, ignore: rule } of rules ?? []) {
    const inside = nameOf(base, path)
    const verdict = rule.test(isDirectory ? `${inside}/` : inside)
    if (verdict.ignored || verdict.unignored) ignored = verdict.ignored
  }
  return ignored
}

/** The `.gitignore` files above a directory, outermost first, up to that of its repository; null outside of one. */
function rulesAbove(directory: string): readonly IgnoreRules[] | null {
  const above: IgnoreRules[] = []
  for (let at = directory; !existsSync(join(at, '.git')); ) {
    const outer = dirname(at)
    if (outer === at) return null
    at = outer
    if (existsSync(join(at, '.gitignore'))) above.unshift(readRules(at))
  }
  // Who names an ignored directory means it.
  const isMeant = above.some(({ base, ignore: rule }) => rule.ignores(`${nameOf(base, directory)}/`))
  return isMeant ? [] : above
}
