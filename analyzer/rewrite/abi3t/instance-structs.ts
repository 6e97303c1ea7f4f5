import type { DeclarationStatement, Variable } from '../../code/tree.ts'
import type { CType } from '../../knowledge/ctype.ts'
import type { ProjectModel } from '../../project/model.ts'
import { heapTypes } from '../../semantics/heap-types.ts'
import { structsOf } from '../../semantics/type-data.ts'
import type { HeapType } from '../../semantics/type-definition.ts'
import type { FileId } from '../../source/text.ts'
import type { Sources } from '../sources.ts'
import {
  type Head,
  type HeadMacro,
  headMacros,
  headsOfBuiltins,
  headsOfMacro,
  headsOfObjects,
  headsOfStruct,
} from './heads.ts'
import { Obstacles } from './obstacles.ts'

/** A struct of the project that begins with the head of an object, as far as it can be told what it is for. */
export interface InstanceStruct {
  readonly file: string
  /** The typedef by which code names it: `Spam`. Where there is none, one that it gets; in C++ that is its tag. */
  readonly name: string
  /** Whether no typedef names it. */
  readonly isUntyped: boolean
  /** `_spam` of `struct _spam`; empty for none. */
  readonly tag: string
  /** Its type, with typedefs taken away, as `plainType` has it. */
  readonly plain: CType
  readonly declaration: DeclarationStatement
  /** The typedefs that stand apart from the struct, `typedef struct spam Spam;`, wherever they are. */
  readonly typedefs: readonly DeclarationIn[]
  readonly head: Head
  /** The macro that it begins with, where that has fields. */
  readonly headMacro: HeadMacro | null
  /** The struct that it begins with. */
  readonly base: InstanceStruct | null
  /** The types of its fields by their names, but for that which is its base; empty for one that is not known. */
  readonly fields: ReadonlyMap<string, CType>
  /** The types whose instances it is of. */
  readonly types: readonly HeapType[]
  readonly obstacles: Obstacles
}

export interface DeclarationIn {
  readonly file: string
  readonly declaration: DeclarationStatement
}

/** The macro that is defined where code is compiled for abi3t, from the headers of 3.15 on. */
export const abi3tMacro = 'Py_TARGET_ABI3T'

