import { callStarting, callsIn } from '../../code/placement.ts'
import type { FunctionCode } from '../../code/tree.ts'
import { calleeName } from '../../code/values.ts'
import { addTo } from '../../source/multimap.ts'
import type { Offset } from '../../source/text.ts'
import type { Sources } from '../sources.ts'
import type { Obstacle } from './type-objects.ts'
import { isWithin } from './use-obstacles.ts'
import type { TypeUses } from './uses.ts'

/** A place in the code of a function or a macro. */
interface CodePlace {
  readonly file: string
  readonly code: FunctionCode
  readonly offset: Offset
}

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
  private readonly places = new Map<string, readonly Offset[]>()

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
    const seen = new Set<string>()
    const todo = [place]
    for (let at = todo.pop(); at !== undefined && seen.size < mostFunctions; at = todo.pop()) {
      const { file, code, offset } = at
      const making = this.makingIn(file, code)
      if (making.length > 0) {
        if (making.every((each) => offset < each)) return true
        continue
      }
      const key = `${file} ${code.span.start}`
      if (seen.has(key) || code.name === '') continue
      seen.add(key)
      for (const caller of this.callsOf(code.name)) if (caller.code !== code) todo.push(caller)
    }
    return false
  }

  /** Where code makes the type, at once or by a call of a function that does. */
  private makingIn(file: string, code: FunctionCode): readonly Offset[] {
    const key = `${file} ${code.span.start}`
    const known = this.places.get(key)
    if (known !== undefined) return known
    // A function that calls itself makes no more by that.
    this.places.set(key, [])
    const own = this.makes.filter(
      (each) => each.file === file && isWithin({ start: each.offset, end: each.offset }, code.span),
    )
    const called = [...callsByName(code)].flatMap(([name, calls]) => (this.doesMake(file, name) ? calls : []))
    const found = [...own.map(({ offset }) => offset), ...called]
    this.places.set(key, found)
    return found
  }

  private doesMake(file: string, name: string): boolean {
    const called = [...this.sources.functions(name, file), ...this.sources.macros(name)]
    return called.some((each) => this.makingIn(each.file, each.code).length > 0)
  }

  private callsOf(name: string): CodePlace[] {
    return this.sources.references(name).flatMap(({ file, offset }) => {
      const code = this.sources.code(file).functionAt(offset)
      const isCall = code !== null && callStarting(code, offset) !== null
      return isCall ? [{ file, code, offset }] : []
    })
  }
}

const callIndexes = new WeakMap<FunctionCode, ReadonlyMap<string, readonly Offset[]>>()

/** Where the calls of a function begin, by what they call. */
function callsByName(code: FunctionCode): ReadonlyMap<string, readonly Offset[]> {
  let known = callIndexes.get(code)
  if (!known) {
    const found = new Map<string, Offset[]>()
    for (const call of callsIn(code)) {
      const name = calleeName(call)
      if (name !== null) addTo(found, name, call.span.start)
    }
    known = found
    callIndexes.set(code, known)
  }
  return known
}
