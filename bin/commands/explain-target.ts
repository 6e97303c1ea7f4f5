import { showTarget, type Target } from '../../analyzer/knowledge/target.ts'
import type { Minor } from '../../analyzer/knowledge/version.ts'
import { printable } from '../../reports/printable.ts'
import { problemLines } from '../../reports/problems.ts'
import { Exit, hasErrors } from '../exit.ts'
import { openProject, type ProjectOptions } from '../project.ts'
import type { Terminal } from '../terminal.ts'

export interface ExplainTargetOptions extends ProjectOptions {
  /** What the flag names; empty where it was not given. */
  readonly flags: readonly string[]
  readonly targets: readonly Target[]
  readonly headers: Minor | null
}

/**
 * `abi3lint check --explain-target`: what is checked for, and who says so. Nothing is checked.
 * @returns the exit code: 2 where something could not be read, else 0
 */
export async function explainTarget(options: ExplainTargetOptions, terminal: Terminal): Promise<number> {
  const { workspace, problems: others } = await openProject({ ...options, writes: false }, terminal, 'reading')
  const problems = [...workspace.problems, ...others]
  const { flags, targets, configuration } = options
  const { target, source, ofUnits } = workspace.defaultTarget(options.headers)
  const own = `${showTarget(target)}, from ${source}`
  const given = [...new Set(targets.map(showTarget))].join(', ')
  const lines: string[] = []
  if (flags.length > 0) lines.push(`target ${given}, from --target`)
  else if (configuration?.targets) lines.push(`target ${given}, from \`target\` in ${configuration.targets.at}`)
  else if (ofUnits.length === 0) lines.push(`target ${own}`)
  else {
    const files = new Map<string, string[]>()
    for (const each of ofUnits) files.set(showTarget(each), [...(files.get(showTarget(each)) ?? []), ...each.units])
    for (const [level, units] of files)
      lines.push(`target ${level}, from \`Py_LIMITED_API\` for ${[...new Set(units)].sort().join(', ')}`)
  }
  if (flags.length > 0 && configuration?.targets)
    lines.push(`  not used: ${configuration.targets.value.join(', ')}, from \`target\` in ${configuration.targets.at}`)
  if (flags.length === 0) {
    for (const { targets: said, patterns } of configuration?.overrides ?? [])
      if (said !== null)
        lines.push(`target ${said.value.join(', ')}, from \`target\` in ${said.at} for ${patterns.join(', ')}`)
  }
  if (flags.length > 0 || configuration?.targets) lines.push(`  without that: ${own}`)
  terminal.write(lines.map((line) => `${printable(line)}\n`).join(''))
  terminal.complain(problemLines(problems, terminal.complaintLook))
  return hasErrors(problems) ? Exit.unusable : Exit.clean
}
