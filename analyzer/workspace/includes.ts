import posix from 'path-browserify'
import { longestPath } from '../preprocess/directives.ts'
import { isSystemHeader } from '../project/includes.ts'
import { addAll } from '../source/lists.ts'
import { addTo } from '../source/multimap.ts'
import { decode } from '../source/text.ts'
import type { Dialect } from '../syntax/grammar.ts'
import { isFragment, type SourceText } from './source-text.ts'
import { readSource, type Sources } from './sources.ts'

/**
 * Of some files those that are no copy of CPython's own headers, which a build with another Python does not see, and
 * the table of the C API knows better: what lies beside `Python.h` and `patchlevel.h`, or in a directory below that.
 */
export function withoutCPythons(texts: ReadonlyMap<string, SourceText>): ReadonlyMap<string, SourceText> {
  const directories = [...texts.keys()]
    .filter((file) => posix.basename(file) === 'patchlevel.h')
    .map((file) => posix.dirname(file))
    .filter((directory) => texts.has(posix.join(directory, 'Python.h')))
  if (directories.length === 0) return texts
  const isTheirs = (file: string): boolean =>
    directories.some((each) => each === posix.dirname(file) || each === posix.dirname(posix.dirname(file)))
  return new Map([...texts].filter(([file]) => !file.endsWith('.h') || !isTheirs(file)))
}

/**
 * Of all files those that concern Python, who includes them, and what all of these include: from among the files
 * given, else from the store: in a directory that the build names, and what stands in quotes or has a directory in its
 * path also beside the including file, or in a directory above it up to the root.
 * @param texts the files given, by name
 * @param includeDirectories where to look first for headers that are not among them, relative to the root
 * @param complain is told of a file that is included and cannot be read, and why
 * @param wanted names of files that concern Python, whatever is in them
 * @returns them with the dialects that they are read in
 */
export function followIncludes(
  texts: ReadonlyMap<string, SourceText>,
  sources: Sources,
  includeDirectories: readonly string[],
  complain: (file: string, problem: string) => void,
  wanted: ReadonlySet<string>,
): SourceText[] {
  const byName = new Map<string, string[]>()
  for (const file of texts.keys()) addTo(byName, posix.basename(file), file)
  const chosen = new Map<string, SourceText>()
  const directories = includeDirectories.filter((directory) => !isCPythons(sources, directory))
  const about = [...texts.values()].flatMap((text) =>
    wanted.has(text.file) ? [{ ...text, concernsPython: true }] : text.concernsPython ? [text] : [],
  )
  const todo: SourceText[] = about.filter((text) => wanted.has(text.file) || !isFragment(text.file))
  addAll(todo, includersOf(about, texts, includesPython(sources, byName, directories)))
  for (const text of todo) chosen.set(text.file, text)
  const edges = new Map<string, string[]>()
  const absent = new Set<string>()
  const take = (from: SourceText, text: SourceText): void => {
    addTo(edges, from.file, text.file)
    if (chosen.has(text.file)) return
    chosen.set(text.file, text)
    todo.push(text)
  }
  while (todo.length > 0) {
    const from = todo.pop()!
    for (const { path, quoted } of includedPaths(from.text)) {
      const candidates = byName.get(posix.basename(path)) ?? []
      for (const file of candidates) take(from, texts.get(file)!)
      // What only a directory of the system can hold is not looked for all over the project.
      const isNear = quoted || path.includes('/')
      const question = `${isNear ? posix.dirname(from.file) : ''}\n${path}`
      if (candidates.some((file) => isNamed(sources, file, path)) || absent.has(question)) continue
      const found = isNear ? lookUp(sources, from.file, path, directories) : lookUpNamed(sources, path, directories)
      if (found === null || isOfCPython(sources, found)) absent.add(question)
      else if (!chosen.has(found)) {
        const text = readSource(sources, found)
        if (!('problem' in text)) take(from, text)
        else {
          absent.add(question)
          if (text.unreadable) complain(found, text.problem)
        }
      }
    }
  }
  return withDialects(chosen, edges)
}

/**
 * The texts that include given ones, by the names of files, and those that include these: they say what macros mean
 * there.
 * @param includesOther whether a text includes what concerns Python and is not among all
 */
function includersOf(
  texts: readonly SourceText[],
  all: ReadonlyMap<string, SourceText>,
  includesOther: (text: SourceText) => boolean,
): SourceText[] {
  const known = new Set(texts.map(({ file }) => file))
  const by = new Map<string, SourceText[]>()
  for (const text of all.values()) {
    if (known.has(text.file)) continue
    for (const { path } of includedPaths(text.text)) addTo(by, posix.basename(path), text)
  }
  const found = new Set([...all.values()].filter((text) => !known.has(text.file) && includesOther(text)))
  const todo = [...texts, ...found].map(({ file }) => posix.basename(file))
  const asked = new Set(todo)
  while (todo.length > 0) {
    for (const text of by.get(todo.pop()!) ?? []) {
      found.add(text)
      const name = posix.basename(text.file)
      if (asked.has(name)) continue
      asked.add(name)
      todo.push(name)
    }
  }
  return [...found]
}

