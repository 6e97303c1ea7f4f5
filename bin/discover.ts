import { type Dirent, existsSync, lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import ignore, { type Ignore } from 'ignore'
import { nameOf } from '../analyzer/store/disk.ts'
import { reason } from '../analyzer/store/reason.ts'
import { buildFileKind, isSourceName } from '../analyzer/workspace/source-text.ts'

/** Never entered: what tools make, and other people's packages. */
const skipped = new Set([
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
  const sources = new Set<string>()
  const buildFiles = new Set<string>()
  const problems: { file: string; message: string; named: boolean }[] = []
  const entered = new Set<string>()
  const name = (path: string): string => nameOf(root, path)

  /** @param outer the rules of the repository around the directory; null outside of one */
  const walk = (
    directory: string,
    outer: readonly { readonly base: string; readonly ignore: Ignore }[] | null,
  ): void => {
    let entries: Dirent[]
    try {
      const real = realpathSync(directory)
      if (entered.has(real)) return
      entered.add(real)
      entries = readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
    } catch (error) {
      problems.push({ file: name(directory), message: `cannot be read: ${reason(error)}`, named: true })
      return
    }
    let inner = outer ?? (entries.some((entry) => entry.name === '.git') ? [] : null)
    if (inner && entries.some((entry) => entry.name === '.gitignore' && entry.isFile())) {
      try {
        inner = [
          ...inner,
          {
            base: directory,
            ignore: ignore({ ignorecase: false }).add(readFileSync(join(directory, '.gitignore'), 'utf8')),
          },
        ]
      } catch {
        // An unreadable .gitignore ignores nothing.
      }
    }
    for (const entry of entries) {
      const path = join(directory, entry.name)
      let isDirectory = entry.isDirectory()
      let isFile = entry.isFile()
      if (entry.isSymbolicLink()) {
        try {
          const stats = statSync(path)
          isDirectory = stats.isDirectory()
          isFile = stats.isFile()
        } catch (error) {
          if (isSourceName(entry.name))
            problems.push({ file: name(path), message: `cannot be read: ${reason(error)}`, named: false })
          continue
        }
      }
      if (!isDirectory && !(isFile && (isSourceName(entry.name) || buildFileKind(entry.name) !== null))) continue
      let ignored = false
      for (const { base, ignore: rule } of inner ?? []) {
        const inside = relative(base, path).split(sep).join('/')
        const verdict = rule.test(isDirectory ? `${inside}/` : inside)
        // The innermost file that says something decides.
        if (verdict.ignored || verdict.unignored) ignored = verdict.ignored
      }
      if (ignored) continue
      if (isDirectory) {
        if (!skipped.has(entry.name)) walk(path, inner)
      } else if (buildFileKind(entry.name) !== null) buildFiles.add(name(path))
      else sources.add(name(path))
    }
  }

  /** The `.gitignore` files above a directory, outermost first, up to that of its repository; null outside of one. */
  const rulesAbove = (directory: string): { readonly base: string; readonly ignore: Ignore }[] | null => {
    const above: { readonly base: string; readonly ignore: Ignore }[] = []
    for (let at = directory; !existsSync(join(at, '.git')); ) {
      const outer = dirname(at)
      if (outer === at) return null
      at = outer
      const file = join(at, '.gitignore')
      if (existsSync(file))
        above.unshift({ base: at, ignore: ignore({ ignorecase: false }).add(readFileSync(file, 'utf8')) })
    }
    // Who names an ignored directory means it.
    const isIgnored = above.some(({ base, ignore: rule }) =>
      rule.ignores(`${relative(base, directory).split(sep).join('/')}/`),
    )
    return isIgnored ? [] : above
  }

  for (const given of paths) {
    const path = resolve(root, given)
    try {
      lstatSync(path)
      const stats = statSync(path)
      if (stats.isDirectory()) walk(path, rulesAbove(path))
      else if (buildFileKind(name(path)) !== null) buildFiles.add(name(path))
      else sources.add(name(path))
    } catch (error) {
      problems.push({ file: given, message: `cannot be read: ${reason(error)}`, named: true })
    }
  }
  return { sources: [...sources], buildFiles: [...buildFiles], problems }
}
