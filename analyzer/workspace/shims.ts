import posix from 'path-browserify'
import { shims } from '../../rules/shims/index.ts'
import { isAsMade, isMadeShimHeader, withShims } from '../../rules/shims/made-header.ts'
import type { Problem } from '../check/diagnostic.ts'
import { commonDirectory, includeOf, isShimHeader, shimHeaderName } from '../fix/shim-header.ts'
import type { Minor } from '../knowledge/version.ts'
import type { Project } from '../project/model.ts'
import { decode, type FileId } from '../source/text.ts'
import { includedPaths } from './includes.ts'
import { sourceText } from './source-text.ts'

export { isShimHeader }

/** Of each shim the lowest level at which it works. */
export const shimLevels: ReadonlyMap<string, Minor> = new Map([...shims].map(([name, { since }]) => [name, since]))

/** A header of shims, there or not. */
export interface ShimHeader {
  /** Its name, relative to the project's root, with `/`. */
  readonly path: string
  /** What there is, one character per byte; null where there is nothing. */
  readonly text: string | null
  /** The same, where nothing but blanks is there, too. */
  readonly read: string | null
  /** Whether there is something that abi3lint did not make. */
  readonly isForeign: boolean
  /** Whether there is nothing, or nothing else than what abi3lint makes. */
  readonly isAsMade: boolean
  /** Whether it belongs to the package of the files that use it; else they include it from elsewhere. */
  readonly isNear: boolean
  /**
   * Why it is not known which header is in use, so that none may be made: what is included was not found. As the rest
   * of a sentence that begins with the name of a file. Null where it is known.
   */
  readonly unknown: string | null
}

/** What the headers of a project are found by. */
export interface ShimHeaderSources {
  /** Names of all sources of the package that a file belongs to. */
  around(file: string): readonly string[]
  /** The text of a file, one character per byte; null where there is none. */
  read(file: string): string | null
  readonly project: Project
}

/**
 * The header of shims for the files of a project: the one that a file includes already, wherever it is; else one for
 * each package. It is where there is one already; else in the directory that all sources of the package have in common
 * that can use it, whichever of them are asked for.
 */
export class ShimHeaders {
  private readonly ofPackages = new Map<string, ShimHeader>()
  private readonly ofFiles = new Map<string, ShimHeader>()
  private ids: ReadonlyMap<string, FileId> | null = null

  /** @param root the absolute path that names are relative to, with `/` */
  constructor(
    private readonly sources: ShimHeaderSources,
    private readonly root: string,
  ) {}

  /** The header that a file uses. */
  of(file: string): ShimHeader {
    const header = this.ofFiles.get(file) ?? this.included(file) ?? this.ofPackage(file)
    this.ofFiles.set(file, header)
    return header
  }

  /** How a file includes the header that it uses: as it does already, or else relative to itself. */
  includeOf(file: string, header: string): string {
    const { files, graph } = this.sources.project
    const id = this.idOf(file)
    const already = id === null ? -1 : graph.targets[id]!.findIndex((to) => to !== null && files[to]!.file === header)
    if (id === null || already < 0) return includeOf(file, header, this.root)
    const { path, quoted } = files[id]!.includes[already]!
    return quoted ? `"${path}"` : `<${path}>`
  }

  /** The header that a file includes, or else the units that it is in; null where none does. */
  private included(file: string): ShimHeader | null {
    const id = this.idOf(file)
    if (id === null) return null
    for (const start of [id, ...this.sources.project.graph.roots(id)]) {
      const found = this.firstIn(start, new Set())
      if (found === null) continue
      if ('path' in found) return this.header(found.path, this.sources.around(file).includes(found.path), null)
      return this.unknown(file, found)
    }
    return null
  }

  /** The first header of shims that a compiler meets in a file: its guard keeps out all others. */
  private firstIn(id: FileId, seen: Set<FileId>): { path: string } | { by: string; missing: string } | null {
    seen.add(id)
    const { files, graph } = this.sources.project
    const { file, includes } = files[id]!
    for (const [index, { path }] of includes.entries()) {
      const to = graph.targets[id]![index] ?? null
      if (to === null && isShimHeader.test(path)) return { by: file, missing: decode(path) }
      if (to === null || seen.has(to)) continue
      const { file: name } = files[to]!
      const found = isShimHeader.test(name) ? { path: name } : this.firstIn(to, seen)
      if (found !== null) return found
    }
    return null
  }

  private ofPackage(file: string): ShimHeader {
    const names = this.sources.around(file)
    const known = this.ofPackages.get(names[0] ?? file)
    if (known !== undefined) return known
    const there = names.find((name) => isShimHeader.test(name))
    const header = there === undefined ? this.ofOthers(names) : this.header(there, true, null)
    const made = header ?? this.header(this.place([file, ...names]), true, null)
    this.ofPackages.set(names[0] ?? file, made)
    return made
  }

