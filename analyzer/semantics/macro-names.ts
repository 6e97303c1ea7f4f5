import type { FunctionCode } from '../code/tree.ts'
import type { ProjectModel } from '../project/model.ts'
import { addAll } from '../source/lists.ts'
import type { FileId } from '../source/text.ts'

/**
 * Whether a macro that a function uses may mean one of its variables by name: `#define FIRST (data[0])`. Macros of all
 * files are asked, also those that other macros use.
 */
export function isNamedByMacro(model: ProjectModel, file: FileId, code: FunctionCode, name: string): boolean {
  const own = model.project.code(file)
  const isUsed = (macro: string): boolean => own.occurrencesIn(macro, code.span).length > 0
  const seen = new Set<string>()
  const queue = [...macrosWith(model, name)]
  for (let macro = queue.pop(); macro !== undefined; macro = queue.pop()) {
    if (seen.has(macro)) continue
    seen.add(macro)
    if (isUsed(macro)) return true
    addAll(queue, macrosWith(model, macro))
  }
  return false
}

/** The macros in whose bodies a name stands for itself. */
const macrosWith = (model: ProjectModel, name: string): string[] =>
  [...model.files.keys()].flatMap((file) => {
    const text = model.project.code(file)
    return text.occurrences(name).flatMap(({ span, isField, isInDirective }) => {
      const macro = isInDirective && !isField ? text.macroAt(span.start) : null
      return macro !== null && macro.name !== name && !macro.parameters.some((each) => each.name === name)
        ? [macro.name]
        : []
    })
  })
