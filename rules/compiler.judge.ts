import { execFile } from 'node:child_process'
import { availableParallelism } from 'node:os'
import type { Target } from '../analyzer/check/target.ts'
import { versionHex } from '../analyzer/knowledge/version.ts'
import { fetchHeaders, type HeaderVersion, headerDirectories } from '../fixtures/headers.ts'

/** What the judges share: gcc and g++, told to be strict and asked where they object. */

/** A message of a compiler, at a line of the file it was given. */
export interface Message {
  readonly line: number
  readonly kind: 'error' | 'warning'
  readonly message: string
}

/** `3.9` as 9. */
export const minorOf = (version: HeaderVersion): number => Number(version.slice(2))

const strict = ['-Wall', '-Wextra']
const strictC = [
  '-std=gnu11',
  '-Werror=incompatible-pointer-types',
  '-Werror=implicit-function-declaration',
  '-Werror=int-conversion',
]

/** Options for the headers of a version, which are fetched where they are not there. */
export async function directories(version: HeaderVersion): Promise<readonly string[]> {
  await fetchHeaders(version)
  return headerDirectories(version)!.flatMap((directory) => ['-isystem', directory])
}

/** Options that build for a target. */
export const limited = ({ abi3t, level }: Target): readonly string[] => [
  abi3t
    ? `-DPy_TARGET_ABI3T=0x${versionHex(level).toString(16)}`
    : `-DPy_LIMITED_API=0x${versionHex(level).toString(16)}`,
]

/** Reads a file as a compiler does; what it says of the file itself, headers left out. */
export async function compile(file: string, version: HeaderVersion, options: readonly string[]): Promise<Message[]> {
  const cxx = file.endsWith('.cpp')
  const all = [
    '-fsyntax-only',
    '-fmax-errors=0',
    '-fno-diagnostics-show-caret',
    '-fdiagnostics-color=never',
    ...strict,
    ...(cxx ? ['-std=gnu++17'] : strictC),
    ...options,
  ]
  const from = await directories(version)
  const said = await new Promise<string>((resolve, reject) => {
    execFile(
      cxx ? 'g++' : 'gcc',
      [...all, ...from, file],
      { maxBuffer: 1 << 26, env: { ...process.env, LC_ALL: 'C' } },
      (error, _, stderr) => {
        if (error && stderr === '') reject(error)
        else resolve(stderr)
      },
    )
  })
  const found: Message[] = []
  for (const line of said.split('\n')) {
    const [, path, at, kind, message] = /^(.*?):(\d+):(?:\d+:)? (?:fatal )?(error|warning): (.*)$/.exec(line) ?? []
    if (path !== undefined)
      found.push({ line: path === file ? Number(at) : 0, kind: kind as Message['kind'], message: message! })
  }
  return found
}

/** Does tasks, as many at once as there are processors. */
export async function poolOf(tasks: readonly (() => Promise<void>)[]): Promise<void> {
  const waiting = [...tasks]
  await Promise.all(
    Array.from({ length: availableParallelism() }, async () => {
      for (let task = waiting.shift(); task; task = waiting.shift()) await task()
    }),
  )
}
