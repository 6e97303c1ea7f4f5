import type { PastedName } from '../facts/file-facts.ts'
import type { Project, ProjectModel } from '../project/model.ts'

/** Whether macros may put a name together: a doubt that stays where no call of the macro is understood. */

const known = new WeakMap<Project, Map<string, boolean>>()

/**
 * Whether a name may be what `##` or a parameter makes of some parts: the text that parameters have to stand for is an
 * identifier of the project, or none that could be found.
 * @param parts text, and parameters by number
 */
export function mayMake(model: ProjectModel, parts: PastedName, name: string, at = 0): boolean {
  const part = parts[at]
  if (part === undefined) return name === ''
  if (typeof part === 'string') return name.startsWith(part) && mayMake(model, parts, name.slice(part.length), at + 1)
  for (let end = 0; end <= name.length; end++)
    if (mayMake(model, parts, name.slice(end), at + 1) && stands(model, name.slice(0, end))) return true
  return false
}

/** Whether something may be an argument of a macro. */
function stands({ project }: ProjectModel, text: string): boolean {
  if (!/^[A-Za-z_]/.test(text)) return true
  const found = known.get(project) ?? new Map<string, boolean>()
  known.set(project, found)
  let answer = found.get(text)
  if (answer === undefined) {
    answer = project.files.some((_, file) => project.code(file).occurrences(text).length > 0)
    found.set(text, answer)
  }
  return answer
}
