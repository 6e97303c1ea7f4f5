import type { Rule } from '../../analyzer/check/rule.ts'
import type { Minor } from '../../analyzer/knowledge/version.ts'
import { problemLines } from '../../reports/problems.ts'
import { Exit, hasErrors } from '../exit.ts'
import { openProject, type ProjectOptions } from '../project.ts'
import type { Terminal } from '../terminal.ts'

export interface TargetsOptions extends ProjectOptions {
  /** The CPython whose headers are assumed; null for the newest known. */
  readonly headers: Minor | null
  readonly rules: readonly Rule[]
  readonly format: 'full' | 'json'
}

/**
 * `abi3lint targets`: what keeps a project from each level of the Limited API, and from abi3t.
 * @returns the exit code: 2 where something could not be read, else 0
 */
export async function targets(options: TargetsOptions, terminal: Terminal): Promise<number> {
  const { targetsJson, targetsText } = await import('../../reports/targets.ts')
  const { workspace, problems: others } = await openProject({ ...options, writes: false }, terminal, 'checking')
  const problems = [...workspace.problems, ...others]
  const survey = workspace.targets({ headers: options.headers, rules: options.rules })
  terminal.write(options.format === 'json' ? targetsJson(survey) : targetsText(survey, terminal.look))
  terminal.complain(problemLines(problems, terminal.complaintLook))
  return hasErrors(problems) ? Exit.unusable : Exit.clean
}
