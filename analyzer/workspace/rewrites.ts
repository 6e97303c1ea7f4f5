import { singlePhaseInit } from '../../rules/single-phase-init.ts'
import { staticTypeObject } from '../../rules/static-type-object.ts'
import { unversionedCapsuleTable } from '../../rules/unversioned-capsule-table.ts'

/** What can be rewritten as a whole, and the rule whose findings that does away with. */
export const rewrites = { types: staticTypeObject, module: singlePhaseInit, capsule: unversionedCapsuleTable } as const

/**
 * What can be rewritten as a whole: `types` makes heap types of static types, `module` makes modules in several phases,
 * with a state, `capsule` puts tables with a version beside those that capsules hand out.
 */
export type RewriteName = keyof typeof rewrites

/** How the functions of a rewritten module come by its state; see `FixOptions.moduleStyle`. */
export type ModuleStyle = 'functions' | 'macros'

/** All that can be rewritten. */
export const rewriteNames = Object.keys(rewrites) as readonly RewriteName[]
