import { callStarting, callsIn } from '../../code/placement.ts'
import type { FunctionCode } from '../../code/tree.ts'
import { calleeName } from '../../code/values.ts'
import { addAll } from '../../source/lists.ts'
import { addTo } from '../../source/multimap.ts'
import type { Offset } from '../../source/text.ts'
import type { CodeIn, Sources } from '../sources.ts'
import type { Obstacle } from './type-objects.ts'
import { isWithin } from './use-obstacles.ts'
import type { TypeUses } from './uses.ts'

/** A place in the code of a function or a macro. */
interface CodePlace {
  readonly file: string
  readonly code: FunctionCode
  readonly offset: Offset
}

const none: readonly Offset[] = []

/** Functions that are followed from one place. */
const mostFunctions = 200

/** Places that look into a type before what makes it: until then there is none. */
export function lookObstacles(sources: Sources, uses: TypeUses): readonly Obstacle[] {
  const order = new MakingOrder(sources, uses)
  return uses.looks.flatMap(({ file, offset, around, what }) =>
    order.isEarly({ file, code: around, offset })
      ? [{ file, offset, text: `\`${what}\` looks into it before it is made ready` }]
      : [],
  )
}

/** What of a project comes before a type is made. */
class MakingOrder {
  private readonly makes: readonly { readonly file: string; readonly offset: Offset }[]
  private readonly places = new Map<FunctionCode, readonly Offset[]>()

  constructor(
    private readonly sources: Sources,
    { creationCalls, onDemandUses, macroCreations, sequenceCalls }: TypeUses,
  ) {
    this.makes = [
      ...creationCalls.map(({ file, address }) => ({ file, offset: address.start })),
      ...onDemandUses.map(({ file, span }) => ({ file, offset: span.start })),
      ...macroCreations.map(({ file, callee }) => ({ file, offset: callee.start })),
      ...sequenceCalls.map(({ file, span }) => ({ file, offset: span.start })),
    ]
  }

  /** Whether a place comes before all that makes the type in its function, or in one that leads to it by calls. */
  isEarly(place: CodePlace): boolean {
    const seen = new Set<FunctionCode>()
    const todo = [place]
    for (let at = todo.pop(); at !== undefined && seen.size < mostFunctions; at = todo.pop()) {
      const { file, code, offset } = at
      const making = this.makingIn(file, code)
      if (making.length > 0) {
        if (making.every((each) => offset < each)) return true
        continue
      }
      if (seen.has(code) || code.name === '') continue
      seen.add(code)
      for (const caller of this.callsOf(code.name)) if (caller.code !== code) todo.push(caller)
    }
    return false
  }

  /** Where code makes the type, at once or by a call of a function that does. */
  private makingIn(file: string, code: FunctionCode): readonly Offset[] {
    const known = this.places.get(code)
    if (known !== undefined) return known
    // A function that calls itself makes no more by that.
    this.places.set(code, none)
    const found: Offset[] = []
    for (const each of this.makes)
      if (each.file === file && isWithin({ start: each.offset, end: each.offset }, code.span)) found.push(each.offset)
    for (const { bodies, calls } of calledIn(this.sources, file, code))
      if (bodies.some((each) => this.makingIn(each.file, each.code).length > 0)) addAll(found, calls)
    if (found.length === 0) return none
    this.places.set(code, found)
    return found
  }

  private callsOf(name: string): CodePlace[] {
    return this.sources.references(name).flatMap(({ file, offset }) => {
      const code = this.sources.code(file).functionAt(offset)
      const isCall = code !== null && callStarting(code, offset) !== null
      return isCall ? [{ file, code, offset }] : []
    })
  }
}

/** What code calls by one name: functions and macros of the project, and where the calls begin. */
interface Called {
  readonly bodies: readonly CodeIn[]
  readonly calls: readonly Offset[]
}

const known = new WeakMap<Sources, WeakMap<FunctionCode, readonly Called[]>>()

/** What of the project some code calls: found once, as it is asked for each type. */
function calledIn(sources: Sources, file: string, code: FunctionCode): readonly Called[] {
  const ofSources = known.get(sources) ?? new WeakMap<FunctionCode, readonly Called[]>()
  known.set(sources, ofSources)
  let found = ofSources.get(code)
  if (!found) {
    const byName = new Map<string, Offset[]>()
    for (const call of callsIn(code)) {
      const name = calleeName(call)
      if (name !== null) addTo(byName, name, call.span.start)
    }
    found = [...byName].flatMap(([name, calls]) => {
      const bodies = [...sources.functions(name, file), ...sources.macros(name)]
      return bodies.length === 0 ? [] : [{ bodies, calls }]
    })
    ofSources.set(code, found)
  }
  return found
}
