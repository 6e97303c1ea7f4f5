import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** For tests: the program as users start it, the bundle, in a process of its own, in a directory of its own. */

export const root = fileURLToPath(new URL('..', import.meta.url))
export const program = join(root, 'dist/abi3lint.js')
/** A directory for this test file's own directories; who makes them takes it away in the end. */
export const scratch = mkdtempSync(join(tmpdir(), 'abi3lint-'))

/** How the program ended. */
export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Settings {
  readonly env?: Readonly<Record<string, string>>
  /** Stops reading the standard output after its first part. */
  readonly stopsReading?: boolean
  /** Runs it by way of a shell, with this after the arguments. */
  readonly redirect?: string
}

/** Runs the program. @param args its arguments; a target is put before those of `check` that have none */
export function run(cwd: string, args: readonly string[], settings: Settings = {}): Promise<Outcome> {
  const { env = {}, stopsReading = false, redirect } = settings
  // Without a target there is a note on stderr about the one that was chosen.
  const asItIs = /^(?:audit|explain|rewrite|rules|check|shims|targets|--(?:help|version))$/
  const hasTarget = args.some((each) => each === '-t' || each === '--target')
  const full = hasTarget || asItIs.test(args[0] ?? '') ? args : ['-t', '3.11', ...args]
  const command = redirect === undefined ? process.execPath : 'sh'
  const shell = redirect === undefined ? [] : ['-c', `exec "$@" ${redirect}`, 'sh', process.execPath]
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...shell, program, ...full], { cwd, env: { PATH: process.env.PATH ?? '', ...env } })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdin.on('error', () => undefined).end()
    child.stdout.on('data', (part: Buffer) => {
      stdout.push(part)
      if (stopsReading) child.stdout.destroy()
    })
    child.stderr.on('data', (part: Buffer) => stderr.push(part))
    child.on('error', reject)
    child.on('close', (code) => {
      resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() })
    })
  })
}

let folders = 0
/** Makes a directory with files in it. */
export function folder(files: Readonly<Record<string, string | Buffer>>): string {
  const path = join(scratch, String(folders++))
  mkdirSync(path)
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), content)
  }
  return path
}
