import { namesInText } from '../code/names-in-text.ts'
import type { FunctionCode } from '../code/tree.ts'
import type { Project, ProjectModel } from '../project/model.ts'
import type { FileId } from '../source/text.ts'

/**
 * Whether a macro that a function uses may mean one of its variables by name: `#define FIRST (data[0])`. Macros of all
 * files are asked, also those that other macros use.
 */
export function isNamedByMacro({ project }: ProjectModel, file: FileId, code: FunctionCode, name: string): boolean {
  const { macros, ofFunctions } = macrosOf(project)
  let names = ofFunctions.get(code)
  if (names === undefined) {
    names = namesByMacros(macros, project.code(file).text.slice(code.span.start, code.span.end))
    ofFunctions.set(code, names)
  }
  return names.has(name)
}

/** The names for which macros stand that are used in a text, and those that these use. */
function namesByMacros(macros: MacroNames['macros'], text: string): ReadonlySet<string> {
  const found = new Set<string>()
  const queue = [...namesInText(text, false)]
  const seen = new Set(queue)
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    for (const named of macros.get(name) ?? []) {
      found.add(named)
      if (seen.has(named)) continue
      seen.add(named)
      queue.push(named)
    }
  }
  return found
}

interface MacroNames {
  /** Of each macro of the project the names that stand for themselves in its body: not its own, and no parameter. */
  readonly macros: ReadonlyMap<string, ReadonlySet<string>>
  /** Of functions those for which the macros that they use stand. */
  readonly ofFunctions: WeakMap<FunctionCode, ReadonlySet<string>>
}

const known = new WeakMap<Project, MacroNames>()

function macrosOf(project: Project): MacroNames {
  const found = known.get(project) ?? { macros: readMacros(project), ofFunctions: new WeakMap() }
  known.set(project, found)
  return found
}

function readMacros(project: Project): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>()
  for (const [file, { macros }] of project.files.entries()) {
    const { text } = project.code(file)
    for (const { name: macro, parameters, bodyStart, bodyEnd } of macros) {
      const own = found.get(macro) ?? new Set()
      for (const name of namesInText(text.slice(bodyStart, bodyEnd), true))
        if (name !== macro && !parameters?.includes(name)) own.add(name)
      found.set(macro, own)
    }
  }
  return found
}
