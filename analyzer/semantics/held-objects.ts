import { inParentheses, parentsIn } from '../code/placement.ts'
import type { FunctionCode, MemberValue, Value } from '../code/tree.ts'
import { calleeName } from '../code/values.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId } from '../source/text.ts'

/**
 * Whether a field that holds the object of a base, `self->base`, is only used for its address, which is cast or handed
 * to a function of CPython: all that is done with it is done with a `PyObject *` then.
 * @param field its name; what other structs call so counts, too
 */
export function areHeldAsObjects(model: ProjectModel, file: FileId, field: string): boolean {
  const text = model.project.code(file)
  return text.occurrences(field).every(({ span, isField }) => {
    if (!isField) return true
    const code = text.codeAt(span.start)
    const member =
      code &&
      [...parentsIn(code).keys()].find(
        (each): each is MemberValue => each.kind === 'member' && each.span.end === span.end,
      )
    return !!code && !!member && isAddressAsObject(code, member)
  })
}

function isAddressAsObject(code: FunctionCode, member: Value): boolean {
  const { parent: address } = inParentheses(code, member)
  if (address?.kind !== 'unary' || address.operator !== '&') return false
  const { parent } = inParentheses(code, address)
  return parent?.kind === 'cast' || (parent?.kind === 'call' && /^_?Py/.test(calleeName(parent) ?? ''))
}
