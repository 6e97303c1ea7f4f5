import posix from 'path-browserify'
import type { BuildFile } from '../build/build-file.ts'
import type { BuildOptions } from '../project/build-options.ts'
import type { Project } from '../project/model.ts'
import type { Analysis } from './collect.ts'
import { includedPaths } from './includes.ts'
import type { Settings } from './settings.ts'
import { isFragment, isSourceName } from './source-text.ts'
import type { readText } from './sources.ts'
import type { Store } from './store.ts'
import { type NamedSource, sourcesNamedIn, usersOfNames } from './users-of-names.ts'

/** What was asked for, and what was read of it. */
interface Read {
  readonly files: ReadonlySet<string>
  readonly others: ReadonlySet<string>
  readonly project: Project
  readonly analysis: Analysis
  readonly buildFiles: readonly BuildFile[]
  readonly build: BuildOptions
}

/** What sources around those that were asked for are looked for with. */
export interface Around {
  readonly settings: Settings
  readonly store: Pick<Store, 'find'>
  read(file: string): ReturnType<typeof readText>
}

/** The sources that may name types, and why it may not be known of all. */
export interface UsersOfTypes {
  /** Those that were not read, or of which only macros were. */
  readonly files: ReadonlySet<string>
  /**
   * Why it cannot be said of a type that a file defines for others what they use it for: the rest of a sentence without
   * full stop; null where it can.
   */
  unseen(file: string): string | null
}

/**
 * Looks for types in the sources of the package, in those that git has or a build file names though a `.gitignore`
 * hides them, and in whatever they include.
 * @param names of the types
 */
export function usersOfTypes(loaded: Read, names: ReadonlySet<string>, around: Around): UsersOfTypes {
  const { files, analysis, build, buildFiles } = loaded
  const { settings, store } = around
  const asked = [...files].filter((file) => isSourceName(file))
  const named = buildFiles.flatMap(sourcesNamedIn)
  const compiled = [...build.ofFile.keys(), ...named.map(({ file }) => file)]
  const near = new Set([
    ...asked.flatMap((file) => nearOf(settings, file)),
    ...compiled.flatMap((file) => store.find(file) ?? []),
    ...loaded.others,
    ...asked.filter((file) => !isFragment(file)),
  ])
  const texts = new Map<string, string>(analysis.texts)
  const problems = new Map<string, string>()
  const textOf = (file: string): string => {
    let text = texts.get(file)
    if (text === undefined) {
      const found = around.read(file)
      if ('problem' in found) problems.set(file, found.problem)
      text = 'problem' in found ? '' : found.text
      texts.set(file, text)
    }
    return text
  }
  for (const each of fragmentsOf(near, textOf, store)) near.add(each)
  const rest = [...near].filter((file) => !analysis.texts.has(file))
  const unreadable = (file: string): string | null => {
    const problem = problems.get(file)
    return problem === undefined ? null : `\`${file}\`, which may use it, cannot be read: ${problem}`
  }
  const baseNames = new Set([...near, ...analysis.texts.keys()].map((file) => posix.basename(file)))
  const absent = ({ file, buildFile }: NamedSource): string | null =>
    baseNames.has(posix.basename(file)) || isTranslated(store, file)
      ? null
      : `\`${file}\`, which \`${buildFile}\` names with its file, was not found, and may use it`
  const missed = named.flatMap((each) => {
    const text = unreadable(store.find(each.file) ?? each.file) ?? absent(each)
    return text === null ? [] : [{ ...each, text }]
  })
  const unseenBy = (file: string): string | null => {
    const around = problems.size === 0 ? [] : files.has(file) ? [...nearOf(settings, file), ...asked] : near
    return first(around, unreadable) ?? missed.find((each) => isBuiltWith(each, file))?.text ?? null
  }
  const known = new Map<string, string | null>()
  return {
    files: usersOfNames(names, rest, analysis.texts.keys(), textOf),
    unseen: (file) => {
      if (!known.has(file)) known.set(file, unseenBy(file))
      return known.get(file)!
    },
  }
}

const nearOf = ({ sourcesBelow, hiddenSources }: Settings, file: string): readonly string[] => [
  ...(sourcesBelow?.(file) ?? []),
  ...(hiddenSources?.(file) ?? []),
]

/** The first answer that is none of null. */
function first<T>(items: Iterable<T>, ask: (item: T) => string | null): string | null {
  for (const each of items) {
    const answer = ask(each)
    if (answer !== null) return answer
  }
  return null
}

/** Whether a source that a build file names may be linked with a file: a definition of a module names both. */
const isBuiltWith = ({ definitions }: NamedSource, file: string): boolean =>
  definitions.some((text) => !isUnit.test(file) || text.includes(posix.basename(file)))

const isUnit = /\.(?:c|cc|cpp|cxx|c\+\+)$/i

/** Whether another program makes a source of what is there. */
const isTranslated = (store: Pick<Store, 'find'>, file: string): boolean =>
  ['.pyx', '.py'].some((suffix) => store.find(file.replace(/\.[^./]*$/, suffix)) !== null)

/** What files include, by way of others too, that does not have the name of a source. */
function fragmentsOf(
  files: Iterable<string>,
  textOf: (file: string) => string,
  store: Pick<Store, 'find'>,
): ReadonlySet<string> {
  const found = new Set<string>()
  const todo = [...files]
  while (todo.length > 0) {
    const from = todo.pop()!
    for (const { path, quoted } of includedPaths(textOf(from))) {
      const file = quoted && !isSourceName(path) ? store.find(posix.join(posix.dirname(from), path)) : null
      if (file === null || found.has(file)) continue
      found.add(file)
      todo.push(file)
    }
  }
  return found
}

/**
 * The types of the project that others than their own translation units may use: all but those that are `static`.
 * @param found where types stand: the offsets of their names
 */
export function sharedTypes(
  { project, analysis: { facts, texts } }: Read,
  found: Iterable<{ readonly file: string; readonly start: number; readonly end: number }>,
): ReadonlySet<string> {
  const ids = new Map(facts.map(({ file }, id) => [file, id]))
  const names = new Set<string>()
  for (const { file, start, end } of found) {
    const id = ids.get(file)
    const variable = id === undefined ? null : project.code(id).variables.find((each) => each.nameSpan.start === start)
    if (variable?.storage !== 'static') names.add((texts.get(file) ?? '').slice(start, end))
  }
  return names
}
