import { inCasts } from '../code/placement.ts'
import type { Value } from '../code/tree.ts'
import { bare, calleeName, isNull, plainText } from '../code/values.ts'
import type { ProjectModel } from '../project/model.ts'
import { isAnyObject, isLookedAt, isParsed } from './any-object.ts'
import { filesSeeing, objectMembers, type StructPlace, sizedType } from './object-members.ts'
import type { MemberUse } from './state-members.ts'
import type { TypeDefinition } from './type-definition.ts'

/** What instances of a type refer to. */
export interface InstanceMembers extends StructPlace {
  /** The fields that are pointers to objects, or arrays of such; no two have one name. */
  readonly members: readonly string[]
  /** Whether a header declares the struct, so that sources that are not read may use its fields. */
  readonly isShared: boolean
  /** Its own other fields that are pointers to data. */
  readonly pointers: readonly string[]
}

/** The fields that refer to objects, of the struct whose size a type names; null where that is not known. */
export function instanceMembers(model: ProjectModel, { file, head }: TypeDefinition): InstanceMembers | null {
  const [size, ...others] = head.basicSizes
  const typeName = size && others.length === 0 ? sizedType(positive(size)) : null
  if (typeName === null) return null
  const struct = model.apiType(file, typeName)
  const declared = model.structOf(file, struct)
  if (declared === null || !declared.bases.every((base) => base === 'PyObject')) return null
  const members = objectMembers(model, declared.file, struct)
  if (new Set(members).size !== members.length) return null
  const objects = new Set(members)
  const pointers = [...declared.fields].flatMap(([name, type]) =>
    objects.has(name) || !/^[^*[\]()]+\*$/.test(model.apiType(declared.file, type)) ? [] : [name],
  )
  const isPlain = members.length + pointers.length === 0
  return {
    struct,
    home: file,
    isShared: declared.file !== file,
    members,
    pointers,
    files: isPlain ? [] : filesSeeing(model, declared.file),
  }
}

/** `(int)sizeof(Spam)` of `-(int)sizeof(Spam)` */
function positive(value: Value): Value {
  const inner = bare(value)
  if (inner.kind === 'unary' && inner.operator === '-') return inner.operand
  return inner.kind === 'binary' && inner.operator === '-' && isNull(inner.left) ? inner.right : inner
}

/** Whether any object may be put into a member where it is used. */
export function isGivenAnyObject(model: ProjectModel, { file, around, member }: MemberUse): boolean {
  const { whole, parent } = inCasts(around, member)
  if (parent?.kind === 'unary' && parent.operator === '&') {
    const { whole: address, parent: call } = inCasts(around, parent)
    const isFilled = call?.kind === 'call' && isParsed(call, call.operands.indexOf(address))
    return isFilled && !isLookedAt(around, plainText(member))
  }
  const [target, set] =
    parent?.kind === 'assign' && parent.operator === '='
      ? [parent.target, parent.value]
      : parent?.kind === 'call' && /^Py_X?SETREF$/.test(calleeName(parent) ?? '')
        ? parent.operands
        : []
  return target === whole && set !== undefined && isAnyObject(model, { file, code: around }, set)
}
