import { bodyValue } from '../code/statements.ts'
import type { Value } from '../code/tree.ts'
import { bare, calleeName, eachValue, isNull, nameOf, plainText } from '../code/values.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId } from '../source/text.ts'
import { functionsOf } from './functions.ts'
import type { HeapType } from './type-definition.ts'

/**
 * Whether the size in a spec is that of the whole instance, or, negative, that of the data that the type adds to what
 * its base has (PEP 697); null where that is not known, or differs between builds.
 */
export function sizeOf(model: ProjectModel, { file, spec }: HeapType): 'whole' | 'data' | null {
  const code = model.project.code(file)
  const sizes = spec.basicSizes.filter(({ span }) => model.active(file, code.regionAt(span.start)) !== 'no')
  const kinds = new Set(sizes.map((each) => (isNegative(each) ? 'data' : isPositive(each) ? 'whole' : null)))
  const [only] = kinds
  return kinds.size === 1 && only ? only : null
}

/** `-(int)sizeof(Spam)`, `-8`, `0 - sizeof(Spam)` */
function isNegative(value: Value): boolean {
  const inner = bare(value)
  if (inner.kind === 'unary') return inner.operator === '-' && isPositive(inner.operand)
  return inner.kind === 'binary' && inner.operator === '-' && isNull(inner.left) && isPositive(inner.right)
}

function isPositive(value: Value): boolean {
  const inner = bare(value)
  if (inner.kind === 'unary') return inner.operator === 'sizeof'
  if (inner.kind === 'binary') return /^[+*]$/.test(inner.operator) && isPositive(inner.left) && isPositive(inner.right)
  return inner.kind === 'literal' && inner.literal === 'number' && !isNull(inner)
}

/** The structs whose sizes a spec names: `Spam` of `-(int)sizeof(Spam)`. */
export const structsOf = ({ spec }: HeapType): readonly string[] =>
  spec.basicSizes.flatMap((size) =>
    [...eachValue(size)].flatMap((each) =>
      each.kind === 'unary' && each.operator === 'sizeof' ? [structName(each.operand)] : [],
    ),
  )

/** The struct of `offsetof(Spam, count)`; null for anything else. */
export function structOfOffset(offset: Value): string | null {
  const inner = bare(offset)
  const [struct] = inner.kind === 'call' && calleeName(inner) === 'offsetof' ? inner.operands : []
  return struct ? structName(struct) : null
}

const structName = (value: Value): string => plainText(value).replace(/^struct /, '')

/** Whether the flags of a member say that its offset counts from the data of the type; null where that is not known. */
export function isRelative(model: ProjectModel, file: FileId, flags: Value | null): boolean | null {
  if (flags === null) return false
  let isKnown = true
  for (const each of eachValue(flags)) {
    if (each.kind !== 'name') continue
    if (each.name === 'Py_RELATIVE_OFFSET') return true
    const bodies = functionsOf(model)
      .macrosNamed(file, each.name)
      .map(({ code, file: where }) => {
        const body = bodyValue(code)
        return body === null || nameOf(body) === each.name ? null : isRelative(model, where, body)
      })
    if (bodies.length > 0 && bodies.every((body) => body === true)) return true
    if (bodies.some((body) => body !== false)) isKnown = false
  }
  return isKnown ? false : null
}
