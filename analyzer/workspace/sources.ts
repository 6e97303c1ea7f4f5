import type { BuildFile } from '../build/build-file.ts'
import { unreadable } from '../build/readable.ts'
import { referredFiles } from '../build/referred-files.ts'
import type { Problem } from '../check/diagnostic.ts'
import { asByteText, unreadableAsC } from '../source/text.ts'
import { buildFileKind, type SourceText, sourceText } from './source-text.ts'
import type { Store } from './store.ts'

/** Texts that stand for those of a store, by file; one character per byte. */
export type Changes = ReadonlyMap<string, string>

/** What an analysis reads: a store, and what an editor or a fix has made of its files. */
export interface Sources {
  readonly store: Pick<Store, 'root' | 'read' | 'find'>
  readonly changes: Changes
}

/**
 * Reads a source.
 * @returns the text, or why there is none; `unreadable` where nothing could be read, else it is no C
 */
export function readSource(
  { store, changes }: Sources,
  file: string,
): SourceText | { readonly problem: string; readonly unreadable: boolean } {
  const changed = changes.get(file)
  if (changed !== undefined) return { ...sourceText(file, changed), changed: true }
  const found = store.read(file)
  if ('problem' in found) return { problem: `cannot be read: ${found.problem}`, unreadable: true }
  const problem = unreadableAsC(found.bytes)
  if (problem) return { problem, unreadable: false }
  return sourceText(file, asByteText(found.bytes))
}

/** Reads a file of any kind. @returns its text, one character per byte, or why there is none */
export function readText(
  { store, changes }: Sources,
  file: string,
): { readonly text: string } | { readonly problem: string; readonly isThere?: boolean } {
  const changed = changes.get(file)
  if (changed !== undefined) return { text: changed }
  const found = store.read(file)
  return 'problem' in found ? found : { text: asByteText(found.bytes) }
}

/** What a file is that a build file names. */
const kindOfReferred = (path: string): BuildFile['kind'] =>
  path.endsWith('.cmake') ? 'CMakeLists.txt' : /\.(?:bzl|bazelrc)$/.test(path) ? 'BUILD.bazel' : 'setup.py'

/**
 * Reads the files that configure the build: those of some files, and others, since the project's own configuration
 * tells its target even where only some files were asked for. What a `setup.py` imports from beside it belongs to it.
 * One that is there and cannot be read, or is too much for its readers, is left out, which is a problem.
 * @param others names of build files, there or not
 */
export function readBuildFiles(
  sources: Sources,
  files: Iterable<string>,
  others: readonly string[],
): { readonly buildFiles: readonly BuildFile[]; readonly problems: readonly Problem[] } {
  const names = new Set([...[...files].filter((file) => buildFileKind(file) !== null), ...others])
  const buildFiles: BuildFile[] = []
  const problems: Problem[] = []
  // Those that are found on the way are read, too.
  for (const path of names) {
    const found = readText(sources, path)
    if ('problem' in found) {
      const message = `cannot be read: ${found.problem}`
      if (found.isThere === true) problems.push({ file: path, message, severity: 'warning' })
      continue
    }
    const kind = buildFileKind(path) ?? kindOfReferred(path)
    const file = { kind, path, text: found.text }
    const fault = unreadable(file)
    if (fault !== null) {
      problems.push({ file: path, message: `is left out, as it cannot be analyzed: ${fault}`, severity: 'warning' })
      continue
    }
    buildFiles.push(file)
    for (const other of referredFiles(file)) names.add(other)
  }
  return { buildFiles, problems }
}
