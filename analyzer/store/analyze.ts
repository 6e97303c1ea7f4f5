import { existsSync } from 'node:fs'
import { dirname, join, posix, relative, resolve, sep } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { collectFacts } from '../facts/collect.ts'
import type { CollectContext } from '../facts/context.ts'
import type { FileFacts } from '../facts/file-facts.ts'
import type { Vocabulary } from '../knowledge/vocabulary.ts'
import { addTo } from '../source/multimap.ts'
import { type Dialect, type StartedSyntax, startSyntax } from '../syntax/parse.ts'
import { readGrammar } from './grammars.ts'
import { type Answer, canFork, collectInParallel } from './pool.ts'
import {
  type Changes,
  includedPaths,
  type ProjectMacros,
  projectMacros,
  readSource,
  type SourceFile,
  type SourceText,
  textOf,
} from './sources.ts'

export interface Analysis {
  /** Facts of the files asked for and of those that they include. */
  readonly facts: readonly FileFacts[]
  /** The texts of all of them, by file. */
  readonly texts: ReadonlyMap<string, string>
  /** Files that were asked for and read. */
  readonly read: ReadonlySet<string>
  readonly problems: readonly { readonly file: string; readonly message: string; readonly unreadable: boolean }[]
  readonly parsedBytes: number
  /** What another analysis of the same files need not do again. */
  readonly known: Known
}

/** Facts, and what they hang on besides their own text. */
interface Known {
  readonly macros: ProjectMacros
  readonly facts: ReadonlyMap<string, { readonly text: SourceText; readonly facts: FileFacts }>
}

/** What an analysis of changed sources starts from. */
export interface Before {
  readonly analysis: Analysis
  readonly changes: Changes
}

/**
 * Reads and collects: the one place where the analysis touches the disk.
 * @param root the directory that files are named relative to
 * @param jobs how many threads may be used
 * @param progress is told how many files are done of how many
 * @param includeDirectories where to look for headers that are not among the sources, relative to the root
 * @param before what is known of the same sources before they were changed; the changes are not on the disk
 */
export async function analyze(
  root: string,
  sources: readonly SourceFile[],
  vocabulary: Vocabulary,
  jobs = 1,
  progress: (done: number, all: number) => void = () => undefined,
  includeDirectories: readonly string[] = [],
  before: Before | null = null,
): Promise<Analysis> {
  const changes: Changes = before?.changes ?? new Map<string, string>()
  const problems: { file: string; message: string; unreadable: boolean }[] = []
  const texts = new Map<string, SourceText>()
  for (const source of sources) {
    const text = readSource(source, changes)
    if ('problem' in text) problems.push({ file: source.file, message: text.problem, unreadable: text.unreadable })
    else texts.set(source.file, text)
  }
  const read = new Set(texts.keys())
  const given = [...texts.values()].reduce((sum, { text }) => sum + text.length, 0)
  // What little there is will be parsed before the parser's code could be optimised: the attempt would only be in the
  // way.
  if (given < worthOptimising) setFlagsFromString('--wasm-tiering-budget=100000000')
  // The parser can get ready while the rest is prepared.
  const syntax = given < worthForking ? startWithC() : null
  const relevant = followIncludes(root, texts, includeDirectories, changes)
  const macros = projectMacros(relevant, vocabulary)
  const surroundings: CollectContext = { vocabulary, ...macros }
  const known = before && sameMacros(before.analysis.known.macros, macros) ? before.analysis.known.facts : null
  const remembered = ({ file, text, dialect, concernsPython }: SourceText): FileFacts | null => {
    const same = known?.get(file)
    return same &&
      same.text.text === text &&
      same.text.dialect === dialect &&
      same.text.concernsPython === concernsPython
      ? same.facts
      : null
  }
  const open = relevant.filter((text) => remembered(text) === null)
  const sizeOf = (some: readonly SourceText[]): number =>
    some.reduce((sum, { text, concernsPython }) => sum + (concernsPython ? text.length : 0), 0)
  const parsedBytes = sizeOf(relevant)
  const answers =
    jobs > 1 && sizeOf(open) > worthForking && canFork()
      ? await collectInParallel(open, surroundings, jobs, progress)
      : await collectHere(await (syntax ?? startSyntax(readGrammar)), open, surroundings, progress)
  const collected = new Map<string, FileFacts>()
  for (const answer of answers) {
    if ('facts' in answer) collected.set(answer.facts.file, answer.facts)
    else
      problems.push({
        file: open[answer.index]!.file,
        message: `could not be analyzed: ${answer.fault}`,
        unreadable: true,
      })
  }
  const facts = new Map(
    relevant.flatMap((text) => {
      const each = collected.get(text.file) ?? remembered(text)
      return each ? [[text.file, { text, facts: each }] as const] : []
    }),
  )
  return {
    facts: [...facts.values()].map((each) => each.facts),
    texts: new Map(relevant.map(({ file, text }) => [file, text])),
    read,
    problems,
    parsedBytes,
    known: { macros, facts },
  }
}

const sameMacros = (a: ProjectMacros, b: ProjectMacros): boolean => asText(a) === asText(b)

const asText = (macros: ProjectMacros): string =>
  JSON.stringify(macros, (_, value: unknown) => (value instanceof Map || value instanceof Set ? [...value] : value))

