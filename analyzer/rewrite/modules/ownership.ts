import { aloneStatement } from '../../code/placement.ts'
import type { FunctionCode, Value } from '../../code/tree.ts'
import { calleeName } from '../../code/values.ts'
import type { GlobalUse } from '../../semantics/global-uses.ts'
import { greatest } from '../../source/lists.ts'
import { addTo } from '../../source/multimap.ts'
import type { Span } from '../../source/text.ts'
import type { Sources } from '../sources.ts'
import { isOfFailedAddition } from './failed-additions.ts'
import { type EffectOfUse, effectOfUse } from './reference-effects.ts'
import type { Effect } from './references.ts'

/**
 * Whether a variable owns a reference to its object. Only what is proved is given back by the state: what is not costs
 * a reference for each module, and giving back one too many would cost the process.
 */
export interface Ownership {
  readonly owns: boolean
  /** Why that is not known, as a sentence without full stop, and where; null where it owns one, or nobody asks. */
  readonly doubt: { readonly use: GlobalUse; readonly text: string } | null
  /** The call that takes over its only reference, and is to take one of its own. */
  readonly stealing: { readonly use: GlobalUse; readonly callee: Value } | null
  /** Statements that take a reference which nobody takes over. */
  readonly surplus: readonly (Span & { readonly use: GlobalUse })[]
  /** Calls that give the reference back where a function fails: they have to say that the state has none any more. */
  readonly releases: readonly { readonly use: GlobalUse; readonly callee: Value }[]
}

/** Nobody gives anything back. */
export const noOwnership: Ownership = { owns: false, doubt: null, stealing: null, surplus: [], releases: [] }

const unsure = (use: GlobalUse | undefined, text: string): Ownership => ({
  ...noOwnership,
  doubt: use ? { use, text } : null,
})

/** @param isType whether it points to a type, whose references nobody takes over but by name */
export function ownershipOf(sources: Sources, uses: readonly GlobalUse[], isType: boolean): Ownership {
  const found = uses.map((use) => effectOfUse(sources, use, isType))
  const unknown = found.find(({ what }) => what === 'unknown')
  if (unknown) return unsure(unknown.use, unknown.why)
  if (!found.some(({ what }) => what === 'given')) return unsure(uses[0], 'it gets no reference of its own')
  const byFunction = new Map<FunctionCode, EffectOfUse[]>()
  for (const each of found) addTo(byFunction, each.use.around!, each)
  let stealing: EffectOfUse | null = null
  const surplus: (Span & { use: GlobalUse })[] = []
  for (const [{ name }, own] of byFunction) {
    const of = (what: Effect): readonly EffectOfUse[] => own.filter((each) => each.what === what)
    const last = greatest([-1, ...[...of('given'), ...of('reset')].map(({ use }) => use.offset)])
    const isSetAnew = (before: readonly EffectOfUse[]): boolean => before.length === 1 && before[0]!.use.offset < last
    // What is copied goes on to others where the variable gets something else then.
    const [copied] = of('copied')
    if (copied && !isSetAnew(of('copied')))
      return unsure(copied.use, `\`${name}\` copies it, and what becomes of the copy is not followed`)
    const isReplaced = isSetAnew(of('dropped'))
    const gone = [...of('stolen'), ...of('returned'), ...of('stored'), ...(isReplaced ? [] : of('dropped'))]
    const rest = of('taken').length - gone.length
    if (rest === -1 && of('taken').length === 0 && of('stolen').length === 1 && stealing === null)
      [stealing = null] = of('stolen')
    else if (rest < 0) return unsure(gone[0]!.use, `\`${name}\` hands on or gives back more references than it takes`)
    if (gone.length === 0 && rest > 0 && of('given').length > 0 && !copied)
      for (const { call, use } of of('taken')) {
        const alone = call && aloneStatement(use.around!, call)
        if (alone?.inBlock) surplus.push({ use, ...alone.statement.span })
      }
  }
  const all = found.filter(({ what }) => what === 'taken').length
  if (stealing !== null && (all > 0 || calleeName(stealing.call!) !== 'PyModule_AddObject'))
    return unsure(stealing.use, `\`${calleeName(stealing.call!)}\` takes its reference over`)
  return {
    owns: true,
    doubt: null,
    stealing: stealing && { use: stealing.use, callee: stealing.call!.callee },
    surplus,
    releases: found.flatMap(({ what, use, call }) =>
      what === 'released' && !isOfFailedAddition(use.around!, call!) ? [{ use, callee: call!.callee }] : [],
    ),
  }
}
