import { assignedTo, callAt, inCasts } from '../code/placement.ts'
import { eachStatement, valuesInCode } from '../code/statements.ts'
import type { CallValue, FunctionCode, Value } from '../code/tree.ts'
import { bare, calleeName, eachValue, nameOf, plainText } from '../code/values.ts'
import { macroAround } from '../facts/macro-index.ts'
import type { Verdict } from '../preprocess/condition.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset } from '../source/text.ts'

/** Whether the target compiles the code at an offset of a file. */
export const compiledAt = (model: ProjectModel, file: FileId, offset: Offset): Verdict =>
  model.active(file, model.project.code(file).regionAt(offset))

/** What a note says of code that is compiled in some builds only; nothing of other code. */
export const buildDoubts = (compiled: Verdict): readonly string[] =>
  compiled === 'unknown' ? ['whether it is compiled depends on options of the build'] : []

/** A call in a function or a macro of the project. */
export interface CallIn {
  readonly file: FileId
  /** The function or the macro that it stands in. */
  readonly around: FunctionCode
  readonly call: CallValue
  /** The macro in whose body it stands, among those of the file; -1 for none. */
  readonly macro: number
  /** Why the target may not compile it; empty for no doubt. */
  readonly doubts: readonly string[]
}

/** The calls of a function, by its name, that the target may compile; those in bodies of macros are not among them. */
export function* callsOf(model: ProjectModel, name: string): Iterable<CallIn> {
  for (const each of callsAndExpansionsOf(model, name)) if (each.macro < 0) yield each
}

/** As `callsOf`, with those in bodies of macros. */
export function* callsAndExpansionsOf(model: ProjectModel, name: string): Iterable<CallIn> {
  for (const file of model.project.filesWith(name)) {
    const code = model.project.code(file)
    for (const { span, isInDirective } of code.occurrences(name)) {
      const around = isInDirective ? code.macroAt(span.start) : code.functionAt(span.start)
      const call = around && callAt(around, span.end)
      if (!around || !call || calleeName(call) !== name) continue
      const compiled = compiledAt(model, file, span.start)
      if (compiled === 'no') continue
      const macro = isInDirective ? macroAround(model.files[file]!, around.span.start) : -1
      yield { file, around, call, macro, doubts: buildDoubts(compiled) }
    }
  }
}

/** Whether what a call gives may be tested before it is used: anything but what is handed to a function at once. */
export function isTested(code: FunctionCode, call: CallValue): boolean {
  if (inCasts(code, call).parent?.kind === 'call') return false
  const target = assignedTo(code, call)
  if (target === null) return true
  const name = target.kind === 'variable' ? target.name : plainText(target)
  const isIt = (value: Value): boolean => plainText(value) === name
  for (const statement of eachStatement(code.body))
    if (statement.kind === 'if' && [...eachValue(statement.condition)].some(isIt)) return true
  for (const value of valuesInCode(code.body)) {
    if (value.kind === 'conditional' && [...eachValue(value.condition)].some(isIt)) return true
    if (value.kind === 'binary' && [value.left, value.right].some((each) => isIt(bare(each)))) return true
    if (value.kind === 'call' && nameOf(value.callee) === 'assert') return true
  }
  return false
}
