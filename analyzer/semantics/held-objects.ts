import { inParentheses, memberAt } from '../code/placement.ts'
import type { FunctionCode, Value } from '../code/tree.ts'
import { calleeName } from '../code/values.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId } from '../source/text.ts'

/**
 * Whether nothing else is done with a field that holds the object of a base, `self->base`, than to take its address,
 * which is cast or handed to a function of CPython, or to read it.
 * @param field its name; what other structs call so counts, too
 */
export function areHeldAsObjects(model: ProjectModel, file: FileId, field: string): boolean {
  const text = model.project.code(file)
  return text.occurrences(field).every(({ span, isField }) => {
    if (!isField) return true
    const code = text.codeAt(span.start)
    const member = code && memberAt(code, span.end, field)
    if (code && member) return isReadOrObject(code, member)
    // `.base = {`, `__typeof__(a->base)`
    const before = text.text.slice(text.text.lastIndexOf('\n', span.start) + 1, span.start)
    return (
      !/^\s*=\s*\{/.test(text.text.slice(span.end).slice(0, nearby)) && !/\b(?:_*typeof_*|decltype)\b|&/.test(before)
    )
  })
}

/** Characters that are looked at. */
const nearby = 40

function isReadOrObject(code: FunctionCode, member: Value): boolean {
  const { parent: address } = inParentheses(code, member)
  if (address?.kind !== 'unary' || address.operator !== '&') return true
  const { parent } = inParentheses(code, address)
  return parent?.kind === 'cast' || (parent?.kind === 'call' && /^_?Py/.test(calleeName(parent) ?? ''))
}
