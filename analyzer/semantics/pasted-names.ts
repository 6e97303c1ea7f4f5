import type { MacroFact, PastedName } from '../facts/file-facts.ts'
import type { Project, ProjectModel } from '../project/model.ts'

/** Whether macros may put a name together: a doubt that stays where no call of the macro is understood. */

const known = new WeakMap<Project, Map<string, boolean>>()

/** What `##` puts together in the body of a macro: text, and parameters by number. @param text that of its file */
export const pastingsOf = (text: string, { parameters, bodyStart, bodyEnd }: MacroFact): PastedName[] =>
  (text.slice(bodyStart, bodyEnd).match(/\w+(?:[\s\\]*##[\s\\]*\w+)+/g) ?? []).map((pasted) =>
    (pasted.match(/\w+/g) ?? []).map((part) => {
      const parameter = parameters?.indexOf(part) ?? -1
      return parameter < 0 ? part : parameter
    }),
  )

/**
 * Whether a name may be what `##` or a parameter makes of some parts: the text that parameters have to stand for is an
 * identifier of the project, or none that could be found.
 * @param parts text, and parameters by number
 * @param isPart whether a parameter may stand for a text
 */
export function mayMake(
  model: ProjectModel,
  parts: PastedName,
  name: string,
  isPart: (text: string) => boolean = () => true,
  at = 0,
): boolean {
  const part = parts[at]
  if (part === undefined) return name === ''
  if (typeof part === 'string')
    return name.startsWith(part) && mayMake(model, parts, name.slice(part.length), isPart, at + 1)
  for (let end = 0; end <= name.length; end++) {
    const text = name.slice(0, end)
    if (isPart(text) && mayMake(model, parts, name.slice(end), isPart, at + 1) && stands(model, text)) return true
  }
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
