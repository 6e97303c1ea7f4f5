import posix from 'path-browserify'
import { shims } from '../../rules/shims/index.ts'
import { isAsMade, isMadeShimHeader, withShims } from '../../rules/shims/made-header.ts'
import type { Problem } from '../check/diagnostic.ts'
import { commonDirectory, isShimHeader, shimHeaderName } from '../fix/shim-header.ts'
import type { Minor } from '../knowledge/version.ts'
import { sourceText } from './source-text.ts'

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
}

/** What the headers of a project are found by. */
export interface ShimHeaderSources {
  /** Names of all sources of the package that a file belongs to. */
  around(file: string): readonly string[]
  /** The text of a file, one character per byte; null where there is none. */
  read(file: string): string | null
}

/**
 * The header of shims for the files of a project: one for each package. It is where there is one already; else in the
 * directory that all sources of the package have in common that can use it, whichever of them are asked for.
 */
export class ShimHeaders {
  private readonly ofPackages = new Map<string, ShimHeader>()
  private readonly ofDirectories = new Map<string, ShimHeader>()

  /** @param root the absolute path that names are relative to, with `/` */
  constructor(
    private readonly sources: ShimHeaderSources,
    private readonly root: string,
  ) {}

  /** The header that a file uses. */
  of(file: string): ShimHeader {
    const directory = posix.dirname(file)
    const header = this.ofDirectories.get(directory) ?? this.find(file)
    this.ofDirectories.set(directory, header)
    return header
  }

  private find(file: string): ShimHeader {
    const names = this.sources.around(file)
    const known = this.ofPackages.get(names[0] ?? file)
    if (known !== undefined) return known
    const path = names.find((name) => isShimHeader.test(name)) ?? this.place([file, ...names])
    const there = this.sources.read(path)
    // An empty file is nobody's.
    const text = there?.trim() === '' ? null : there
    const header = {
      path,
      text,
      read: there,
      isForeign: text !== null && !isMadeShimHeader(text),
      isAsMade: text === null || isAsMade(text),
    }
    this.ofPackages.set(names[0] ?? file, header)
    return header
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
