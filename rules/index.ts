import type { Rule } from '../analyzer/check/rule.ts'
import { newerThanTarget } from './newer-than-target.ts'
import { opaqueStructMember } from './opaque-struct-member.ts'
import { opaqueStructSize } from './opaque-struct-size.ts'
import { privateName } from './private-name.ts'
import { removedFromHeaders } from './removed-from-headers.ts'
import { staticTypeObject } from './static-type-object.ts'
import { unavailableConstant } from './unavailable-constant.ts'
import { unavailableData } from './unavailable-data.ts'
import { unavailableFunction } from './unavailable-function.ts'
import { unavailableMacro } from './unavailable-macro.ts'
import { unavailableType } from './unavailable-type.ts'
import { unguardedNewerFunction } from './unguarded-newer-function.ts'

/** All rules, by name. */
export const rules: readonly Rule[] = [
  newerThanTarget,
  opaqueStructMember,
  opaqueStructSize,
  privateName,
  removedFromHeaders,
  staticTypeObject,
  unavailableConstant,
  unavailableData,
  unavailableFunction,
  unavailableMacro,
  unavailableType,
  unguardedNewerFunction,
]
