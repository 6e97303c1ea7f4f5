import { nameAt, parentsIn } from '../../code/placement.ts'
import type { CallValue, FunctionCode } from '../../code/tree.ts'
import { lineOf } from '../places.ts'
import type { PlaceIn, Sources } from '../sources.ts'
import { type Obstacle, offsetOf, type SlotStruct, type TypeObject } from './type-objects.ts'
import type { TypeUses } from './uses.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] }

/** The uses of a type while they are being found. */
export class FoundUses implements Mutable<TypeUses> {
  readonly obstacles: Obstacle[]
  readonly needs = new Set<TypeObject>()
  readonly addresses: TypeUses['addresses'][number][] = []
  readonly dots: TypeUses['dots'][number][] = []
  readonly readyTests: TypeUses['readyTests'][number][] = []
  readonly looks: TypeUses['looks'][number][] = []
  readonly removals: TypeUses['removals'][number][] = []
  readonly fieldAssignments: TypeUses['fieldAssignments'][number][] = []
  readonly assignedTables = new Map<string, SlotStruct>()
  readonly creationCalls: TypeUses['creationCalls'][number][] = []
  readonly macroCreations: TypeUses['macroCreations'][number][] = []
  readonly sequenceCalls: TypeUses['sequenceCalls'][number][] = []
  readonly tableEntries: TypeUses['tableEntries'][number][] = []
  readonly onDemandUses: TypeUses['onDemandUses'][number][] = []
  readonly stolenReferences: TypeUses['stolenReferences'][number][] = []
  readonly increfSites: FunctionCode[] = []
  readsDict = false

  constructor(readonly type: TypeObject) {
    this.obstacles = [...type.obstacles]
  }

  /** Takes down an assignment, and that its statement goes. */
  addFieldAssignment(assignment: TypeUses['fieldAssignments'][number]): void {
    this.fieldAssignments.push(assignment)
    this.removals.push({ file: assignment.file, span: assignment.statement.span })
  }

  addObstacle({ file, offset }: PlaceIn, text: string): void {
    this.obstacles.push({ file, offset, text })
  }
}

/** Why a type without a `tp_dealloc` of its own is left alone where that is read. */
export const inheritsDealloc = 'its `tp_dealloc` is read, which it inherits now and would not then'

/** Notes that what is done at a place is not understood. */
export function notUnderstood(sources: Sources, uses: FoundUses, place: PlaceIn): void {
  const line = lineOf(sources.text(place.file), place.offset)
  uses.addObstacle(place, `what \`${line}\` does with \`${uses.type.name}\` is not understood`)
}

/** A place in code where a type is named, or the parameter of a macro that gets it. */
export interface TypeMention extends PlaceIn {
  readonly code: FunctionCode
  /** What the name is written as in a macro's body: a parameter, `name##_Type`; null for the type's own name. */
  readonly parameter: string | null
  /** The call of a macro, in a function, by which it gets the type; null where it does not get it so. */
  readonly from: CallIn | null
  /** What the name is: the type's own, or that of a pointer to it, at file level or a parameter. */
  readonly as: 'type' | 'pointer' | 'parameter'
}

/** A call, with the function that it stands in. */
export interface CallIn {
  readonly file: string
  readonly around: FunctionCode
  readonly call: CallValue
}

/** The call of a macro whose name stands at a place; null for none, `unread` for one that is not understood. */
export function callAt(sources: Sources, { file, offset }: PlaceIn): CallValue | 'unread' | null {
  const all = sources.code(file)
  const text = sources.text(file)
  const name = /^[\w\x80-\xff]+[ \t\r\n]*/.exec(text.slice(offset, offset + 200))?.[0] ?? ''
  if (text[offset + name.length] !== '(') return null
  if (all.definesMacro(offset)) return null
  const code = all.codeAt(offset)
  const value = code === null ? null : nameAt(code, offset)
  const call = code === null || value === null ? undefined : parentsIn(code).get(value)
  return call?.kind === 'call' && call.callee === value ? call : 'unread'
}

/**
 * The `#if` lines that code stands under and the type's definition does not; null where it stands in another branch
 * than the first.
 */
export function conditionsAround(sources: Sources, type: TypeObject, place: PlaceIn): string[] | null {
  const { file } = place
  const own = [...type.definitions, ...type.declarations].find((each) => each.file === file)
  const around = new Set(own ? sources.regionsAround({ file, offset: offsetOf(own) }) : [])
  const lines: string[] = []
  for (const region of sources.regionsAround(place)) {
    if (around.has(region) || sources.settings.coverageOf(file, region.start) === 'always') continue
    const directive = region.branch > 0 ? null : sources.code(file).directiveBefore(region.start)
    if (directive === null) return null
    lines.push(directive)
  }
  return lines
}
