import type { ProjectModel } from '../project/model.ts'
import { addTo } from '../source/multimap.ts'
import type { FileId } from '../source/text.ts'
import { type HiddenName, hiddenNames, seenAmong } from './hidden-names.ts'
import { type StructWords, structKeys, structsMentionedIn, structWords } from './hidden-structs.ts'

/** Which hidden names a file may use, so that not every file is asked for every name. */

type ByFile = Map<FileId, HiddenName[]>

interface HiddenIndex {
  /** Names that are no structs. */
  readonly byName: ReadonlyMap<string, ByFile>
  readonly names: ReadonlySet<string>
  readonly byStruct: ReadonlyMap<string, ByFile>
  readonly words: StructWords
  readonly order: ReadonlyMap<HiddenName, number>
}

const indexes = new WeakMap<ProjectModel, HiddenIndex>()

function indexOf(model: ProjectModel): HiddenIndex {
  let known = indexes.get(model)
  if (!known) {
    const hidden = hiddenNames(model)
    const structs = hidden.filter(({ kind }) => kind === 'struct')
    const byName = new Map<string, ByFile>()
    const byStruct = new Map<string, ByFile>()
    const add = (index: Map<string, ByFile>, key: string, each: HiddenName): void => {
      const files = index.get(key) ?? new Map()
      index.set(key, files)
      addTo(files, each.file, each)
    }
    for (const each of hidden) if (each.kind !== 'struct') add(byName, each.name, each)
    for (const each of structs) for (const key of structKeys(model, each)) add(byStruct, key, each)
    const order = new Map(hidden.map((each, index) => [each, index]))
    known = { byName, names: new Set(byName.keys()), byStruct, words: structWords(model, structs), order }
    indexes.set(model, known)
  }
  return known
}

/** The hidden names that a file sees and may use, in their order. */
export function hiddenSeenBy(model: ProjectModel, file: FileId): readonly HiddenName[] {
  const { byName, names, byStruct, words, order } = indexOf(model)
  const found = new Set<HiddenName>()
  const add = (files: ByFile | undefined): void => {
    if (files === undefined) return
    for (const other of seenAmong(model, file, files)) for (const each of files.get(other)!) found.add(each)
  }
  for (const name of model.project.code(file).words.among(names)) add(byName.get(name))
  for (const key of structsMentionedIn(model, file, words)) add(byStruct.get(key))
  return [...found].sort((a, b) => order.get(a)! - order.get(b)!)
}
