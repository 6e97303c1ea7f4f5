import type { Signature } from '../code/signatures.ts'
import type { Api } from '../knowledge/api.ts'
import type { CType } from '../knowledge/ctype.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId } from '../source/text.ts'
import { isCxxFile } from './functions.ts'

/** Pointers to the structs of concrete objects that have to stay apart from those to `PyObject`. */

/** Whether a struct begins as all objects do. */
export function isObjectStruct(api: Api, name: string): boolean {
  let at: string | undefined = name
  for (let turn = 0; turn < 5 && at !== undefined; turn++) {
    if (at === 'PyObject' || at === 'PyVarObject') return turn > 0
    at = [...(api.struct(at)?.fields.values() ?? [])][0]
  }
  return false
}

/**
 * Why pointers to a struct have to stay apart from those to `PyObject`, as the rest of a sentence: two overloads or
 * their like would become one. Null where nothing is in the way.
 */
export function whyDistinct(model: ProjectModel, struct: string): string | null {
  let found = distinct.get(model)
  if (!found) {
    found = findDistinct(model)
    distinct.set(model, found)
  }
  return found.get(struct) ?? null
}

const distinct = new WeakMap<ProjectModel, ReadonlyMap<string, string>>()

/** What is said of signatures that would be the same, by what they are. */
const sameOf: Readonly<Record<Signature['kind'], (name: string) => string>> = {
  function: (name) => `two overloads of \`${name}\` would be one`,
  conversion: () => 'two conversion operators of a class would be one',
  specialisation: (name) => `two specialisations of \`${name}\` would be one`,
  instantiation: (name) => `two explicit instantiations of \`${name}\` would be one`,
  association: () => 'two associations of a `_Generic` would be for one type',
}

/** The structs that tell signatures from each other which are the same with `PyObject`, with the reason. */
function findDistinct(model: ProjectModel): ReadonlyMap<string, string> {
  const structs = new Set(
    model.files.flatMap(({ uses }) =>
      uses.flatMap(({ name, pointer }) =>
        pointer && !model.declares(name) && isObjectStruct(model.api, name) ? [name] : [],
      ),
    ),
  )
  const found = new Map<string, string>()
  if (structs.size === 0) return found
  const known = new Map<string, ReadonlyMap<string, ReadonlySet<string>>>()
  for (const { signature, file } of signaturesOf(model, structs)) {
    const { kind, name, scope, types } = signature
    if (types === null) continue
    const before = types.map((type) => model.apiType(file, type))
    const own = new Set<string>()
    const after = before.map((type) => withObject(type, structs, own))
    const key = JSON.stringify([kind, name, scope.startsWith('@') ? `${file}${scope}` : scope, after])
    const others = new Map(known.get(key))
    others.set(JSON.stringify(before), own)
    known.set(key, others)
    if (others.size > 1)
      for (const each of others.values()) for (const struct of each) found.set(struct, sameOf[kind](name))
  }
  return found
}

/** The signatures in files that mention one of some structs, or see one that does; but for `_Generic` those of C++. */
function signaturesOf(
  model: ProjectModel,
  structs: ReadonlySet<string>,
): readonly { readonly signature: Signature; readonly file: FileId }[] {
  const isCxx = (file: FileId): boolean => isCxxFile(model, file)
  const withGeneric = new Set(model.project.filesWith('_Generic'))
  const isAsked = (file: FileId): boolean =>
    isCxx(file) || (withGeneric.has(file) && model.files[file]!.uses.some(({ name }) => structs.has(name)))
  return model.files.flatMap((_, file) =>
    isAsked(file)
      ? model.project
          .code(file)
          .signatures()
          .filter(({ kind }) => kind === 'association' || isCxx(file))
          .map((signature) => ({ signature, file }))
      : [],
  )
}

/** A type with `PyObject` for structs. @param mentioned gets those that it mentions */
const withObject = (type: CType, structs: ReadonlySet<string>, mentioned: Set<string>): CType =>
  type.replace(/\w+/g, (word) => {
    if (!structs.has(word)) return word
    mentioned.add(word)
    return 'PyObject'
  })
