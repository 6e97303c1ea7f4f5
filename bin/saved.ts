import { createHash } from 'node:crypto'
import { relative, sep } from 'node:path'
import { bytesOfPath } from '../analyzer/store/system-path.ts'
import { git } from './git.ts'
import { repositoryOf, wouldBe } from './places.ts'

/**
 * Whether git has what stands in files, so that nothing is lost by writing over them. Git is asked for nothing but the
 * list of its index; the files are compared with that here, by their hashes, so flags of the index, filters and links
 * are no matter. What cannot be known counts as not saved.
 */
export class Saved {
  private readonly indices = new Map<string, Index>()

  /**
   * Why git could not bring a file back.
   * @param file relative to the current directory
   * @param bytes what stands in it; null where there is none
   * @returns to go after the file's name; null where git has it, and where there is no repository
   */
  problem(file: string, bytes: Uint8Array | null): string | null {
    const path = wouldBe(file)
    const repository = repositoryOf(path)
    if (bytes === null) return null
    if (repository === null)
      return process.env.GIT_DIR ? 'may have changes that git could not bring back (see GIT_DIR)' : null
    const index = this.indices.get(repository) ?? readIndex(repository)
    this.indices.set(repository, index)
    if ('problem' in index) return `may have changes that git could not bring back (${index.problem})`
    const name = relative(repository, path).split(sep).join('/')
    // macOS may give names in another form than git has them.
    const object = [name, name.normalize('NFC')].map((each) => index.objects.get(keyOf(each))).find(Boolean)
    return object !== undefined && isObject(object, bytes) ? null : 'has changes that git could not bring back'
  }
}

/** The names of the objects by the bytes of the names of files, or why there is no such list. */
type Index = { readonly objects: ReadonlyMap<string, string> } | { readonly problem: string }

const keyOf = (name: string): string => bytesOfPath(name).toString('latin1')

function readIndex(repository: string): Index {
  try {
    const objects = new Map<string, string>()
    for (const entry of git(repository, ['ls-files', '--stage', '-z']).split('\0')) {
      const [, object, stage, name] = /^\d+ ([0-9a-f]+) (\d)\t([\s\S]*)$/.exec(entry) ?? []
      if (stage === '0') objects.set(name!, object!)
    }
    const there = objectsIn(repository, new Set(objects.values()))
    for (const [name, object] of objects) if (!there.has(object)) objects.delete(name)
    return { objects }
  } catch (error) {
    return { problem: (error as Error).message.split('\n')[0]! }
  }
}

/** Of the names of objects those that a repository has: a clone may have fewer than its index names. */
function objectsIn(repository: string, objects: ReadonlySet<string>): ReadonlySet<string> {
  const listed = git(repository, ['cat-file', '--batch-check', '--buffer'], [], `${[...objects].join('\n')}\n`)
  return new Set([...listed.matchAll(/^([0-9a-f]+) blob /gm)].map(([, object]) => object!))
}

/** Whether bytes are those of an object, but for line ends that git changes when it writes files. */
function isObject(object: string, bytes: Uint8Array): boolean {
  if (hashOf(object, bytes) === object) return true
  const text = Buffer.from(bytes).toString('latin1')
  const isWindows = text.includes('\r\n') && !/(?:^|[^\r])\n|\r(?!\n)/.test(text)
  return isWindows && hashOf(object, Buffer.from(text.replaceAll('\r\n', '\n'), 'latin1')) === object
}

/** The name that git gives an object with some bytes: SHA-1, or SHA-256 in repositories that have that. */
const hashOf = (object: string, bytes: Uint8Array): string =>
  createHash(object.length === 64 ? 'sha256' : 'sha1')
    .update(`blob ${bytes.length}\0`)
    .update(bytes)
    .digest('hex')
