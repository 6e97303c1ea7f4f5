import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { currentDirectory } from '../../analyzer/store/places.ts'
import { systemPath } from '../../analyzer/store/system-path.ts'
import { version } from '../../analyzer/workspace/version.ts'
import { printable } from '../../reports/printable.ts'
import { problemLines } from '../../reports/problems.ts'
import { keys } from '../config/keys.ts'
import { configNames } from '../config/names.ts'
import { findConfiguration } from '../config/project-configuration.ts'
import { Exit, UsageError } from '../exit.ts'
import { openProject, type ProjectOptions } from '../project.ts'
import type { Terminal } from '../terminal.ts'
import { writeOutput } from '../write/output.ts'

/** The file that is written. */
const [name] = configNames

/**
 * `abi3lint init`: writes a configuration for the project in the current directory, and shows what to write for
 * pre-commit and for CI.
 * @param yes asks nothing
 * @returns the exit code: 2 where there is one already, 1 where the answer is no, else 0
 */
export async function init(project: ProjectOptions, yes: boolean, terminal: Terminal): Promise<number> {
  const current = currentDirectory()
  const here = (await findConfiguration(['.'], null)).configuration
  if (here !== null && here.root === current)
    throw new UsageError(`${here.name} is there already; abi3lint config show tells what it says`)
  if (existsSync(systemPath(join(current, name)))) throw new UsageError(`${name} is there already`)
  if (!yes && !process.stdin.isTTY)
    throw new UsageError('init asks before it writes, and here is nobody to ask; --yes asks nothing')
  const { workspace, problems } = await openProject({ ...project, writes: false }, terminal, 'reading')
  const { showTarget } = await import('../../analyzer/knowledge/target.ts')
  const { target, source } = workspace.defaultTarget()
  const text = configText(showTarget(target), source)
  terminal.complain(problemLines([...workspace.problems, ...problems], terminal.complaintLook))
  if (!yes) {
    terminal.write(`${text}\n`)
    const questions = createInterface({ input: process.stdin, output: process.stderr })
    const answer = await questions.question(`Write this to ${name}? [Y/n] `)
    questions.close()
    if (!/^(?:y|yes|)$/i.test(answer.trim())) return Exit.findings
  }
  writeOutput(join(current, name), () => [text])
  terminal.write(`${name} is written.\n${snippets(existsSync(systemPath('pyproject.toml')))}`)
  return Exit.clean
}

/** A configuration in which the target is set where the project does not tell it, and all else can be. */
function configText(target: string, source: string): string {
  const isKnown = !source.includes('still maintained')
  const own = isKnown
    ? `# The project itself says ${target}, from ${printable(source)}. This sets another:\n# target = "${target}"\n`
    : `# The oldest Python that is still maintained; as time goes by it would be a newer one.\ntarget = "${target}"\n`
  const others = keys
    .filter(({ name: key }) => ['select', 'rules', 'exclude', 'include-directories', 'define'].includes(key))
    .map(({ summary, example }) => {
      const first = summary.split(/(?<=\.) /)[0]!
      return `\n# ${first}\n${example.replace(/^/gm, '# ')}\n`
    })
  return `# How abi3lint checks this project: see docs/configuration.md of abi3lint.\n\n${own}${others.join('')}`
}

const snippets = (hasPyproject: boolean): string => `${
  hasPyproject ? 'It can stand in pyproject.toml instead, under [tool.abi3lint].\n' : ''
}
For pre-commit, in .pre-commit-config.yaml:

  - repo: https://github.com/abi3lint/abi3lint
    rev: v${version}
    hooks:
      - id: abi3lint

For GitHub Actions, in a job with the checkout:

      - run: npx abi3lint@${version} check -f github
`
