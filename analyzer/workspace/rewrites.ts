import { objectHeadInStruct } from '../../rules/object-head-in-struct.ts'
import { singlePhaseInit } from '../../rules/single-phase-init.ts'
import { staticTypeObject } from '../../rules/static-type-object.ts'
import { unversionedCapsuleTable } from '../../rules/unversioned-capsule-table.ts'
import type { Rule } from '../check/rule.ts'
import type { RewriteName } from './rewrite-names.ts'

/** What can be rewritten as a whole, and the rule whose findings that does away with. */
export const rewrites: Readonly<Record<RewriteName, Rule>> = {
  types: staticTypeObject,
  module: singlePhaseInit,
  capsule: unversionedCapsuleTable,
  abi3t: objectHeadInStruct,
}