/** A type with typedefs taken away, as all files name it: a struct without a tag is told by its place. */
export function plainType(model: ProjectModel, file: FileId, type: CType): CType {
  const plain = model.apiType(file, type)
  return /@\d+(?![\d#])/.test(plain) ? plain.replace(/@\d+/, (place) => `${place}#${file}`) : plain
}

/** Whether code stands under a condition on abi3t: somebody has thought of it. */
export const knowsAbi3t = (sources: Sources, file: string, offset: number): boolean => {
  const { regions } = sources.directives(file)
  return sources.regionsAround({ file, offset }).some(({ group }) =>
    regions.some((each) => {
      const isOfGroup = each.group === group
      return isOfGroup && sources.code(file).directiveBefore(each.start)?.includes(abi3tMacro) === true
    }),
  )
}

/** Finds the structs of instances, with what keeps each from being rewritten, as far as it can be seen in itself. */
export function instanceStructs(sources: Sources): readonly InstanceStruct[] {
  const found = new Map<DeclarationStatement, InstanceStruct>()
  const add = (head: Head, headMacro: HeadMacro | null, base: InstanceStruct | null): void => {
    if (!found.has(head.declaration) && !knowsAbi3t(sources, head.file, head.span.start))
      found.set(head.declaration, structIn(sources, head, headMacro, base))
  }
  for (const head of headsOfObjects(sources)) add(head, null, null)
  for (const macro of headMacros(sources)) for (const head of headsOfMacro(sources, macro)) add(head, macro, null)
  for (const head of headsOfBuiltins(sources)) add(head, null, null)
  // Those that are found begin others.
  for (const base of found.values())
    for (const name of new Set([base.name, base.tag]))
      if (name !== '')
        for (const head of headsOfStruct(sources, name)) if (sees(sources, base, head)) add(head, null, base)
  return [...found.values()]
}

/** Whether a place is in a file that belongs together with that of a struct. */
export const sees = (
  sources: Sources,
  { file }: { readonly file: string },
  place: { readonly file: string },
): boolean => file === place.file || sources.settings.related(file).has(place.file)

function structIn(
  sources: Sources,
  head: Head,
  headMacro: HeadMacro | null,
  base: InstanceStruct | null,
): InstanceStruct {
  const { model } = sources
  const { file, declaration, span, field } = head
  const obstacles = new Obstacles()
  const add = (text: string): void => obstacles.add(file, span.start, text)
  const tag = /^struct (\w+)$/.exec(declaration.struct!.tag)?.[1] ?? ''
  const typedefs = tag === '' || declaration.types.length > 0 ? [] : typedefsOf(sources, file, tag)
  const names = new Set([...declaration.types, ...typedefs.flatMap((each) => each.declaration.types)])
  const isCxx = sources.settings.isCxx(file)
  if (names.size > 1) add('it has more than one name')
  if (declaration.variables.some((each) => isNamedElsewhere(sources, file, each))) add('a variable is declared with it')
  if (head.name === 'PyObject_VAR_HEAD') add('its instances have items, which abi3t has no way to')
  const isUntyped = names.size === 0
  const name = [...names][0] ?? (isCxx ? tag : freeName(sources, tag))
  if (name === '') add('no name was found for it')
  const id = sources.idOf(file)
  const plain = plainType(model, id, tag === '' ? name : isCxx ? tag : `struct ${tag}`)
  const declared = model.structOf(id, model.apiType(id, tag === '' ? name : `struct ${tag}`))
  if (declared === null) add('its fields are not understood')
  if (declared && declared.bases.length > 0) add('it is derived from classes')
  const own = [...(declared?.fields ?? [])].filter(([each]) => each !== 'ob_base' && each !== field)
  const fields = new Map([...(headMacro?.fields ?? []), ...own])
  const struct = { file, name, isUntyped, tag, plain, declaration, typedefs, head, headMacro, base, fields, obstacles }
  return { ...struct, types: typesOfStruct(sources, struct) }
}

/** A name for a struct that has a tag alone, which stands nowhere in the project; empty for none. */
function freeName(sources: Sources, tag: string): string {
  const plain = tag.replace(/^_+/, '')
  const isFree = (each: string): boolean => sources.model.project.filesWith(each).length === 0
  return tag === '' ? '' : ([`${plain}_instance`, `${plain}_of_type`].find(isFree) ?? '')
}

/** Whether a variable that is declared together with a struct is used. */
const isNamedElsewhere = (sources: Sources, file: string, { name, nameSpan }: Variable): boolean =>
  sources.references(name).some((each) => each.file !== file || each.offset !== nameSpan.start)

/** The types whose instances a struct is of. */
function typesOfStruct(sources: Sources, struct: Pick<InstanceStruct, 'file' | 'plain' | 'obstacles'>): HeapType[] {
  const { model } = sources
  return heapTypes(model).filter((each) => {
    if (!sees(sources, struct, model.files[each.file]!)) return false
    return structsOf(each).some((name) =>
      [name, `struct ${name}`].some((type) => plainType(model, each.file, type) === struct.plain),
    )
  })
}

/** The declarations `typedef struct spam Spam;` of a tag, in files that see the struct. */
function typedefsOf(sources: Sources, around: string, tag: string): DeclarationIn[] {
  const pattern = new RegExp(`^typedef\\s+struct\\s+${tag}\\s+\\w+\\s*;$`)
  return sources.references(tag).flatMap(({ file, offset }) => {
    if (!sees(sources, { file: around }, { file })) return []
    const declaration = sources.code(file).declarations.find(({ span }) => span.start <= offset && offset < span.end)
    if (!declaration || declaration.struct !== null || declaration.types.length === 0) return []
    return pattern.test(sources.written(file, declaration.span)) ? [{ file, declaration }] : []
  })
}
