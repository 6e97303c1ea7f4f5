import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { leftByRuns, programFiles } from './program-files.ts'
import { type Manifest, pythonVersion, wheel } from './wheel.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const here = import.meta.dirname

/** What was made: paths of files and directories. */
export interface Packages {
  /** The package for npm. */
  readonly npm: string
  readonly wheel: string
  /** The directory of the recipe for conda. */
  readonly conda: string
  /** The directory to build an image in: the package for npm is in it, too. */
  readonly docker: string
  /** The files of the repository with hooks that install the wheel. */
  readonly preCommit: string
}

/**
 * Makes all packages of what `npm run build` has made; nothing is fetched.
 * @param target the directory that they go into; those of an earlier run are deleted
 * @throws Error where something else is in it
 */
export function makePackages(target: string): Packages {
  empty(target)
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
  const npm = packForNpm(target)
  const python = wheel({
    manifest,
    readme: readFileSync(join(root, 'README.md'), 'utf8'),
    files: pythonPackage(),
    licenses: new Map([
      ['LICENSE', readFileSync(join(root, 'LICENSE'))],
      ['THIRD-PARTY-LICENSES', readFileSync(join(root, 'dist/THIRD-PARTY-LICENSES'))],
    ]),
  })
  writeFileSync(join(target, python.name), python.bytes)
  const values = {
    version: pythonVersion(manifest.version),
    'npm-version': manifest.version,
    description: manifest.description,
    sha256: createHash('sha256').update(readFileSync(npm)).digest('hex'),
  }
  const paths = ['conda', 'docker', 'pre-commit'].map((name) => join(target, name))
  for (const path of paths) mkdirSync(path)
  const [conda, docker, preCommit] = paths as [string, string, string]
  writeFileSync(join(conda, 'recipe.yaml'), filled(readFileSync(join(here, 'recipe.yaml'), 'utf8'), values))
  cpSync(join(here, 'Dockerfile'), join(docker, 'Dockerfile'))
  cpSync(npm, join(docker, `abi3lint-${manifest.version}.tgz`))
  for (const name of readdirSync(join(here, 'pre-commit')))
    writeFileSync(join(preCommit, name), filled(readFileSync(join(here, 'pre-commit', name), 'utf8'), values))
  const hooks = readFileSync(join(root, '.pre-commit-hooks.yaml'), 'utf8')
  writeFileSync(join(preCommit, '.pre-commit-hooks.yaml'), hooks.replaceAll('language: node', 'language: python'))
  return { npm, wheel: join(target, python.name), conda, docker, preCommit }
}

/** What this makes, by name. */
const made = /^(?:abi3lint-.*\.(?:tgz|whl)|conda|docker|pre-commit)$/

/** Makes a directory, and takes away what an earlier run has made in it. */
function empty(target: string): void {
  mkdirSync(target, { recursive: true })
  const names = readdirSync(target)
  const other = names.find((name) => !made.test(name))
  if (other !== undefined) throw new Error(`${join(target, other)} is not what this has made: name another directory`)
  for (const name of names) rmSync(join(target, name), { recursive: true })
}

/**
 * Packs what users need: npm says of scripts that there are some to be allowed, though only checkouts run them.
 * @returns the path of the package
 */
function packForNpm(target: string): string {
  const place = mkdtempSync(join(tmpdir(), 'abi3lint-'))
  try {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>
    const { scripts: _, devDependencies: __, ...published } = manifest
    writeFileSync(join(place, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
    for (const name of ['dist', 'README.md', 'LICENSE', 'CHANGELOG.md'])
      cpSync(join(root, name), join(place, name), { recursive: true, filter: (path) => !leftByRuns.test(path) })
    const isWindows = process.platform === 'win32'
    const words = ['pack', '--silent', '--pack-destination', isWindows ? `"${target}"` : target]
    execFileSync('npm', words, { cwd: place, shell: isWindows, stdio: ['ignore', 'ignore', 'inherit'] })
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
  return join(target, readdirSync(target).find((name) => name.endsWith('.tgz'))!)
}

/** The files of the Python package: the launcher, and of what is built all that the program needs. */
function pythonPackage(): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  for (const name of readdirSync(join(here, 'wheel')).filter((each) => each.endsWith('.py')))
    files.set(name, readFileSync(join(here, 'wheel', name)))
  return new Map([...files, ...programFiles()])
}

/** A text in which values stand for their names, `@name@`. @throws Error where a value is missing */
const filled = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/@([a-z][a-z\d-]*)@/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`there is no value for @${name}@`)
    return value
  })
