import { callAt as callOf, nameAt } from '../../code/placement.ts'
import { bodyValue } from '../../code/statements.ts'
import type { CallValue, FunctionCode } from '../../code/tree.ts'
import { calleeName, nameOf } from '../../code/values.ts'
import { isDefinition } from '../../semantics/object-holders.ts'
import { VariableChanges } from '../../semantics/variable-changes.ts'
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

/** The variable at file level, none that CPython reads, that a function is put into; null for none. */
export function variableWith(sources: Sources, { file, code: { name } }: CodeIn): string | null {
  const text = sources.code(file)
  const { variables } = text
  for (const offset of text.references(name)) {
    if (text.functionAt(offset) !== null) continue
    const variable = variables.find(({ initialiser }) => initialiser !== null && isIn(offset, initialiser.span))
    const type = variable?.type.replace(/^struct |[*[\]()]+$/g, '') ?? ''
    if (variable && !isDefinition(type) && sources.model.api.struct(type) === null) return variable.name
  }
  return null
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

/**
 * Whether a function calls another one with what it got itself as its first parameter, and gives that no other value
 * before. @param file where that is
 */
export function handsOnFirst(sources: Sources, file: string, { around, call }: CallIn): boolean {
  const [given] = call.operands
  const name = around.kind === 'function' ? around.parameters[0]?.name : undefined
  return given !== undefined && name !== undefined && nameOf(given) === name && isKept(sources, file, around, name)
}

/** Whether a function never gives a parameter another value. @param file where it is */
export const isKept = (sources: Sources, file: string, code: FunctionCode, name: string): boolean =>
  name !== '' && new VariableChanges(sources.model, sources.body({ file, code }).file, code).countOf(name) === 0

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
