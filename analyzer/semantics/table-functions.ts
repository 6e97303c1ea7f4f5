import type { ProjectModel } from '../project/model.ts'
import { capsuleTables } from './capsule-tables.ts'
import type { Body } from './functions.ts'

/**
 * The name of the capsule in whose table a function is, so that other modules call it; null for none.
 * @param body the function
 */
export function capsuleOfFunction(model: ProjectModel, { file, code: { name } }: Body): string | null {
  for (const { capsule, entries } of capsuleTables(model)) {
    const [capsuleName] = capsule.names
    const [origin] = capsule.origins
    const variable = origin?.variable
    if (capsuleName === undefined || capsule.file !== file || !origin || !variable) continue
    if (entries.includes(name)) return capsuleName
    const code = model.project.code(origin.file)
    const { initialiser } = variable
    const isBegun = initialiser !== null && code.namesIn(initialiser.span).some((each) => each.name === name)
    if (isBegun || code.references(variable.name).some((start) => isGiven(code.text, start, name))) return capsuleName
  }
  return null
}

/** Whether `table.field = name;` begins at an offset. */
const isGiven = (text: string, start: number, name: string): boolean => {
  const [, value] = /^\w+\s*(?:\.|->)\s*\w+\s*=([^=;][^;]*);/.exec(text.slice(start, start + longestStatement)) ?? []
  return value?.match(/\w+/g)?.includes(name) ?? false
}

/** Characters of a statement that are looked at. */
const longestStatement = 300
