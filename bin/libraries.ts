import { type Dirent, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Problem } from '../analyzer/check/diagnostic.ts'
import { isIn, realPath } from '../analyzer/store/places.ts'
import { reason } from '../analyzer/store/reason.ts'
import { problemOf } from '../analyzer/store/regular-file.ts'
import { pathOfBytes, systemPath } from '../analyzer/store/system-path.ts'

const suffix = /\.(?:so|pyd|dylib|whl)$/i

/**
 * The files to audit at some paths: themselves, and those below directories. A link that leads out of what was asked
 * for is not followed, but told of, and so are devices, FIFOs and sockets.
 * @param problems gets what cannot be read
 */
export function findLibraries(paths: readonly string[], problems: Problem[]): readonly string[] {
  const search = new Search(problems)
  for (const path of paths) search.ask(path)
  return search.all()
}

class Search {
  private readonly found: string[] = []
  private readonly named: { readonly path: string; readonly real: string; readonly isDirectory: boolean }[] = []
  /** Directories that were walked, by their real paths. */
  private readonly entered = new Set<string>()

  constructor(private readonly problems: Problem[]) {}

  ask(path: string): void {
    try {
      const real = realPath(path)
      const stats = statSync(systemPath(real))
      const problem = stats.isDirectory() ? null : problemOf(stats)
      if (problem !== null) throw new Error(problem)
      this.named.push({ path, real, isDirectory: stats.isDirectory() })
    } catch (error) {
      this.complain(path, error, 'error')
    }
  }

  all(): readonly string[] {
    for (const { path, real, isDirectory } of this.named) {
      const before = this.found.length
      if (!isDirectory) this.found.push(path)
      else if (!this.entered.has(real)) {
        this.walk(path, real)
        const message = 'holds no .so, .pyd, .dylib and .whl file'
        if (this.found.length === before) this.problems.push({ file: path, message, severity: 'warning' })
      }
    }
    return this.found
  }

  private walk(directory: string, real: string): void {
    if (this.entered.has(real)) return
    this.entered.add(real)
    try {
      const entries = readdirSync(systemPath(directory), { withFileTypes: true, encoding: 'buffer' })
        .map((entry) => ({ name: pathOfBytes(entry.name), entry }))
        .sort((a, b) => (a.name < b.name ? -1 : 1))
      for (const { name, entry } of entries) this.look(join(directory, name), join(real, name), entry)
    } catch (error) {
      this.complain(directory, error, 'error')
    }
  }

  /** @param real the same, where it is no link */
  private look(path: string, real: string, entry: Dirent<Buffer>): void {
    const isWanted = suffix.test(path)
    if (entry.isDirectory()) this.walk(path, real)
    else if (entry.isSymbolicLink()) this.follow(path, isWanted)
    else if (isWanted && entry.isFile()) this.found.push(path)
    else if (isWanted) this.complain(path, new Error(problemOf(entry)!), 'warning')
  }

  private follow(path: string, isWanted: boolean): void {
    try {
      const real = realPath(path)
      const stats = statSync(systemPath(real))
      if (!stats.isDirectory() && !isWanted) return
      if (!this.named.some((each) => isIn(real, each.real))) {
        const message = 'is a link that leads out of what was asked for: left out'
        this.problems.push({ file: path, message, severity: 'warning' })
      } else if (stats.isDirectory()) this.walk(path, real)
      else if (stats.isFile()) this.found.push(path)
      else throw new Error(problemOf(stats)!)
    } catch (error) {
      if (isWanted) this.complain(path, error, 'warning')
    }
  }

  private complain(file: string, error: unknown, severity: Problem['severity']): void {
    this.problems.push({ file, message: `cannot be read: ${reason(error)}`, severity })
  }
}
