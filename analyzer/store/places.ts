import { realpathSync } from 'node:fs'
import { isAbsolute, resolve, sep } from 'node:path'
import { pathOfBytes, systemPath } from './system-path.ts'

const real = (path: string): string => pathOfBytes(realpathSync.native(systemPath(path), { encoding: 'buffer' }))

/** The current directory by its real path, which that of Node is not where its name is no UTF-8. @throws for none */
export const currentDirectory = (): string => real('.')

/** A path from the root of the system on. @throws where it is relative and there is no current directory */
export const absolutePath = (path: string): string =>
  isAbsolute(path) ? resolve(path) : resolve(currentDirectory(), path)

/** The real path of a file or directory, through all links. @throws where there is none */
export const realPath = (path: string): string => real(absolutePath(path))

/** Whether a path is a directory or in it, both real. */
export const isIn = (path: string, directory: string): boolean =>
  path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep)

/** Directories that may be read from. */
export class Places {
  private readonly directories: string[]
  private readonly added = new Set<string>()
  private readonly known = new Map<string, boolean>()

  constructor(directories: readonly string[]) {
    this.directories = [...directories]
  }

  add(directory: string): void {
    if (this.added.has(directory)) return
    this.added.add(directory)
    try {
      this.directories.push(realPath(directory))
      this.known.clear()
    } catch {
      // One that is not there holds nothing.
    }
  }

  /** Whether a file is in one of them by its real path. @throws where there is no such file */
  has(path: string): boolean {
    let answer = this.known.get(path)
    if (answer === undefined) {
      const file = realPath(path)
      answer = this.directories.some((each) => isIn(file, each))
      this.known.set(path, answer)
    }
    return answer
  }
}
