import type { Use } from '../facts/file-facts.ts'
import type { Api } from '../knowledge/api.ts'
import type { ApiFact, StructFact } from '../knowledge/table.ts'
import { oldestPython, type Target } from '../knowledge/target.ts'
import type { Minor } from '../knowledge/version.ts'
import type { Verdict } from '../preprocess/condition.ts'
import { better, type Conditional, worse } from '../project/conditions.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset } from '../source/text.ts'
import { isShadowed } from './shadows.ts'

/** How a C API name stands at a target. */
export type AvailabilityStatus =
  /** Declared by the headers at the level, and exported by the oldest Python. */
  | { readonly kind: 'available' }
  /** The Limited API has it from a later level on. */
  | { readonly kind: 'newer'; readonly since: Minor }
  /** The headers have it, but for no level. */
  | { readonly kind: 'never' }
  /** The headers dropped it from the Limited API, after `last`. */
  | { readonly kind: 'withdrawn'; readonly last: Minor }
  /** Older headers had it; these have it nowhere. */
  | { readonly kind: 'removed'; readonly last: Minor }
  /** Only newer headers have it. */
  | { readonly kind: 'future'; readonly first: Minor }
  /** It compiles, but Pythons older than `since` do not export it. */
  | { readonly kind: 'unexported'; readonly since: Minor }
  /** As `unexported`, but on Windows alone. */
  | { readonly kind: 'late-in-dll'; readonly since: Minor }

const available: AvailabilityStatus = { kind: 'available' }

/** How a name stands at a target. */
export function availabilityStatus(fact: ApiFact, target: Target, api: Api): AvailabilityStatus {
  // The table is read from Linux headers.
  if (fact.platform !== '' && fact.full === null) return available
  if (api.declared(fact, target)) {
    const imports = ['function', 'data', 'macro'].includes(fact.entity) && !fact.inline
    if (!imports) return available
    if (fact.exported !== null && fact.exported > oldestPython(target))
      return { kind: 'unexported', since: fact.exported }
    if (fact.inDll !== null && fact.inDll > oldestPython(target)) return { kind: 'late-in-dll', since: fact.inDll }
    return available
  }
  const inHeaders = api.inFullApi(fact, target.headers)
  if (target.abi3t) {
    const span = api.levels(fact, target.headers)
    if (span && target.level < span.first) return { kind: 'newer', since: span.first }
    return inHeaders || span ? { kind: 'never' } : gone(fact, target)
  }
  const span = api.levels(fact, target.headers)
  if (span && span.first > target.level) return { kind: 'newer', since: span.first }
  if (span && span.last < target.level) return { kind: 'withdrawn', last: span.last }
  return inHeaders ? { kind: 'never' } : gone(fact, target)
}

function gone(fact: ApiFact, target: Target): AvailabilityStatus {
  if (fact.full && fact.full.first > target.headers) return { kind: 'future', first: fact.full.first }
  if (fact.full && fact.full.last < target.headers) return { kind: 'removed', last: fact.full.last }
  return fact.full ? { kind: 'never' } : available
}

/** Whether code for the target may use a name of the C API: headers declare it, and the oldest Python exports it. */
export function isAvailable(model: ProjectModel, name: string): boolean {
  const fact = model.api.fact(name)
  return fact !== null && availabilityStatus(fact, model.target, model.api).kind === 'available'
}

/** A use of a C API name that the target compiles and the project does not define itself. */
export interface LiveUse {
  /** Index of the file. */
  readonly file: FileId
  readonly use: Use
  readonly fact: ApiFact
  readonly status: AvailabilityStatus
  readonly active: Exclude<Verdict, 'no'>
  /** Why a compiler may not object after all; empty for no doubt. */
  readonly doubts: readonly string[]
}

/** An argument of a macro that drops it is not compiled: `no` if that is sure, else the reasons for doubt. */
export function argumentDoubts(model: ProjectModel, file: FileId, within: Use['within']): 'no' | readonly string[] {
  const doubts: string[] = []
  for (const [macro, argument] of within) {
    const kept = model.keepsArgument(file, macro, argument)
    if (kept === 'no') return 'no'
    if (kept === 'unknown') doubts.push(`macro \`${macro}()\` drops this argument unless a build option says otherwise`)
  }
  return doubts
}

