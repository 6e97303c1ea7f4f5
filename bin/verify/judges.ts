import type { Problem } from '../../analyzer/check/diagnostic.ts'
import type { Minor } from '../../analyzer/knowledge/version.ts'
import { findInterpreter, type Interpreter, unfit } from './interpreter.ts'
import { type Layout, layoutOf } from './project-copy.ts'

/** What of the command line says how a port is verified. */
export interface VerifyOptions {
  /** `--python`: interpreters as a shell finds them; empty for the usual one. */
  readonly pythons: readonly string[]
  /** `--test`: a command for a shell, in which `{python}` stands for the interpreter; null for none. */
  readonly test: string | null
}

/** What a port is verified with. */
export interface Judges {
  readonly layout: Layout
  /** The first one builds for all. */
  readonly pythons: readonly [Interpreter, ...Interpreter[]]
  readonly test: string | null
}

const usual = process.platform === 'win32' ? 'python' : 'python3'

/**
 * Finds the project and the interpreters with which a port is verified.
 * @param paths what is ported, as the command line has it
 * @param level the oldest Python that the port is for
 * @returns why it cannot be verified, where it cannot
 */
export async function findJudges(
  { pythons: names, test }: VerifyOptions,
  paths: readonly string[],
  level: Minor,
): Promise<Judges | Problem[]> {
  const layout = layoutOf(process.cwd(), paths)
  if (layout === null) return [problem('--verify', 'there is neither pyproject.toml nor setup.py here to build')]
  const problems: Problem[] = []
  const pythons: Interpreter[] = []
  for (const name of names.length > 0 ? new Set(names) : [usual]) {
    const found = await findInterpreter(name)
    const why = typeof found === 'string' ? found : unfit(found, level, pythons.length + problems.length === 0)
    if (why !== null) problems.push(problem(`--python ${name}`, why))
    else if (typeof found !== 'string') pythons.push(found)
  }
  const [first, ...others] = pythons
  return problems.length > 0 || first === undefined ? problems : { layout, pythons: [first, ...others], test }
}

const problem = (file: string, message: string): Problem => ({ file, message, severity: 'error' })
