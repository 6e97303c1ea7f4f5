import type { Fix } from '../fix/fix.ts'
import type { UsePlace } from '../fix/recipe-fix.ts'
import type { Entity } from '../knowledge/table.ts'
import { isPrivate, type LiveUse } from '../semantics/availability.ts'
import type { HiddenSize } from '../semantics/structs.ts'
import type { CheckContext, Finding } from './rule.ts'

/** Public names of one kind that no level of the Limited API has; what the `unavailable-...` rules look for. */
export const unavailable = (context: CheckContext, entity: Entity): LiveUse[] =>
  context.uses.filter(
    ({ fact, status }) =>
      fact.entity === entity && !isPrivate(fact.name) && (status.kind === 'never' || status.kind === 'withdrawn'),
  )

/** A finding at a use. */
export const at = ({ file, use, doubts }: LiveUse, context: CheckContext, message: string): Finding => ({
  file,
  start: use.start,
  end: use.end ?? use.start + use.name.length,
  macro: use.macro,
  symbol: use.name,
  message,
  advice: context.advice(use.name),
  fix: use.context
    ? fixOf(use.name, { file, context: use.context, macro: use.macro, within: use.within }, context)
    : null,
  ...(doubts.length > 0 ? { severity: 'warning', notes: doubts } : {}),
})

/** A finding where the size of a struct is needed. */
export const atSize = (
  { file, need, struct, doubts }: HiddenSize,
  context: CheckContext,
  message: string,
): Finding => ({
  file,
  start: need.start,
  end: need.end,
  macro: need.macro,
  symbol: struct.name,
  message,
  advice: context.advice(struct.name),
  ...(doubts.length > 0 ? { severity: 'warning', notes: doubts } : {}),
})

/** `PyDateTimeAPI->DateType` is more than its parts. */
const fixOf = (name: string, place: UsePlace, context: CheckContext): Fix | null =>
  (place.context.outer ? context.fix(`${name}->${place.context.outer.field}`, place) : null) ?? context.fix(name, place)

/** What the Limited API of a target is called in messages. */
export const limitedApi = ({ target }: CheckContext): string =>
  target.abi3t ? 'the Limited API of abi3t' : 'the Limited API'
