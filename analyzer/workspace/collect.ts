import { collectFacts } from '../facts/collect.ts'
import type { CollectContext } from '../facts/context.ts'
import type { FileFacts } from '../facts/file-facts.ts'
import type { Vocabulary } from '../knowledge/vocabulary.ts'
import type { StartedSyntax } from '../syntax/parse.ts'
import { followIncludes, withoutCPythons } from './includes.ts'
import { type ProjectMacros, projectMacros, withPointersToObjects } from './macros.ts'
import type { SourceText } from './source-text.ts'
import { readSource, type Sources } from './sources.ts'
import type { Answer, Progress, Store } from './store.ts'

/** The facts of a project, and what they were collected from. */
export interface Analysis {
  /** Facts of the files asked for and of those that they include. */
  readonly facts: readonly FileFacts[]
  /** The texts of all of them, by file; one character per byte. */
  readonly texts: ReadonlyMap<string, string>
  /** Files that were asked for and read. */
  readonly read: ReadonlySet<string>
  /** Files of which there are no facts; `unreadable` where they are not merely something else than C. */
  readonly problems: readonly { readonly file: string; readonly message: string; readonly unreadable: boolean }[]
  /** Bytes of the texts that can hold anything about the C API. */
  readonly parsedBytes: number
  /** The same by file; files of which that holds nothing are left out. */
  readonly bytesOf: ReadonlyMap<string, number>
  /** What another analysis of the same files need not do again. */
  readonly known: Known
}

/** Facts, and what they hang on besides their own text. */
interface Known {
  readonly macros: ProjectMacros
  readonly facts: ReadonlyMap<string, { readonly text: SourceText; readonly facts: FileFacts }>
}

/** What is to be analysed. */
export interface AnalysisRequest {
  readonly store: Pick<Store, 'prepare' | 'spareMemory' | 'threads'>
  readonly sources: Sources
  /** Names of the sources. */
  readonly files: readonly string[]
  /** Names of sources that are read with them, without being asked for. */
  readonly others: readonly string[]
  /** Names of files of both kinds that concern Python, whatever is in them. */
  readonly wanted: ReadonlySet<string>
  /** Where to look for headers that are not among the files, relative to the root. */
  readonly includeDirectories: readonly string[]
  readonly vocabulary: Vocabulary
  /** Gives the parser, started. */
  syntax(): Promise<StartedSyntax>
  /** The last call of an analysis says that all are done. */
  readonly progress: Progress
}

/** Names of the C API and fields, each of which may be a finding: three times as many as CPython's own code has. */
const many = 150_000

/** Characters of one text, whose tokens and masked copies are there at the same time, while it is collected. */
const large = 8_000_000

/** Below so many bytes of sources the parser is started while they are prepared: threads will not be wanted. */
const little = 600_000

/**
 * Reads sources, finds what they include, and collects the facts of all.
 * @param before what is known of the same sources; facts of texts that are the same are taken from there
 * @throws where the parser cannot be loaded, or a thread dies
 */
export async function analyze(request: AnalysisRequest, before: Analysis | null): Promise<Analysis> {
  const { store, vocabulary } = request
  const { texts, problems } = readAll(request)
  const given = [...texts.values()].reduce((sum, { text }) => sum + text.length, 0)
  store.prepare?.(given)
  if ([...texts.values()].some(({ text }) => text.length > large)) store.spareMemory?.()
  // The parser can get ready while the rest is prepared.
  const started = given < (store.threads?.worthwhile ?? little) ? startWithC(request) : null
  const blamed = new Set(problems.map(({ file }) => file))
  const complain = (file: string, message: string): void => {
    if (!blamed.has(file)) problems.push({ file, message, unreadable: false })
    blamed.add(file)
  }
  const { sources, includeDirectories, wanted } = request
  const relevant = withPointersToObjects(
    followIncludes(withoutCPythons(texts), sources, includeDirectories, complain, wanted),
  )
  const macros = projectMacros(relevant, vocabulary)
  const remembered = memoryOf(before, macros)
  const open = relevant.filter((text) => remembered(text) === null)
  const answers = await collect(request, open, { vocabulary, ...macros }, started)
  const collected = new Map<string, FileFacts>()
  for (const answer of answers) {
    if ('facts' in answer) collected.set(answer.facts.file, answer.facts)
    else {
      const { file } = open[answer.index]!
      problems.push({ file, message: `could not be analyzed: ${answer.fault}`, unreadable: true })
    }
  }
  const mentioned = [...collected.values()].reduce((sum, { uses, members }) => sum + uses.length + members.length, 0)
  if (mentioned > many) store.spareMemory?.()
  const facts = new Map(
    relevant.flatMap((text) => {
      const each = collected.get(text.file) ?? remembered(text)
      return each ? [[text.file, { text, facts: each }] as const] : []
    }),
  )
  return {
    facts: [...facts.values()].map((each) => each.facts),
    texts: new Map(relevant.map(({ file, text }) => [file, text])),
    read: new Set(request.files.filter((file) => texts.has(file))),
    problems,
    parsedBytes: sizeOf(relevant),
    bytesOf: new Map(relevant.flatMap((each) => (each.concernsPython ? [[each.file, sizeOf([each])] as const] : []))),
    known: { macros, facts },
  }
}

