import { mkdir, readdir, readFile } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { BinaryError } from '../../analyzer/audit/image.ts'
import { readBinary } from '../../analyzer/audit/read.ts'
import { libraryName } from '../../analyzer/audit/wheel-name.ts'
import { firstErrors, type Warning, warningsIn } from './compiler-log.ts'
import type { Interpreter } from './interpreter.ts'
import { badEnd } from './outcome.ts'
import { environment, runProcess } from './process.ts'
import { filesIn } from './project-copy.ts'

/** A project that was built and installed into a directory of its own. */
export interface Built {
  /** The path of the wheel. */
  readonly wheel: string
  /** What to put into `PYTHONPATH`. */
  readonly site: string
  readonly modules: readonly ExtensionModule[]
  readonly warnings: readonly Warning[]
  /** How long it took. */
  readonly seconds: number
}

/** An extension module that was built. */
export interface ExtensionModule {
  /** As Python imports it: `spam._speedups`. */
  readonly name: string
  /** Whether it is named `.abi3.so`, so that all Pythons look for it. */
  readonly isStable: boolean
}

/**
 * Builds a wheel as pip does for everybody, with the project's own build, and installs it.
 * @param project the directory to build; files are written into it
 * @param tree the copy that the project is part of, which is left out of names of files
 * @param to a directory for what is built, which is made
 * @returns what was built, or why it was not
 */
export async function buildWheel(
  python: Interpreter,
  { project, tree, to }: { readonly project: string; readonly tree: string; readonly to: string },
): Promise<Built | { readonly broken: string }> {
  const started = Date.now()
  const [wheels, site] = [join(to, 'wheels'), join(to, 'site')]
  await mkdir(wheels, { recursive: true })
  const pip = async (...words: readonly string[]): ReturnType<typeof runProcess> =>
    runProcess([python.command, '-m', 'pip', '--disable-pip-version-check', ...words], {
      cwd: to,
      // compilers speak English
      env: environment({ LANGUAGE: 'en' }),
    })
  const build = await pip('wheel', '-v', '--no-deps', '-w', wheels, project)
  if (build.code !== 0) return { broken: badEnd(build) ?? firstErrors(build.output) }
  const [wheel] = (await readdir(wheels)).filter((name) => name.endsWith('.whl'))
  if (wheel === undefined) return { broken: 'pip wrote no wheel' }
  const install = await pip('install', '-q', '--no-deps', '--no-index', '--target', site, join(wheels, wheel))
  if (install.code !== 0) return { broken: firstErrors(install.output) }
  return {
    wheel: join(wheels, wheel),
    site,
    modules: await modulesIn(site),
    warnings: warningsIn(build.output, tree),
    seconds: (Date.now() - started) / 1000,
  }
}

/** The extension modules in a directory that Python imports from. */
async function modulesIn(site: string): Promise<ExtensionModule[]> {
  const modules: ExtensionModule[] = []
  for (const file of await filesIn(site)) {
    const { module, kind } = libraryName(file)
    if (module === '' || !(await isModule(join(site, file)))) continue
    const name = [...dirname(file).split(sep), module].filter((part) => part !== '.').join('.')
    modules.push({ name, isStable: kind === 'abi3' })
  }
  return modules
}

/** Whether a library has the function that Python calls to import it. */
async function isModule(file: string): Promise<boolean> {
  try {
    const { images } = readBinary(await readFile(file))
    return images.some((image) => image.exports.some((name) => /^Py(?:Init|ModExport)U?_/.test(name)))
  } catch (error) {
    if (error instanceof BinaryError) return false
    throw error
  }
}
