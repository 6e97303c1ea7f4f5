import { staticTypeObject } from '../../rules/static-type-object.ts'
import type { Terminal } from '../terminal.ts'
import { type CheckOptions, check } from './check.ts'

/** What can be rewritten as a whole, and the rule whose findings that does away with. */
const rewrites = { types: staticTypeObject } as const

export type RewriteName = keyof typeof rewrites

/** All of them, as they are asked for. */
export const rewriteNames = Object.keys(rewrites) as readonly RewriteName[]

/**
 * `abi3lint rewrite types`: makes heap types of all static types that can be, in all files at once, and reports those
 * that cannot with the reasons.
 * @returns the exit code of `check`, but 0 where types are left
 */
export const rewrite = (
  what: RewriteName,
  options: Omit<CheckOptions, 'rules' | 'outputs' | 'exitZero' | 'fix' | 'unsafeFixes'>,
  terminal: Terminal,
): Promise<number> =>
  check(
    {
      ...options,
      rules: [rewrites[what]],
      outputs: [{ format: 'full', path: null }],
      exitZero: !options.diff,
      fix: true,
      unsafeFixes: true,
    },
    terminal,
  )
