import { callAt, callsIn } from '../code/placement.ts'
import type { CallValue, FunctionCode } from '../code/tree.ts'
import { calleeName } from '../code/values.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId } from '../source/text.ts'
import { compiledAt } from './calls.ts'
import { type Body, functionsOf } from './functions.ts'

/** Who calls functions and macros, wherever in the project. */

/** A call in a function or in the body of a macro. */
export interface Call {
  readonly file: FileId
  readonly around: FunctionCode
  readonly call: CallValue
}

/** A function or the body of a macro, with the call by which it gets its operands, if that is known. */
export interface Frame {
  readonly file: FileId
  readonly code: FunctionCode
  readonly caller: { readonly call: CallValue; readonly frame: Frame } | null
}

/** The calls of a function or of a macro, by its name, in functions and in bodies of macros that may be compiled. */
export function* callsEverywhere(model: ProjectModel, name: string): Iterable<Call> {
  for (const file of model.project.filesWith(name)) {
    const code = model.project.code(file)
    for (const { span, isField } of code.occurrences(name)) {
      const around = isField ? null : code.codeAt(span.start)
      const call = around && callAt(around, span.end)
      if (!around || !call || calleeName(call) !== name) continue
      if (compiledAt(model, file, span.start) !== 'no') yield { file, around, call }
    }
  }
}

/** Callers of callers that are looked at. */
export const deepest = 4

/** Calls of one function that are looked at. */
export const mostCalls = 30

/**
 * Whether all calls of a function that is not known elsewhere stand where a question about each is answered with yes.
 * @param depth callers of callers that were looked at so far
 */
export function isOnlyCalled(
  model: ProjectModel,
  { code }: Body,
  depth: number,
  isSo: (caller: Body, call: CallValue) => boolean,
): boolean {
  if (depth > deepest || code.kind !== 'function') return false
  let calls = 0
  for (const { file, around, call } of callsEverywhere(model, code.name)) {
    if (around === code) continue
    calls += 1
    if (calls > mostCalls || !isSo({ file, code: around }, call)) return false
  }
  return calls > 0
}

/** Finds the callers of each function and macro once. */
export class Callers {
  private readonly calls = new Map<string, readonly Call[]>()

  constructor(private readonly model: ProjectModel) {}

  /** The call that a frame was come to by; all calls of what it is, where that is not known. */
  of({ code, caller }: Frame): readonly NonNullable<Frame['caller']>[] {
    if (caller) return [caller]
    if (code.kind !== 'function' && code.kind !== 'macro') return []
    let calls = this.calls.get(code.name)
    if (!calls) {
      calls = [...callsEverywhere(this.model, code.name)]
      this.calls.set(code.name, calls)
    }
    return calls.map(({ file, around, call }) => ({ call, frame: { file, code: around, caller: null } }))
  }
}

/** Functions that are looked at from one; those behind are not. */
const mostBodies = 200

/**
 * Functions and macros with those that they call by name, as far as they may be compiled: the nearer ones first. What a
 * pointer calls is not among them.
 */
export function withCalled(model: ProjectModel, from: readonly Body[]): readonly Body[] {
  const functions = functionsOf(model)
  const found = [...from]
  const seen = new Set(from.map(({ code }) => code))
  // What is found is looked at in its turn.
  for (const { file, code } of found) {
    if (found.length > mostBodies) break
    for (const call of callsIn(code)) {
      const name = calleeName(call)
      if (name === null || compiledAt(model, file, call.span.start) === 'no') continue
      const macros = functions.macrosNamed(file, name)
      for (const body of macros.length > 0 ? macros : functions.named(file, name)) {
        if (seen.has(body.code)) continue
        seen.add(body.code)
        found.push(body)
      }
    }
  }
  return found
}