/** Why what `ProjectModel.needsOption` is true of may not be compiled. */
export const optionDoubt = 'it is compiled only with a macro that neither the project nor its build files define'

/** Why a fact may not be compiled after all; empty for no doubt. */
const optionDoubts = (model: ProjectModel, file: FileId, fact: Conditional): readonly string[] =>
  model.needsOption(file, fact) ? [optionDoubt] : []

/** Doubt whether something is the C API's. @param own whether the project defines it */
const ownDoubts = (own: Verdict): readonly string[] =>
  own === 'unknown' ? ['the project defines the name itself in some builds'] : []

/** Doubt whether a name is gone that newer headers lack. */
const goneDoubts = (model: ProjectModel, file: FileId, name: string): readonly string[] =>
  internalDoubts(model, file, (model.api.fact(name)?.full?.last ?? model.target.headers) < model.target.headers)

/** Whether the headers define a macro, and the project all that it expands to and that they do not declare. */
function suppliesParts(model: ProjectModel, file: FileId, name: string): Verdict {
  const supplied = model.api.fact(name)?.supplied ?? null
  if (supplied === null || model.target.headers > supplied.last) return 'no'
  return supplied.names.map((each) => model.isProjectDefined(file, each)).reduce(worse)
}

/** Doubts about code that needs what is in a struct. @param fact the place that needs it */
export const structDoubts = (
  model: ProjectModel,
  file: FileId,
  struct: StructFact,
  fact: Conditional,
): readonly string[] => [
  ...internalDoubts(model, file, struct.lastFull < model.target.headers),
  ...ownDoubts(model.definesStruct(file, struct)),
  ...optionDoubts(model, file, fact),
]

/**
 * Doubt whether a header of CPython's own (`pycore_...`) brings what is gone from the public ones.
 * @param isGone whether it is
 */
const internalDoubts = (model: ProjectModel, file: FileId, isGone: boolean): readonly string[] =>
  isGone && model.seesInternals(file)
    ? ["a header of CPython's own is included (`pycore_...`), which may declare it"]
    : []

/** Where a use is compiled, if that is where it is written. */
const placeOf = ({ start, macro, expansion }: Use): Offset | null =>
  macro < 0 && expansion === undefined ? start : null

/**
 * Whether a use is live: compiled, not the project's own name, not dropped by a macro.
 * @returns null where it is not, else whether it is compiled for sure and the reasons for doubt
 */
export function liveness(model: ProjectModel, file: FileId, use: Use): Pick<LiveUse, 'active' | 'doubts'> | null {
  const active = model.activeFact(file, use)
  if (active === 'no') return null
  const own = better(model.isProjectDefined(file, use.name, placeOf(use)), suppliesParts(model, file, use.name))
  if (own === 'yes') return null
  const argument = argumentDoubts(model, file, use.within)
  if (argument === 'no') return null
  if (isShadowed(model.files[file]!, use.name, use.start)) return null
  const doubts = [
    ...ownDoubts(own),
    ...goneDoubts(model, file, use.name),
    ...optionDoubts(model, file, use),
    ...argument,
  ]
  return { active, doubts }
}

/** That of nearly all uses, of which there may be hundreds of thousands. */
const none: readonly string[] = []

/** All live uses whose names are not simply available. */
export function liveUses(model: ProjectModel, target: Target): LiveUse[] {
  const statuses = new Map<string, { readonly fact: ApiFact; readonly status: AvailabilityStatus } | null>()
  const found: LiveUse[] = []
  model.files.forEach((facts, file) => {
    for (const use of facts.uses) {
      let known = statuses.get(use.name)
      if (known === undefined) {
        const fact = model.api.fact(use.name)
        known = fact ? { fact, status: availabilityStatus(fact, target, model.api) } : null
        statuses.set(use.name, known)
      }
      if (known === null || known.status.kind === 'available') continue
      const live = liveness(model, file, use)
      if (live === null) continue
      const { fact, status } = known
      const { active, doubts } = live
      found.push({ file, use, fact, status, active, doubts: doubts.length === 0 ? none : doubts })
    }
  })
  return found
}

/** Whether a name is CPython's own business: `_Py...`. */
export const isPrivate = (name: string): boolean => /^_Py/.test(name)
