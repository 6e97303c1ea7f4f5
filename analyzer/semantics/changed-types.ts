import { bare, plainText } from '../code/values.ts'
import { declaresName } from '../code/variables.ts'
import type { ProjectModel } from '../project/model.ts'
import { callsOf } from './calls.ts'
import { callsWithSpec } from './heap-types.ts'
import type { HeapType } from './type-definition.ts'

/** Functions that set an attribute of an object, or take one away. */
const setters = ['PyObject_SetAttrString', 'PyObject_SetAttr', 'PyObject_DelAttrString', 'PyObject_GenericSetAttr']

/**
 * The attributes that the project itself sets of a type, as the text of the operand that names them: `"__reduce__"`,
 * `name`. Types are known by what the calls that make them are assigned to, in the file of their spec.
 */
export function attributesSetOf(model: ProjectModel, type: HeapType): readonly string[] {
  const makers = callsWithSpec(model, type).filter(({ result }) => result !== null)
  if (makers.length === 0) return []
  return setters.flatMap((setter) =>
    [...callsOf(model, setter)].flatMap(({ file, around, call }) => {
      const [object, name] = call.operands
      if (object === undefined || file !== type.file) return []
      const text = plainText(bare(object))
      const isIt = makers.some(
        (maker) => maker.result === text && (maker.around === around || !declaresName(maker.around, text)),
      )
      return isIt && name !== undefined ? [plainText(bare(name))] : []
    }),
  )
}
