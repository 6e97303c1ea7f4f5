import { inCasts } from '../code/placement.ts'
import { bare, calleeName, isNull } from '../code/values.ts'
import { alternativesOf } from '../code/variables.ts'
import type { ProjectModel } from '../project/model.ts'
import { functionsOf } from './functions.ts'
import type { MemberUse } from './state-members.ts'

/** Functions that give memory which whoever gets it has to free. Sources: Doc/c-api/memory.rst; stdlib.h, string.h. */
const allocating =
  /^(?:Py(?:Mem|Object)_(?:Raw)?(?:Malloc|Calloc)|PyMem_(?:New|NEW|MALLOC)|malloc|calloc|strdup|strndup|aligned_alloc)$/

/**
 * Whether a field of a struct gets memory of its own wherever it is set, and is never handed to a function, which might
 * free it, nor put anywhere else.
 */
export function ownsMemory(model: ProjectModel, uses: readonly MemberUse[]): boolean {
  let isSet = false
  for (const { file, around, member } of uses) {
    const { whole, parent } = inCasts(around, member)
    if (parent?.kind === 'assign' && parent.target === whole) {
      if (parent.operator !== '=') return false
      for (const value of alternativesOf(around, parent.value)) {
        if (isNull(value)) continue
        const inner = bare(value)
        const name = inner.kind === 'call' ? calleeName(inner) : null
        if (name === null || !allocating.test(name) || functionsOf(model).named(file, name).length > 0) return false
        isSet = true
      }
      continue
    }
    if (parent === undefined || !isLookedAt(parent, whole)) return false
  }
  return isSet
}

/** Whether what a value is a part of only tests it, or looks at what it points to. */
function isLookedAt(parent: NonNullable<ReturnType<typeof inCasts>['parent']>, whole: unknown): boolean {
  switch (parent.kind) {
    case 'index':
    case 'member':
      return parent.object === whole
    case 'unary':
      return parent.operator === '*' || parent.operator === '!'
    case 'binary':
      return /^(?:[=!]=|&&|\|\|)$/.test(parent.operator)
    case 'call':
      return readers.test(calleeName(parent) ?? '')
    case 'if':
      return true
    default:
      return false
  }
}

/** Functions that free nothing that they get. */
const readers =
  /^(?:mem(?:cpy|set|move|cmp)|str(?:len|cmp|ncmp|cpy|ncpy|cat)|s?n?printf|assert|Py(?:Unicode|Bytes)_From\w+)$/
