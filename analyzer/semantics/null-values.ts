import type { Value } from '../code/tree.ts'
import { bare, isNull, isNullName } from '../code/values.ts'
import type { Condition } from '../preprocess/condition.ts'
import type { ProjectModel } from '../project/model.ts'

/** Macros in macros are followed so deep. */
const deepest = 10

/** Whether a value is a null pointer or a zero: as people write it, or a macro of the project that is nothing else. */
export function isNullFor(model: ProjectModel, value: Value): boolean {
  const inner = bare(value)
  return isNull(inner) || (inner.kind === 'name' && isNullMacro(model, inner.name, 0))
}

function isNullMacro(model: ProjectModel, name: string, depth: number): boolean {
  const isZero = (condition: Condition | null): boolean => {
    if (condition?.kind === 'number') return condition.value === 0
    if (condition?.kind !== 'macro') return false
    return isNullName(condition.name) || (depth < deepest && isNullMacro(model, condition.name, depth + 1))
  }
  const definitions = [...model.project.declarations.macro(name)]
  return definitions.length > 0 && definitions.every(({ fact }) => fact.parameters === null && isZero(fact.value))
}