function readAll(request: AnalysisRequest): {
  readonly texts: ReadonlyMap<string, SourceText>
  readonly problems: { file: string; message: string; unreadable: boolean }[]
} {
  const texts = new Map<string, SourceText>()
  const problems: { file: string; message: string; unreadable: boolean }[] = []
  const asked = new Set(request.files)
  for (const file of new Set([...request.files, ...request.others])) {
    const text = readSource(request.sources, file)
    if ('problem' in text) {
      // Of what nobody asked for nothing is said.
      if (asked.has(file)) problems.push({ file, message: text.problem, unreadable: text.unreadable })
    } else texts.set(file, text)
  }
  return { texts, problems }
}

/** Bytes that are to be parsed. */
const sizeOf = (texts: readonly SourceText[]): number =>
  texts.reduce((sum, { text, concernsPython }) => sum + (concernsPython ? text.length : 0), 0)

/** Gives of each text the facts that are known already; null where they have to be collected. */
function memoryOf(before: Analysis | null, macros: ProjectMacros): (text: SourceText) => FileFacts | null {
  const known = before && sameMacros(before.known.macros, macros) ? before.known.facts : null
  return ({ file, text, dialect, concernsPython }) => {
    const same = known?.get(file)
    return same &&
      same.text.text === text &&
      same.text.dialect === dialect &&
      same.text.concernsPython === concernsPython
      ? same.facts
      : null
  }
}

const sameMacros = (a: ProjectMacros, b: ProjectMacros): boolean => asText(a) === asText(b)

const asText = (macros: ProjectMacros): string =>
  JSON.stringify(macros, (_, value: unknown) => (value instanceof Map || value instanceof Set ? [...value] : value))

/** Loads the grammar that nearly every project needs. */
async function startWithC(request: AnalysisRequest): Promise<StartedSyntax> {
  const syntax = await request.syntax()
  await syntax.ready('c')
  return syntax
}

async function collect(
  { store: { threads }, syntax, progress }: AnalysisRequest,
  texts: readonly SourceText[],
  context: CollectContext,
  started: Promise<StartedSyntax> | null,
): Promise<readonly Answer[]> {
  if (threads && texts.length > 1 && sizeOf(texts) > threads.worthwhile)
    return threads.collect(texts, context, progress)
  const parser = await (started ?? syntax())
  const answers: Answer[] = []
  for (const [index, { file, text, dialect, concernsPython }] of texts.entries()) {
    progress(index, texts.length)
    try {
      await parser.ready(concernsPython ? dialect : 'c')
      answers.push({ index, facts: collectFacts(parser, file, text, dialect, context, concernsPython) })
    } catch (error) {
      answers.push({ index, fault: error instanceof Error ? error.message : String(error) })
    }
  }
  progress(texts.length, texts.length)
  return answers
}

/**
 * The facts of texts as those of one project, each text for itself: no include is followed, and none is left out.
 * @param syntax with the grammars of the texts loaded
 */
export function factsOfTexts(
  syntax: StartedSyntax,
  texts: readonly SourceText[],
  vocabulary: Vocabulary,
): readonly FileFacts[] {
  const context: CollectContext = { vocabulary, ...projectMacros(texts, vocabulary) }
  return texts.map(({ file, text, dialect, concernsPython }) =>
    collectFacts(syntax, file, text, dialect, context, concernsPython),
  )
}
