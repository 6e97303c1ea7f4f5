/**
 * What can be rewritten as a whole: `types` makes heap types of static types, `module` makes modules in several phases,
 * with a state, `capsule` puts tables with a version beside those that capsules hand out, `abi3t`
 * lets structs of instances hold their own data alone where they are compiled for abi3t.
 */
export type RewriteName = (typeof rewriteNames)[number]

/** How the functions of a rewritten module come by its state; see `FixOptions.moduleStyle`. */
export type ModuleStyle = 'functions' | 'macros'

/** All that can be rewritten. Here is no more than names, so that a command line is read without all rules. */
export const rewriteNames = ['types', 'module', 'capsule', 'abi3t'] as const
