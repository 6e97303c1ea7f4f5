import { callsIn } from '../code/placement.ts'
import { bare, calleeName } from '../code/values.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset, Span } from '../source/text.ts'

/** A call that changes one item of the dict of a type. */
export interface DictWrite {
  /** The name of the function, `PyDict_SetItem`, with its place. */
  readonly name: string
  readonly callee: Span
  /** Its first operand, as a whole: `type->tp_dict`. */
  readonly dict: Span
  /** The type in it, and whether that is a pointer. */
  readonly type: Span
  readonly isPointer: boolean
}

/** What changes one item of a dict, and what does so to an attribute. */
export const attributeSetters: ReadonlyMap<string, string> = new Map([
  ['PyDict_SetItem', 'PyObject_SetAttr'],
  ['PyDict_SetItemString', 'PyObject_SetAttrString'],
])

/**
 * The call that changes an item of the dict that `type->tp_dict` reads; null for any other use of it.
 * @param start where that expression begins, in bytes
 */
export function dictWriteAt(model: ProjectModel, file: FileId, start: Offset): DictWrite | null {
  const code = model.project.code(file).codeAt(start)
  for (const call of code ? callsIn(code) : []) {
    const name = calleeName(call)
    const [operand] = call.operands
    if (name === null || !attributeSetters.has(name) || !operand) continue
    const dict = bare(operand)
    if (dict.kind !== 'member' || dict.name !== 'tp_dict' || dict.span.start !== start) continue
    return { name, callee: call.callee.span, dict: operand.span, type: dict.object.span, isPointer: dict.arrow }
  }
  return null
}
