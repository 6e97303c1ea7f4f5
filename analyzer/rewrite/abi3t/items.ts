import { heapTypes } from '../../semantics/heap-types.ts'
import type { HeapType } from '../../semantics/type-definition.ts'
import type { FileId, Offset, Span } from '../../source/text.ts'
import type { Sources } from '../sources.ts'
import { type InstanceStruct, sees } from './instance-structs.ts'

/**
 * Sizes of items. An object has items where its struct begins with `PyObject_VAR_HEAD`, which counts them; abi3t has no
 * way to that, as `object` does not count. Where the struct does not, and nothing asks for items, a size of items is
 * one that nobody uses, and for abi3t it is left out.
 */

/** What gives memory to instances: each is asked for a number of items. */
const allocators = ['tp_alloc', 'Py_tp_alloc', 'PyType_GenericAlloc']

/** What makes instances that have items. */
const makers = ['PyObject_NewVar', 'PyObject_NEW_VAR', '_PyObject_NewVar', 'PyObject_GC_NewVar', '_PyObject_GC_NewVar']

/** Characters of a statement that are looked at; a longer one may ask for items. */
const longestStatement = 400

/**
 * What keeps a type with a size of items from abi3t; null for nothing.
 * @param struct that of its instances
 */
export function itemObstacle(sources: Sources, struct: InstanceStruct, type: HeapType): string | null {
  if (type.spec.itemSizes.length === 0) return null
  if (hasCount(struct)) return 'its instances have items, which abi3t has no way to'
  const asked = [...allocators, ...makers].find((name) => mayAsk(sources, struct, name))
  return asked === undefined ? null : `its type has a size of items, and \`${asked}\` may be asked for some`
}

/** Whether a struct, or what it begins with, counts items. */
const hasCount = ({ head, base }: InstanceStruct): boolean =>
  head.name === 'PyObject_VAR_HEAD' || head.kind === 'builtin' || (base !== null && hasCount(base))

/** Whether code that sees a struct may ask for other than no items, by a function or a slot. */
function mayAsk(sources: Sources, struct: InstanceStruct, name: string): boolean {
  const { files, project } = sources.model
  const isAsked = (id: FileId): boolean => {
    const { file } = files[id]!
    if (!sources.texts.has(file) || !sees(sources, struct, { file })) return false
    return sources
      .code(file)
      .occurrences(name)
      .some(({ span }) => {
        const behind = sources.text(file).slice(span.end, span.end + longestStatement)
        // What is no call puts it into a slot, or asks whether it is there.
        return /^[\s)]*\(/.test(behind) && (makers.includes(name) || !/^[^;]*,\s*0\s*\)\s*[;)?,:]/.test(behind))
      })
  }
  return [...project.filesWith(name)].some(isAsked)
}

/** Whether a place is in a size of items: what stands there is left out for abi3t where its type is converted. */
export const isItemSize = ({ model }: Sources, file: string, offset: Offset): boolean =>
  heapTypes(model).some(
    (type) =>
      model.files[type.file]!.file === file &&
      type.spec.itemSizes.some(({ span }) => span.start <= offset && offset < span.end),
  )

/** The sizes of items that a struct's types have, and where they stand. */
export const itemSizesOf = ({ model }: Sources, { types }: InstanceStruct): readonly { file: string; span: Span }[] =>
  types.flatMap((type) => type.spec.itemSizes.map(({ span }) => ({ file: model.files[type.file]!.file, span })))
