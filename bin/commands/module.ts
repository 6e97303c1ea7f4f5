import type { Target } from '../../analyzer/knowledge/target.ts'
import { problemLines } from '../../reports/problems.ts'
import { Exit, hasErrors } from '../exit.ts'
import { openProject, type ProjectOptions } from '../project.ts'
import type { Terminal } from '../terminal.ts'

export interface ModuleOptions extends ProjectOptions {
  /** What the modules are built for; null for what the project says. */
  readonly target: Target | null
  readonly format: 'full' | 'json'
}

/**
 * `abi3lint module`: how extension modules are initialised, and what they keep for the whole process.
 * @returns the exit code: 2 where something could not be read, else 0
 */
export async function module(options: ModuleOptions, terminal: Terminal): Promise<number> {
  const { modulesJson, modulesText } = await import('../../reports/module.ts')
  const { workspace, problems: others } = await openProject({ ...options, writes: false }, terminal, 'reading')
  const problems = [...workspace.problems, ...others]
  const survey = workspace.modules(options.target)
  terminal.write(options.format === 'json' ? modulesJson(survey) : modulesText(survey, terminal.look))
  terminal.complain(problemLines(problems, terminal.complaintLook))
  return hasErrors(problems) ? Exit.unusable : Exit.clean
}
