import type { Value } from '../code/tree.ts'
import { bare, plainText } from '../code/values.ts'
import { visibleFrom } from '../project/includes.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId } from '../source/text.ts'
import { heldBy } from './object-holders.ts'

/** Structs whose fields refer to objects: those of module states and of instances. */

/** A struct, as `ProjectModel.apiType` has it, and whose code names its fields. */
export interface StructPlace {
  readonly struct: string
  /** The file that the type or the module is defined in: a value of a type that is not known may be one there. */
  readonly home: FileId
  /** The files whose code knows the struct. */
  readonly files: readonly FileId[]
}

/** Structs within structs that are looked into. */
const deepest = 3

/** The type in `sizeof(State)`; null for anything else. */
export function sizedType(value: Value): string | null {
  const inner = bare(value)
  return inner.kind === 'unary' && inner.operator === 'sizeof' ? plainText(inner.operand) : null
}

/** The files whose code knows what a file declares: itself, and those that include it. */
export const filesSeeing = (model: ProjectModel, declaring: FileId): readonly FileId[] =>
  [...model.files.keys()].filter((file) => file === declaring || visibleFrom(model.project.graph, file).has(declaring))

/**
 * The names of the fields of a struct that are pointers to objects, or arrays of such, those of structs within it
 * included.
 */
export function objectMembers(model: ProjectModel, file: FileId, struct: string, depth = 0): readonly string[] {
  const declared = model.structOf(file, struct)
  if (declared === null || depth > deepest) return []
  return [...declared.fields].flatMap(([name, type]) => {
    const plain = model.apiType(declared.file, type)
    if (/^[^*[\]()]+\*(?:\[\])*$/.test(plain)) {
      const base = plain.replace(/\*(?:\[\])*$/, '')
      return /^(?:object|type)$/.test(heldBy(model, declared.file, base)) ? [name] : []
    }
    return /[*()[\]]/.test(plain) ? [] : objectMembers(model, declared.file, plain, depth + 1)
  })
}
