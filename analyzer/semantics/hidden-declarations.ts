import { tagWords } from '../code/words.ts'
import type { ProjectModel } from '../project/model.ts'
import { addTo } from '../source/multimap.ts'
import type { FileId } from '../source/text.ts'
import { compiledAt } from './calls.ts'
import { declaredIn, type HiddenField, type HiddenName, hiddenNames, seenAmong, sees, wordOf } from './hidden-names.ts'

/** Whether names of the project that exist without the Limited API are declared with it, too. */

const filesOfWords = new WeakMap<ProjectModel, ReadonlyMap<string, ReadonlySet<FileId>>>()

/** The files in which the words of hidden names stand. */
function wordFiles(model: ProjectModel): ReadonlyMap<string, ReadonlySet<FileId>> {
  const known = filesOfWords.get(model) ?? filesHolding(model, new Set(hiddenNames(model).map(wordOf)))
  filesOfWords.set(model, known)
  return known
}

/** The files in which words stand, by word. */
export function filesHolding(
  model: ProjectModel,
  words: ReadonlySet<string>,
): ReadonlyMap<string, ReadonlySet<FileId>> {
  const found = new Map<string, Set<FileId>>()
  for (const file of model.files.keys()) {
    for (const word of model.project.code(file).words.among(words)) {
      const files = found.get(word)
      if (files) files.add(file)
      else found.set(word, new Set([file]))
    }
  }
  return found
}

/** Whether the target may declare a name, of a struct one of its fields, where a file sees it. */
export function isDeclaredFor(model: ProjectModel, file: FileId, hidden: HiddenName, field: string | null): boolean {
  const isStruct = hidden.kind === 'struct'
  let isType = false
  for (const each of seenAmong(model, file, wordFiles(model).get(wordOf(hidden)) ?? new Set())) {
    const isCompiled = ({ offset }: HiddenField): boolean => compiledAt(model, each, offset) !== 'no'
    const same = declaredByName(model, each).get(hidden.name) ?? []
    const structs = same.filter(({ kind }) => kind === 'struct')
    const others = same.filter(({ kind }) => kind !== 'struct')
    if (isStruct && structs.some((one) => isCompiled(one) && hasField(one, field, isCompiled))) return true
    if (!isStruct && (others.some(isCompiled) || isMadeIn(model, each, hidden))) return true
    // `typedef void *Spam;` elsewhere, without that `struct`.
    isType ||= isStruct && others.some(isCompiled) && !structs.some(isCompiled)
  }
  return isType || (!isStruct && isExpanded(model, file, hidden))
}

const hasField = (struct: HiddenName, field: string | null, isCompiled: (field: HiddenField) => boolean): boolean =>
  field === null || (fieldsByName(struct).get(field)?.some(isCompiled) ?? false)

const fieldIndexes = new WeakMap<HiddenName['fields'], ReadonlyMap<string, readonly HiddenField[]>>()

function fieldsByName({ fields }: HiddenName): ReadonlyMap<string, readonly HiddenField[]> {
  let known = fieldIndexes.get(fields)
  if (!known) {
    known = byName(fields)
    fieldIndexes.set(fields, known)
  }
  return known
}

/** Whether a macro at file level may declare a name: `OPAQUE(Spam)`; of a tag, whether `struct Spam` stands there. */
function isMadeIn(model: ProjectModel, file: FileId, { name, isTag }: HiddenName): boolean {
  const code = model.project.code(file)
  return code.occurrences(name).some(({ span, before, isInDirective }) => {
    if (isInDirective || compiledAt(model, file, span.start) === 'no') return false
    if (isTag && tagWords.has(before)) return true
    const around = code.codeAt(span.start)
    return around?.kind === 'file' && around.body[0]?.kind === 'expression'
  })
}

/** Whether a macro that is expanded where a file sees it makes the name it declares of parts: `TYPE(Spam)`. */
function isExpanded(model: ProjectModel, file: FileId, { name }: HiddenName): boolean {
  const { declarations } = model.project
  return [...declarations.value(name), ...declarations.typedef(name)].some(
    (each) =>
      each.fact.expansion !== undefined &&
      sees(model, file, each.file) &&
      model.activeFact(each.file, each.fact) !== 'no',
  )
}

const byName = <T extends { readonly name: string }>(list: readonly T[]): ReadonlyMap<string, readonly T[]> => {
  const found = new Map<string, T[]>()
  for (const each of list) addTo(found, each.name, each)
  return found
}

const nameIndexes = new WeakMap<readonly HiddenName[], ReadonlyMap<string, readonly HiddenName[]>>()

/** The same as `declaredIn`, by name. */
function declaredByName(model: ProjectModel, file: FileId): ReadonlyMap<string, readonly HiddenName[]> {
  const declared = declaredIn(model, file)
  let known = nameIndexes.get(declared)
  if (!known) {
    known = byName(declared)
    nameIndexes.set(declared, known)
  }
  return known
}
