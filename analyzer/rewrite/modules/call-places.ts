import { callAt as callOf, nameAt } from '../../code/placement.ts'
import { bodyValue } from '../../code/statements.ts'
import type { CallValue, FunctionCode } from '../../code/tree.ts'
import { calleeName, nameOf } from '../../code/values.ts'
import type { Offset, Span } from '../../source/text.ts'
import type { CodeIn, PlaceIn, Sources } from '../sources.ts'

/** Where functions are named and called. */

/** A call, and the function or the macro that it stands in. */
export interface CallIn {
  readonly around: FunctionCode
  readonly call: CallValue
}

/** The places where a function is named, without those where a file that has another one of the name means that. */
export function placesOf(sources: Sources, { file, code }: CodeIn): readonly PlaceIn[] {
  const isSeen = (where: string): boolean => {
    if (where === file) return true
    if (sources.code(where).functionsNamed(code.name).length > 0) return false
    if (code.storage !== 'static' || sources.includes(where, file) || sources.includes(file, where)) return true
    // Files that another one includes, one behind the other.
    const units = sources.unitsOf(where)
    return sources.unitsOf(file).some((each) => units.includes(each))
  }
  return sources
    .references(code.name)
    .filter((each) => isSeen(each.file) && !sources.isHistory(each))
    .filter((each) => {
      const own = sources.code(each.file).functionsNamed(code.name)
      return !own.some(({ nameSpan }) => nameSpan.start === each.offset)
    })
}

/** The calls of a function by its name; null where something else is done with it. */
export function directCalls(sources: Sources, place: CodeIn): readonly (CallIn & { readonly file: string })[] | null {
  const found: (CallIn & { readonly file: string })[] = []
  for (const each of placesOf(sources, place)) {
    if (prototypeAt(sources, each.file, place.code.name, each.offset)) continue
    const call = callAt(sources, each, place.code.name)
    if (!call) return null
    found.push({ file: each.file, ...call })
  }
  return found
}

/** The function or the macro that a place is in; null for none. */
export function aroundAt(sources: Sources, { file, offset }: PlaceIn): FunctionCode | null {
  const text = sources.code(file)
  return text.isInDirective(offset) ? text.macroAt(offset) : text.functionAt(offset)
}

/** The call of a function of which the name stands at a place; null where that is no call. */
export function callAt(sources: Sources, place: PlaceIn, callee: string): CallIn | null {
  const around = aroundAt(sources, place)
  const name = around && nameAt(around, place.offset)
  const call = around && name ? callOf(around, name.span.end) : null
  return around && call && calleeName(call) === callee ? { around, call } : null
}

/** The declaration without a body that names a function at an offset; null for none. */
export function prototypeAt(sources: Sources, file: string, name: string, offset: Offset): Span | null {
  const found = sources
    .code(file)
    .declarations.find(({ prototypes, span }) => prototypes.includes(name) && isIn(offset, span))
  return found?.span ?? null
}

/** The macro that is another name of a function, where that stands at a place; null for none. */
export function aliasAt(sources: Sources, { file, offset }: PlaceIn, name: string): string | null {
  const code = sources.code(file)
  const macro = code.isInDirective(offset) ? code.macroAt(offset) : null
  const body = macro && macro.parameters.length === 0 ? bodyValue(macro) : null
  return macro && body && nameOf(body) === name && sources.macros(macro.name).length === 1 ? macro.name : null
}

/** Whether an offset is within a part of a text. */
export const isIn = (offset: Offset, { start, end }: Span): boolean => start <= offset && offset < end
