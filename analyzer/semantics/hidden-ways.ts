import { type HiddenWays, waysHiddenByMacro, waysHiddenIn } from '../code/hidden-ways.ts'
import type { Project, ProjectModel } from '../project/model.ts'
import type { FileId, Span } from '../source/text.ts'

/** What macros of the project hide of the ways through a function: loops that they open, labels, jumps. */

const none: HiddenWays = { loops: false, jumps: false }
const known = new WeakMap<Project, Map<string, HiddenWays>>()

/** What macros of the project, or of nobody that is known, hide in a part of a file. */
export function hiddenWays({ project }: ProjectModel, file: FileId, { start, end }: Span): HiddenWays {
  const macros = known.get(project) ?? new Map<string, HiddenWays>()
  known.set(project, macros)
  const isOwn = (name: string): boolean => project.declarations.macro(name).length > 0
  return waysHiddenIn(project.code(file).text.slice(start, end), (name) =>
    isOwn(name) ? ofMacro(project, macros, name) : /^_?Py/.test(name) ? none : null,
  )
}

function ofMacro(project: Project, macros: Map<string, HiddenWays>, name: string): HiddenWays {
  const found = macros.get(name)
  if (found !== undefined) return found
  // A macro in its own body means itself.
  macros.set(name, none)
  const hidden = project.declarations.macro(name).map(({ file, fact }) => {
    const body = project.code(file).text.slice(fact.bodyStart, fact.bodyEnd)
    return waysHiddenByMacro(body, (each) => ofMacro(project, macros, each))
  })
  const all = { loops: hidden.some(({ loops }) => loops), jumps: hidden.some(({ jumps }) => jumps) }
  macros.set(name, all)
  return all
}
