import type { ProjectModel } from '../project/model.ts'
import { attributeSetters, dictWriteAt } from '../semantics/dict-writes.ts'
import type { FileId, Offset } from '../source/text.ts'
import type { Fix } from './fix.ts'

/**
 * The fix for `PyDict_SetItemString(type->tp_dict, "x", value)`: the attribute is set. Null for any other use of the
 * dict.
 * @param start where `type->tp_dict` begins, in bytes
 */
export function dictWriteFix(model: ProjectModel, file: FileId, start: Offset): Fix | null {
  const write = dictWriteAt(model, file, start)
  if (write === null) return null
  const { callee, dict, type } = write
  const setter = attributeSetters.get(write.name)!
  return {
    title: `write \`${setter}\``,
    safety: 'unsafe',
    reason: 'a special method takes effect at once',
    kind: 'file',
    rewrites: [
      { ...callee, pieces: [setter] },
      { ...dict, pieces: ['(PyObject *)', type] },
    ],
    includes: [],
    shims: [],
  }
}