/**
 * Collects the facts of texts that are at hand, as a project of their own.
 * @param sources with one character per byte
 */
export async function analyzeTexts(
  sources: readonly { readonly file: string; readonly text: string }[],
  vocabulary: Vocabulary,
): Promise<{ readonly facts: readonly FileFacts[]; readonly faults: readonly string[] }> {
  const texts = new Map(sources.map(({ file, text }) => [file, textOf({ file, path: file }, text)]))
  const relevant = followIncludes('', texts)
  const answers = await collectHere(
    await startSyntax(readGrammar),
    relevant,
    { vocabulary, ...projectMacros(relevant, vocabulary) },
    () => undefined,
  )
  return {
    facts: answers.flatMap((answer) => ('facts' in answer ? [answer.facts] : [])),
    faults: answers.flatMap((answer) => ('fault' in answer ? [answer.fault] : [])),
  }
}

/** Starting threads costs as much as parsing this many bytes. */
const worthForking = 600_000

/** Below so many bytes of sources V8's first, quick translation of the parser does best. */
const worthOptimising = 200_000

async function collectHere(
  syntax: StartedSyntax,
  texts: readonly SourceText[],
  surroundings: CollectContext,
  progress: (done: number, all: number) => void,
): Promise<Answer[]> {
  const answers: Answer[] = []
  for (const [index, { file, text, dialect, concernsPython }] of texts.entries()) {
    progress(index, texts.length)
    await syntax.ready(concernsPython ? dialect : 'c')
    try {
      answers.push({ index, facts: collectFacts(syntax, file, text, dialect, surroundings, concernsPython) })
    } catch (error) {
      answers.push({ index, fault: error instanceof Error ? error.message : String(error) })
    }
  }
  return answers
}

/**
 * Of all files those that concern Python, who includes them, and what all of these include: from among the files
 * given, else from the disk, in a directory that the build names, beside the including file, or in a directory above
 * it up to the root.
 */
function followIncludes(
  root: string,
  texts: Map<string, SourceText>,
  includeDirectories: readonly string[] = [],
  changes: Changes = new Map(),
): SourceText[] {
  const byName = new Map<string, string[]>()
  for (const file of texts.keys()) {
    const name = posix.basename(file)
    byName.set(name, [...(byName.get(name) ?? []), file])
  }
  const chosen = new Map<string, SourceText>()
  const todo: SourceText[] = [...texts.values()].filter((text) => text.concernsPython && !isFragment(text.file))
  todo.push(...includersOf(todo, texts))
  for (const text of todo) chosen.set(text.file, text)
  const edges = new Map<string, string[]>()
  const absent = new Set<string>()
  const take = (from: SourceText, text: SourceText): void => {
    edges.set(from.file, [...(edges.get(from.file) ?? []), text.file])
    if (chosen.has(text.file)) return
    chosen.set(text.file, text)
    todo.push(text)
  }
  while (todo.length > 0) {
    const from = todo.pop()!
    for (const { path, quoted } of includedPaths(from.text)) {
      const candidates = byName.get(posix.basename(path)) ?? []
      for (const file of candidates) take(from, texts.get(file)!)
      if (candidates.length > 0 || !quoted || absent.has(`${dirname(from.path)}\n${path}`)) continue
      const found = lookUp(root, from, path, includeDirectories)
      if (found === null) absent.add(`${dirname(from.path)}\n${path}`)
      else if (!chosen.has(found.file)) {
        const text = readSource(found, changes)
        if (!('problem' in text)) take(from, text)
      }
    }
  }
  return withDialects(chosen, edges)
}

/**
 * The texts that include given ones, by the names of files, and those that include these: they say what macros mean
 * there.
 */
function includersOf(texts: readonly SourceText[], all: ReadonlyMap<string, SourceText>): SourceText[] {
  const known = new Set(texts.map(({ file }) => file))
  const by = new Map<string, SourceText[]>()
  for (const text of all.values()) {
    if (known.has(text.file)) continue
    for (const { path } of includedPaths(text.text)) addTo(by, posix.basename(path), text)
  }
  const found = new Set<SourceText>()
  const todo = texts.map(({ file }) => posix.basename(file))
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

/** Starts the parser and loads the grammar that nearly every project needs. */
async function startWithC(): Promise<StartedSyntax> {
  const syntax = await startSyntax(readGrammar)
  await syntax.ready('c')
  return syntax
}

/** Text that is no source by itself: it counts only where something includes it. */
const isFragment = (file: string): boolean => /\.inc$/i.test(file)

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

function lookUp(
  root: string,
  from: SourceFile,
  path: string,
  includeDirectories: readonly string[],
): SourceFile | null {
  let directory = dirname(resolve(from.path))
  const top = resolve(root)
  for (const named of includeDirectories) {
    const candidate = join(top, named, path)
    if (existsSync(candidate)) return { path: candidate, file: relative(top, candidate).split(sep).join('/') }
  }
  for (let turn = 0; turn < 40; turn++) {
    for (const middle of ['', 'include', 'src']) {
      const candidate = join(directory, middle, path)
      if (existsSync(candidate)) return { path: candidate, file: relative(top, candidate).split(sep).join('/') }
    }
    if (directory === top || dirname(directory) === directory || !directory.startsWith(top + sep)) return null
    directory = dirname(directory)
  }
  return null
}
