import type { FunctionCode } from '../code/tree.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId } from '../source/text.ts'
import { typesWith } from './heap-types.ts'
import type { HeapType } from './type-definition.ts'

/** Calls of calls that are followed. */
const deepest = 3

/**
 * The types in whose slots and tables of methods a function stands, or one that calls it or uses it as a macro; of
 * other files as well, unless it is `static`.
 */
export function typesServedBy(model: ProjectModel, file: FileId, code: FunctionCode): readonly HeapType[] {
  const found = new Set<HeapType>()
  const seen = new Set<FunctionCode>([code])
  let callees = [{ file, code }]
  for (let depth = 0; depth <= deepest && callees.length > 0; depth++) {
    for (const callee of callees) for (const type of typesWith(model, callee.file, callee.code)) found.add(type)
    const callers: typeof callees = []
    for (const callee of callees)
      for (const where of callee.code.storage === 'static' ? [callee.file] : model.project.filesWith(callee.code.name))
        for (const caller of callersIn(model, where, callee.code))
          if (!seen.has(caller)) {
            seen.add(caller)
            callers.push({ file: where, code: caller })
          }
    callees = callers
  }
  return [...found]
}

/** The functions and macros of a file in whose bodies the name of a function or a macro stands before parentheses. */
function callersIn(model: ProjectModel, file: FileId, { name }: FunctionCode): readonly FunctionCode[] {
  const code = model.project.code(file)
  return code.occurrences(name).flatMap(({ span, behind, isInDirective }) => {
    if (behind !== '(') return []
    const around = isInDirective ? code.macroAt(span.start) : code.functionAt(span.start)
    return around === null ? [] : [around]
  })
}