/**
 * Gives whether a text includes, by way of others too, a file of the store that concerns Python and is not among those
 * given: `#include "methods.def"`.
 */
function includesPython(
  sources: Sources,
  byName: ReadonlyMap<string, readonly string[]>,
  directories: readonly string[],
): (text: SourceText) => boolean {
  const known = new Map<string, SourceText | null>()
  const textAt = (from: string, path: string): SourceText | null => {
    const question = `${posix.dirname(from)}\n${path}`
    let text = known.get(question)
    if (text === undefined) {
      const file = lookUp(sources, from, path, directories)
      const found = file === null ? null : readSource(sources, file)
      text = found === null || 'problem' in found ? null : found
      known.set(question, text)
    }
    return text
  }
  return (first) => {
    const todo = [first]
    const seen = new Set<string>()
    while (todo.length > 0) {
      const from = todo.pop()!
      for (const { path, quoted } of includedPaths(from.text)) {
        const text = quoted && !byName.has(posix.basename(path)) ? textAt(from.file, path) : null
        if (text?.concernsPython) return true
        if (text === null || seen.has(text.file) || seen.size >= mostIncluded) continue
        seen.add(text.file)
        todo.push(text)
      }
    }
    return false
  }
}

/** Of a text so many files are looked at that it includes. */
const mostIncluded = 100

/** A header is C++ if only C++ files include it, whatever its name says. */
function withDialects(
  texts: ReadonlyMap<string, SourceText>,
  edges: ReadonlyMap<string, readonly string[]>,
): SourceText[] {
  const reach = (dialect: Dialect): Set<string> => {
    const todo = [...texts.values()]
      .filter((text) => text.dialect === dialect && !/\.h$/.test(text.file))
      .map(({ file }) => file)
    const seen = new Set(todo)
    while (todo.length > 0) {
      for (const next of edges.get(todo.pop()!) ?? []) {
        if (seen.has(next)) continue
        seen.add(next)
        todo.push(next)
      }
    }
    return seen
  }
  const fromCxx = reach('cpp')
  if (fromCxx.size === 0) return [...texts.values()]
  const fromC = reach('c')
  return [...texts.values()].map((text) =>
    /\.h$/.test(text.file) && fromCxx.has(text.file) && !fromC.has(text.file) ? { ...text, dialect: 'cpp' } : text,
  )
}

/** Directories above a file in which a header is looked for, at most. */
const mostDirectories = 40

/** Whether a directory holds CPython's own headers, which the table of the C API knows better. */
const isCPythons = ({ store }: Sources, directory: string): boolean =>
  store.find(posix.join(directory, 'Python.h')) !== null

/** Whether a header of the store is one of a copy of CPython's, as `withoutCPythons` has it. */
const isOfCPython = (sources: Sources, file: string): boolean =>
  [posix.dirname(file), posix.dirname(posix.dirname(file))].some(
    (directory) => isCPythons(sources, directory) && sources.store.find(posix.join(directory, 'patchlevel.h')) !== null,
  )

/** Whether a file may be meant by a path as it is included, which may name the directory of the root, too. */
function isNamed({ store }: Sources, file: string, path: string): boolean {
  const tail = posix.normalize(path).replace(/^(?:\.\.?\/)+/, '')
  return posix.join(store.root, file).endsWith(`/${tail}`)
}

/** The name of a file that is included, in a directory that the build names; null where these have none. */
function lookUpNamed({ store }: Sources, path: string, directories: readonly string[]): string | null {
  if (isSystemHeader(path)) return null
  for (const named of directories) {
    const found = store.find(posix.join(named, path))
    if (found !== null) return found
  }
  return null
}

/** The name of the file that a file includes, in quotes; null where the store has none. */
function lookUp(sources: Sources, from: string, path: string, directories: readonly string[]): string | null {
  const named = lookUpNamed(sources, path, directories)
  if (named !== null) return named
  const { store } = sources
  let directory = posix.dirname(from)
  for (let turn = 0; turn < mostDirectories; turn++) {
    for (const middle of ['', 'include', 'src']) {
      const found = store.find(posix.join(directory, middle, path))
      if (found !== null) return found
    }
    const isOutside = directory === '..' || directory.startsWith('../') || posix.isAbsolute(directory)
    if (directory === '.' || isOutside) return null
    directory = posix.dirname(directory)
  }
  return null
}

const includeLine = /^(?:\xef\xbb\xbf)?[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)/gm

/** The paths that a text includes, as people read them. */
export function includedPaths(text: string): { readonly path: string; readonly quoted: boolean }[] {
  return [...text.matchAll(includeLine)].map((match) => ({
    path: decode((match[1] ?? match[2])!.trim().slice(0, longestPath)),
    quoted: match[1] !== undefined,
  }))
}
