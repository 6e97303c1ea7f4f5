import type { DeclarationStatement } from '../../code/tree.ts'
import type { CType } from '../../knowledge/ctype.ts'
import type { ProjectModel } from '../../project/model.ts'
import { heapTypes } from '../../semantics/heap-types.ts'
import { structsOf } from '../../semantics/type-data.ts'
import type { HeapType } from '../../semantics/type-definition.ts'
import type { FileId, Span } from '../../source/text.ts'
import type { Sources } from '../sources.ts'
import { Obstacles } from './obstacles.ts'

/** A struct of the project that begins with `PyObject_HEAD`, as far as it can be told what it is for. */
export interface InstanceStruct {
  readonly file: string
  /** The typedef by which code names it: `Spam`. Where there is none, its tag. */
  readonly name: string
  /** `_spam` of `struct _spam`; empty for none. */
  readonly tag: string
  /** Its type, with typedefs taken away, as `plainType` has it. */
  readonly plain: CType
  readonly declaration: DeclarationStatement
  /** The typedef, where it stands apart from the struct. */
  readonly typedef: DeclarationStatement | null
  /** Of the `PyObject_HEAD` in it. */
  readonly head: Span
  readonly fields: readonly string[]
  /** The types whose instances it is of. */
  readonly types: readonly HeapType[]
  readonly obstacles: Obstacles
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
  const { model } = sources
  const types = heapTypes(model)
  return [...sources.texts.keys()].flatMap((file) =>
    sources
      .code(file)
      .occurrences('PyObject_HEAD')
      .flatMap(({ span, isInDirective }): InstanceStruct[] => {
        const declaration = isInDirective ? undefined : declarationAround(sources, file, span)
        if (!declaration || knowsAbi3t(sources, file, span.start)) return []
        const found = structIn(sources, file, declaration, span)
        const own = types.filter((each) =>
          structsOf(each).some((name) =>
            [name, `struct ${name}`].some((type) => plainType(model, each.file, type) === found.plain),
          ),
        )
        if (own.length === 0)
          found.obstacles.add(file, span.start, 'no `PyType_Spec` says that it is the struct of its instances')
        return [{ ...found, types: own }]
      }),
  )
}

const declarationAround = (sources: Sources, file: string, { start, end }: Span): DeclarationStatement | undefined =>
  sources.code(file).declarations.find(({ struct }) => struct && struct.span.start < start && end < struct.span.end)

function structIn(
  sources: Sources,
  file: string,
  declaration: DeclarationStatement,
  head: Span,
): Omit<InstanceStruct, 'types'> {
  const { model } = sources
  const obstacles = new Obstacles()
  const tagged = /^struct (\w+)$/.exec(declaration.struct!.tag)
  const tag = tagged?.[1] ?? ''
  const typedef = tag === '' || declaration.types.length > 0 ? null : typedefOf(sources, tag)
  const names = typedef ? typedef.declaration.types : declaration.types
  if (names.length > 1) obstacles.add(file, head.start, 'it has more than one name')
  if (names.length === 0) obstacles.add(file, head.start, 'no typedef names it')
  if (typedef && typedef.file !== file) obstacles.add(file, head.start, 'its typedef stands in another file')
  if (declaration.variables.length > 0) obstacles.add(file, head.start, 'a variable is declared with it')
  const name = names[0] ?? tag
  const id = model.files.findIndex((each) => each.file === file)
  const plain = plainType(model, id, name)
  const declared = model.structOf(id, model.apiType(id, name))
  if (declared === null) obstacles.add(file, head.start, 'its fields are not understood')
  const fields = [...(declared?.fields.keys() ?? [])].filter((each) => each !== 'ob_base')
  if (fields.length === 0) obstacles.add(file, head.start, 'it holds nothing but the head of an object')
  return {
    file,
    name,
    tag,
    plain,
    declaration,
    typedef: typedef?.declaration ?? null,
    head,
    fields,
    obstacles,
  }
}

/** `typedef struct spam Spam;` of a tag. */
function typedefOf(
  sources: Sources,
  tag: string,
): { readonly file: string; readonly declaration: DeclarationStatement } | null {
  for (const { file, offset } of sources.references(tag)) {
    const declaration = sources.code(file).declarations.find(({ span }) => span.start <= offset && offset < span.end)
    if (declaration && declaration.struct === null && declaration.types.length > 0) {
      const text = sources.written(file, declaration.span)
      if (new RegExp(`^typedef\\s+struct\\s+${tag}\\s+\\w+\\s*;$`).test(text)) return { file, declaration }
    }
  }
  return null
}