  /** The header from elsewhere that sources of a package include: one beside them would take its place. */
  private ofOthers(names: readonly string[]): ShimHeader | null {
    const { includeDirectories, ofFile } = this.sources.project.options
    for (const name of names) {
      const text = this.sources.read(name) ?? ''
      if (!text.includes(shimHeaderName)) continue
      for (const { path } of includedPaths(text)) {
        if (!isShimHeader.test(path)) continue
        const own = ofFile.get(name)?.includeDirectories ?? []
        const places = [posix.dirname(name), ...own, ...includeDirectories].map((each) => posix.join(each, path))
        const found = places.find((each) => this.sources.read(each) !== null)
        return found === undefined ? this.unknown(null, { by: name, missing: path }) : this.header(found, false, null)
      }
    }
    return null
  }

  private unknown(file: string | null, { by, missing }: { readonly by: string; readonly missing: string }): ShimHeader {
    const subject = file === by ? '' : `${by} `
    const why =
      `${subject}includes \`${missing}\`, which was not found, and a new one would take its place; ` +
      `-I says where it is, \`abi3lint shims\` makes one`
    return this.header(posix.join(posix.dirname(by), missing), false, why)
  }

  private header(path: string, isNear: boolean, unknown: string | null): ShimHeader {
    const there = this.sources.read(path)
    // An empty file is nobody's.
    const text = there?.trim() === '' ? null : there
    return {
      path,
      text,
      read: there,
      isForeign: text !== null && !isMadeShimHeader(text),
      isAsMade: text === null || isAsMade(text),
      isNear,
      unknown,
    }
  }

  private idOf(file: string): FileId | null {
    this.ids ??= new Map(this.sources.project.files.map((each, id) => [each.file, id as FileId]))
    return this.ids.get(file) ?? null
  }

  private place(names: readonly string[]): string {
    const users = names.filter((name, index) => index === 0 || this.concernsPython(name))
    // Names may lead out of the root.
    const absolute = users.map((name) => posix.join('/', this.root, name))
    return posix.relative(posix.join('/', this.root), posix.join(commonDirectory(absolute), shimHeaderName))
  }

  private concernsPython(name: string): boolean {
    const text = this.sources.read(name)
    return text !== null && sourceText(name, text).concernsPython
  }
}

/** A file that runs on other files change, too. */
export interface Shared {
  /** What was read of it, one character per byte; null for nothing. */
  readonly before: string | null
  /** Makes a text of what there is now. */
  readonly remake: (now: string | null) => string | null
}

/** What a header becomes that is to have more shims. */
export interface NewShimHeader {
  readonly path: string
  /** What was read of it; null where there was none. */
  readonly before: string | null
  readonly text: string
  /** The files that use it. */
  readonly users: readonly string[]
  /** What it becomes where it is another one by now; null where somebody else's file is there. */
  remake(now: string | null): string | null
}

/**
 * The headers of the shims that files use.
 * @param used the shims by file
 * @param level the lowest that is built for; where a shim needs a higher one, that counts
 * @param textOf the text of a file as it is with the fixes: its line ends are those of a new header
 */
export function newShimHeaders(
  headers: ShimHeaders,
  used: ReadonlyMap<string, ReadonlySet<string>>,
  level: Minor,
  textOf: (file: string) => string,
): readonly NewShimHeader[] {
  const byPath = new Map<
    string,
    { readonly header: ShimHeader; readonly users: string[]; readonly names: Set<string> }
  >()
  for (const [file, names] of used) {
    const header = headers.of(file)
    const each = byPath.get(header.path) ?? { header, users: [], names: new Set<string>() }
    byPath.set(header.path, each)
    each.users.push(file)
    for (const name of names) each.names.add(name)
  }
  return [...byPath.values()].map(({ header: { path, text, read }, users, names }) => {
    const lineEnd = users.every((file) => textOf(file).includes('\r\n')) ? '\r\n' : '\n'
    const remake = (now: string | null): string | null => withShims(now, names, level, lineEnd)
    return { path, before: read, text: remake(text)!, users, remake }
  })
}

/** What is said of a file of somebody else's that stands where the header of shims is to be. */
export const problemOfHeader = (file: string): Problem => ({
  file,
  message:
    'was not made by abi3lint, which puts its shims into a header of this name: it is not written over, and fixes ' +
    'that need shims are not made; give it another name',
  severity: 'error',
})

/** What is said of a header that is new, and that a list may have to name: what to call that. */
export const problemOfNewFile = ([file, list]: readonly [string, string]): Problem => ({
  file,
  message: `is new: ${list} has to name it, so that source distributions have it`,
  severity: 'warning',
})
