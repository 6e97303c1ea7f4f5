import { createHash } from 'node:crypto'
import { relative, sep } from 'node:path'
import { addTo } from '../analyzer/source/multimap.ts'
import { bytesOfPath } from '../analyzer/store/system-path.ts'
import { askGit, blobsOf } from './git.ts'
import { repositoryOf, wouldBe } from './places.ts'

/**
 * Whether git has what stands in files, so that nothing is lost by writing over them. Git is asked for the list of its
 * index, and for the objects themselves; the files are compared with these here, so flags of the index, filters and
 * links are no matter. What cannot be known counts as not saved.
 */
export class Saved {
  private readonly repositories = new Map<string, Repository | Unknown>()

  /**
   * Why git could not bring a file back.
   * @param file relative to the current directory
   * @param bytes what stands in it; null where there is none
   * @returns to go after the file's name; null where git has it, and where there is no repository
   */
  problem(file: string, bytes: Uint8Array | null): string | null {
    return this.problems([[file, bytes]]).get(file) ?? null
  }

  /** The same for many files at once, which takes less time. @returns by file, for those for which there is one */
  problems(files: Iterable<readonly [file: string, bytes: Uint8Array | null]>): ReadonlyMap<string, string> {
    const problems = new Map<string, string>()
    const asked = new Map<string, Asked[]>()
    for (const [file, bytes] of files) {
      const path = wouldBe(file)
      const directory = repositoryOf(path)
      if (bytes === null) continue
      if (directory !== null) addTo(asked, directory, { file, bytes, name: nameIn(directory, path) })
      else if (elsewhere.some((name) => process.env[name])) problems.set(file, unknown(`see ${elsewhere.join(', ')}`))
    }
    for (const [directory, list] of asked) {
      const saved = this.attempt(directory, (repository) => repository.saved(list))
      for (const each of list) {
        if ('problem' in saved) problems.set(each.file, unknown(saved.problem))
        else if (!saved.has(each)) problems.set(each.file, 'has changes that git could not bring back')
      }
    }
    return problems
  }

  /** Asks a repository, unless it has failed to answer before. */
  private attempt<Answer extends object>(directory: string, ask: (repository: Repository) => Answer): Answer | Unknown {
    try {
      const repository = this.repositories.get(directory) ?? new Repository(directory)
      this.repositories.set(directory, repository)
      return 'problem' in repository ? repository : ask(repository)
    } catch (error) {
      const answer = { problem: (error as Error).message.split('\n')[0]! }
      this.repositories.set(directory, answer)
      return answer
    }
  }
}

/** Variables that make of other directories than those with a `.git` what a repository is about. */
const elsewhere = ['GIT_DIR', 'GIT_WORK_TREE']

const unknown = (why: string): string => `may have changes that git could not bring back (${why})`

/** Why a repository is not known. */
interface Unknown {
  readonly problem: string
}

/** A file with its name in its repository. */
interface Asked {
  readonly file: string
  readonly name: string
  readonly bytes: Uint8Array
}

const nameIn = (directory: string, path: string): string => relative(directory, path).split(sep).join('/')
const keyOf = (name: string): string => bytesOfPath(name).toString('latin1')

/** So many bytes of objects are asked for at once. */
const mostBytes = 64 << 20

/** What git has of a repository. Its methods throw where it does not say. */
class Repository {
  /** The names of the objects by the bytes of the names of files. */
  private readonly objects = new Map<string, string>()

  constructor(private readonly directory: string) {
    for (const entry of askGit(directory, ['ls-files', '--stage', '-z']).split('\0')) {
      const [, object, stage, name] = /^\d+ ([0-9a-f]+) (\d)\t([\s\S]*)$/.exec(entry) ?? []
      if (stage === '0') this.objects.set(name!, object!)
    }
  }

  /** Those of some files that git can bring back as they are. */
  saved(files: readonly Asked[]): ReadonlySet<Asked> {
    const same = new Map<Asked, string>()
    const windows = new Map<Asked, string>()
    for (const file of files) {
      // macOS may give names in another form than git has them.
      const names = [file.name, file.name.normalize('NFC')].map(keyOf)
      const object = names.map((name) => this.objects.get(name)).find(Boolean)
      if (object === undefined) continue
      if (hashOf(object, file.bytes) === object) same.set(file, object)
      else if (hashOf(object, withUnixLines(file.bytes)) === object) windows.set(file, object)
    }
    const written = windows.size === 0 ? new Set() : writtenForWindows(this.directory, [...windows.keys()])
    for (const [file, object] of windows) if (written.has(file)) same.set(file, object)
    const there = this.intact(same)
    return new Set([...same].flatMap(([file, object]) => (there.has(object) ? [file] : [])))
  }

  /** The objects that git has whole: a clone may have fewer than its index names, and a disk may lose some. */
  private intact(files: ReadonlyMap<Asked, string>): ReadonlySet<string> {
    const intact = new Set<string>()
    const ask = (objects: readonly string[]): void => {
      for (const [object, bytes] of blobsOf(this.directory, objects))
        if (bytes !== null && hashOf(object, bytes) === object) intact.add(object)
    }
    const objects: string[] = []
    let bytes = 0
    for (const [file, object] of files) {
      objects.push(object)
      bytes += file.bytes.length
      if (bytes > mostBytes) ask(objects.splice(0))
      bytes = objects.length === 0 ? 0 : bytes
    }
    if (objects.length > 0) ask(objects)
    return intact
  }
}

/** Bytes whose lines all end as on Windows, with the ends that git keeps; any others as they are. */
function withUnixLines(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1')
  const isWindows = text.includes('\r\n') && !/(?:^|[^\r])\n|\r(?!\n)|\0/.test(text)
  return isWindows ? Buffer.from(text.replaceAll('\r\n', '\n'), 'latin1') : bytes
}

/** Those of some files to which git gives line ends of Windows as it writes them. Source: gitattributes(5). */
function writtenForWindows(directory: string, files: readonly Asked[]): ReadonlySet<Asked> {
  const listed = askGit(directory, ['config', '--null', '--list']).split('\0')
  const setting = (name: string): string | undefined => {
    const line = listed.findLast((each) => each === name || each.startsWith(`${name}\n`))
    return line === name ? 'true' : line?.slice(name.length + 1).toLowerCase()
  }
  const auto = setting('core.autocrlf') ?? 'false'
  const isAuto = /^(?:true|yes|on|0*[1-9]\d*)$/.test(auto)
  const end = setting('core.eol') ?? 'native'
  const isOurs = isAuto || (auto !== 'input' && (end === 'crlf' || (end === 'native' && process.platform === 'win32')))
  const names = files.map(({ name }) => `${keyOf(name)}\0`).join('')
  const values = askGit(directory, ['check-attr', '-z', '--stdin', 'text', 'crlf', 'eol'], names).split('\0')
  return new Set(
    files.filter((_, index) => {
      const [text, crlf, eol] = [2, 5, 8].map((at) => values[9 * index + at])
      const kind = text === 'unspecified' ? crlf : text
      if (kind === 'unset' || kind === 'input' || eol === 'lf') return false
      return eol === 'crlf' || (kind === 'set' || kind === 'auto' ? isOurs : isAuto)
    }),
  )
}

/** The name that git gives an object with some bytes: SHA-1, or SHA-256 in repositories that have that. */
const hashOf = (object: string, bytes: Uint8Array): string =>
  createHash(object.length === 64 ? 'sha256' : 'sha1')
    .update(`blob ${bytes.length}\0`)
    .update(bytes)
    .digest('hex')
