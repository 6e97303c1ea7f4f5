import { lstatSync } from 'node:fs'
import { readRegular } from '../../analyzer/store/regular-file.ts'
import { systemPath } from '../../analyzer/store/system-path.ts'
import type { OtherFiles } from '../revisions.ts'

/** Where files with configurations are read. */
export interface ConfigFiles {
  /** Whether something has a name, be it a link that leads nowhere. @param path absolute */
  has(path: string): boolean
  /**
   * @param path absolute
   * @param most bytes that it may have
   * @throws where it cannot be read, as `readRegular`
   */
  read(path: string, most?: number): Buffer
}

/** The files on the disk. */
export const onDisk: ConfigFiles = {
  has: (path) => lstatSync(systemPath(path), { throwIfNoEntry: false }) !== undefined,
  read: readRegular,
}

/** Files as they are elsewhere: those of git's index. */
export const configFilesOf = (others: OtherFiles): ConfigFiles => ({
  has(path) {
    const bytes = others.get(path)
    return bytes === undefined ? onDisk.has(path) : bytes !== null
  },
  read(path, most) {
    const bytes = others.get(path)
    if (bytes === undefined) return onDisk.read(path, most)
    if (bytes === null) throw Object.assign(new Error(`${path} is not there`), { code: 'ENOENT' })
    return Buffer.from(bytes)
  },
})

/** The same, but what is not there is taken from the disk: for files that somebody names. */
export const namedFilesOf = (others: OtherFiles): ConfigFiles =>
  configFilesOf(new Map([...others].filter(([, bytes]) => bytes !== null)))
