import type { TypeSpec } from '../semantics/type-specs.ts'
import type { Fix } from './fix.ts'

/**
 * Adds a flag to those of a type's spec, behind the last one.
 * @param reason what then differs, so that the fix is unsafe
 * @param title what the fix does, as an order
 * @returns null where the spec names no flag, or has its last one under a condition
 */
export function flagAdded(spec: TypeSpec, flag: string, reason: string, title = `add \`${flag}\``): Fix | null {
  const last = spec.flags.at(-1)
  if (last === undefined || last.region !== spec.region) return null
  return {
    title,
    safety: 'unsafe',
    reason,
    includes: [],
    shims: [],
    kind: 'file',
    rewrites: [{ start: last.span.end, end: last.span.end, pieces: [` | ${flag}`] }],
  }
}
