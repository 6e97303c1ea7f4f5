import { basename, resolve } from 'node:path'
import { type Minor, showVersion } from '../../analyzer/knowledge/version.ts'
import { reason } from '../../analyzer/store/reason.ts'
import { environment, runProcess } from './process.ts'

/** A Python that builds, or that runs what was built. */
export interface Interpreter {
  /** As the user calls it. */
  readonly name: string
  /** What starts it in any directory. */
  readonly command: string
  readonly isCPython: boolean
  readonly version: Minor
  readonly isFreeThreaded: boolean
  readonly hasPip: boolean
}

/** What a Python says of itself. */
type Answer = Omit<Interpreter, 'name' | 'command'> & { readonly major: number; readonly executable: string }

const question = `import importlib.util, json, sys, sysconfig
print(json.dumps(dict(
    isCPython=sys.implementation.name == 'cpython',
    major=sys.version_info[0],
    version=sys.version_info[1],
    executable=sys.executable,
    isFreeThreaded=bool(sysconfig.get_config_var('Py_GIL_DISABLED')),
    hasPip=importlib.util.find_spec('pip') is not None,
)))`

/**
 * Asks a Python what it is.
 * @param name a program, as a shell finds it
 * @returns the Python, or why there is none: a sentence to go after the name
 */
export async function findInterpreter(name: string): Promise<Interpreter | string> {
  const isPath = /[\\/]/.test(name)
  const command = isPath ? resolve(name) : name
  try {
    const { code, stdout, output } = await runProcess([command, '-c', question], {
      cwd: process.cwd(),
      env: environment(),
    })
    if (code !== 0) return `does not run: ${output.trim().split('\n')[0] ?? ''}`
    const { major, executable, ...found } = JSON.parse(stdout) as Answer
    if (major !== 3) return `is Python ${major}`
    // What a name means may depend on the directory, as with pyenv.
    const isKnown = !isPath && /python/i.test(basename(executable))
    return { name, command: isKnown ? executable : command, ...found }
  } catch (error) {
    if (error instanceof SyntaxError) return 'is no Python'
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such program' : reason(error)
  }
}

/**
 * Why an interpreter cannot judge a build for the stable ABI; null where it can.
 * @param level the oldest Python that the build is for
 * @param builds whether it is the one that builds
 */
export function unfit(python: Interpreter, level: Minor, builds: boolean): string | null {
  const { isCPython, version, isFreeThreaded, hasPip } = python
  if (!isCPython) return 'is no CPython, which alone has the stable ABI'
  if (version < level) return `is ${showVersion(version)}; what is built is for ${showVersion(level)} and later`
  if (isFreeThreaded) return 'is free-threaded, and loads no abi3 module'
  if (builds && !hasPip) return 'has no pip, with which the project is built'
  return null
}
