import type { Fix } from '../fix/fix.ts'
import type { Place } from '../fix/recipe-fix.ts'
import type { Entity } from '../knowledge/table.ts'
import { isPrivate, type LiveUse } from '../semantics/availability.ts'
import type { CheckContext, Finding } from './rule.ts'

/** Public names of one kind that no level of the Limited API has; what the `unavailable-...` rules look for. */
export const unavailable = (context: CheckContext, entity: Entity): LiveUse[] =>
  context.uses.filter(
    ({ fact, standing }) =>
      fact.entity === entity && !isPrivate(fact.name) && (standing.kind === 'never' || standing.kind === 'withdrawn'),
  )

/** A finding at a use. */
export const at = ({ file, use, doubts }: LiveUse, context: CheckContext, message: string): Finding => ({
  ...(doubts.length > 0 ? { severity: 'warning', notes: doubts } : {}),
  file,
  start: use.start,
  end: use.end ?? use.start + use.name.length,
  macro: use.macro,
  symbol: use.name,
  message,
  advice: context.advice(use.name),
  fix: use.form ? fixOf(use.name, { file, form: use.form, macro: use.macro }, context) : null,
})

/** `PyDateTimeAPI->DateType` is more than its parts. */
const fixOf = (name: string, place: Place, context: CheckContext): Fix | null =>
  (place.form.outer ? context.fix(`${name}->${place.form.outer.field}`, place) : null) ?? context.fix(name, place)

/** What the Limited API of a target is called in messages. */
export const limitedApi = ({ target }: CheckContext): string =>
  target.abi3t ? 'the Limited API of abi3t' : 'the Limited API'
