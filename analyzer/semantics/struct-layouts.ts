import type { CType } from '../knowledge/ctype.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId } from '../source/text.ts'

/** What a struct of the project holds, from its first byte on. */
export interface StructLayout {
  /** Its own name and those of the structs that it begins with, the outermost first, without typedefs. */
  readonly begins: readonly CType[]
  /** Its fields, with those of the structs that it begins with in their place. */
  readonly fields: readonly { readonly name: string; readonly type: CType }[]
}

/**
 * The layout of a struct that begins as an object; null where it is not known: where macros or conditions stand in it,
 * or what it begins with is none of the project's structs.
 * @param struct its tag or the name of a typedef, as a file names it
 */
export function layoutOf(model: ProjectModel, file: FileId, struct: CType, depth = 0): StructLayout | null {
  const plain = model.apiType(file, struct)
  if (plain === 'PyObject') return { begins: [plain], fields: [{ name: 'ob_base', type: plain }] }
  const declared = model.structOf(file, plain)
  if (declared === null || declared.bases.length > 0 || depth > deepest) return null
  if (!isPlain(model, declared.file, plain)) return null
  const [first, ...others] = [...declared.fields].map(([name, type]) => ({
    name,
    type: model.apiType(declared.file, type),
  }))
  const head = first && layoutOf(model, declared.file, first.type, depth + 1)
  return head ? { begins: [plain, ...head.begins], fields: [...head.fields, ...others] } : null
}

/** Structs within structs that are followed. */
const deepest = 8

/** `Spam` of `struct Spam` */
const withoutKind = (tag: CType): CType => tag.replace(/^(?:struct|union|class) /, '')

/** Whether a struct is written without conditions and macros, but for the head of an object. */
function isPlain(model: ProjectModel, file: FileId, tag: CType): boolean {
  const code = model.project.code(file)
  const at = /@(\d+)/.exec(tag)?.[1]
  const found = code.declarations.find(
    ({ struct, span }) =>
      struct !== null &&
      (at === undefined
        ? withoutKind(struct.tag) === withoutKind(tag)
        : span.start <= Number(at) && Number(at) < struct.span.start),
  )?.struct
  return (
    !!found &&
    !code.holdsDirectives(found.span) &&
    code
      .namesIn(found.span)
      .every(
        ({ name }) =>
          name === 'PyObject_HEAD' || (!/_HEAD$/.test(name) && model.project.declarations.macro(name).length === 0),
      )
  )
}
