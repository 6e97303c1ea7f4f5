import { spawnSync } from 'node:child_process'
import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { folder, isWindows, program, run, scratch } from '../fixtures/command-line.ts'
import { rules } from '../rules/index.ts'

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const cwd = folder({})
/** The words that the last one may be, and what else. */
async function words(shell: string, ...line: readonly string[]): Promise<readonly string[]> {
  const { code, stdout, stderr } = await run(cwd, ['completions', shell, '--', ...line])
  expect([code, stderr]).toEqual([0, ''])
  return stdout
    .trimEnd()
    .split('\n')
    .map((each) => each.split('\t')[0]!)
}

describe('words', () => {
  test('commands and paths first; then options of the command, of the program, and of the usual command', async () => {
    const first = await words('zsh', '')
    expect(first).toEqual(expect.arrayContaining(['check', 'port', 'explain', 'completions', 'help', ':files']))
    expect(await words('zsh', 'ch')).toEqual(['check', ':files'])
    expect(await words('zsh', 'a.c', 'ch')).toEqual([':files'])
    const usual = await words('zsh', '--')
    expect(usual).toEqual(expect.arrayContaining(['--fix', '--color', '--version', '--help', ':none']))
    const port = await words('zsh', 'port', 'a.c', '--')
    expect(port).toEqual(expect.arrayContaining(['--commits', '--color', '--help']))
    expect(port).not.toEqual(expect.arrayContaining(['--select']))
    expect(await words('zsh', 'port', '--', '--')).toEqual([':files'])
    expect(new Set(usual).size).toBe(usual.length)
  })

  test('what stands for a value is that of the option, behind a blank or a sign', async () => {
    expect(await words('zsh', '--color', 'a')).toEqual(['auto', 'always', ':none'])
    expect(await words('zsh', 'check', '--color=al')).toEqual(['--color=always', ':none'])
    expect(await words('zsh', '-t', '3.2')).toEqual(['3.2', ':none'])
    expect(await words('zsh', '-t', '3.9', 'check', '--target=3.15,a')).toEqual(['--target=3.15,abi3t', ':none'])
    expect(await words('zsh', 'port', '-t', 'a')).toEqual([':none'])
    expect(await words('zsh', '--headers', 'a')).toEqual([':none'])
    expect(await words('zsh', '-t3.9', '-I', '')).toEqual([':directories'])
    expect(await words('zsh', '--compile-commands', '')).toEqual([':files'])
    expect(await words('zsh', '-f', 'json=a,sar')).toEqual(['json=a,sarif', ':none'])
    expect(await words('zsh', '-f', 'sarif=')).toEqual([':files'])
    expect(await words('zsh', 'targets', '-f', 'j')).toEqual(['json', ':none'])
    expect(await words('zsh', '-D', '')).toEqual([':none'])
  })

  test('rules, names of the C API, shims, and what commands take', async () => {
    const all = await words('fish', '--select', '')
    expect(all).toEqual(['errors', 'advice', 'all', ...rules.map(({ name }) => name), ':none'])
    expect(await words('fish', '--ignore', 'errors,unavailable-ty')).toEqual(['errors,unavailable-type', ':none'])
    const { stdout } = await run(cwd, ['completions', 'fish', '--', 'explain', 'unavailable-type'])
    expect(stdout).toBe('unavailable-type\ttype that the Limited API does not have\n:none\n')
    expect(await words('fish', 'explain', 'PyTuple_GET_')).toEqual(['PyTuple_GET_ITEM', 'PyTuple_GET_SIZE', ':none'])
    expect(await words('fish', 'explain', 'PyTuple_GET_ITEM', '')).toEqual([':none'])
    expect(await words('fish', 'shims', 'PepRun_String', 'PyRun_StringFl')).toEqual(['PyRun_StringFlags', ':none'])
    expect(await words('fish', 'rewrite', 'm')).toEqual(['module', ':none'])
    expect(await words('fish', 'rewrite', 'module', 'm')).toEqual([':files'])
    expect(await words('fish', 'completions', '')).toEqual(['bash', 'zsh', 'fish', 'powershell', ':none'])
  })

  test('bash divides words at =, and PowerShell leaves out empty ones', async () => {
    expect(await words('bash', 'check', '--target', '=', 'ab')).toEqual(['abi3t', ':none'])
    expect(await words('bash', 'check', '--color', '=')).toEqual(['auto', 'always', 'never', ':none'])
    expect(await words('bash', 'check', '--color=a')).toEqual(['--color=auto', '--color=always', ':none'])
    expect(await words('bash', '-f', 'sarif', '=', 'a')).toEqual([':files'])
    expect(await words('bash', '-f', 'sarif', '=', '')).toEqual(expect.arrayContaining(['check', ':files']))
    expect(await words('powershell', 'rewrite', '.')).toEqual(['types', 'module', 'capsule', 'abi3t', ':none'])
    expect(await words('powershell', 'rewrite', 'ca.')).toEqual(['capsule', ':none'])
  })

  test('what is no shell is told of', async () => {
    expect(await run(cwd, ['completions', 'csh'])).toMatchObject({ code: 2, stdout: '' })
  })
})

/** What is typed, a tab at its end, and the arguments that the shell then runs the program with. */
const typed: readonly (readonly [string, ...string[]])[] = [
  ['che\t', 'check'],
  ['check --exit-n\t', 'check', '--exit-non-zero-on-fix'],
  ['--target=ab\t', '--target=abi3t'],
  ['--target 3.9,ab\t', '--target', '3.9,abi3t'],
  ['check --select errors,unavailable-third\t', 'check', '--select', 'errors,unavailable-third-party-header'],
  ['spa\t', 'spam.c'],
  ['check two\t', 'check', 'two words.c'],
  ['check -f sarif=spa\t', 'check', '-f', 'sarif=spam.c'],
  ['explain PyTuple_GET_IT\t', 'explain', 'PyTuple_GET_ITEM'],
  ['check --nothing-like-it\t', 'check', '--nothing-like-it'],
]

/** A directory with files, and in `bin` the program, which says what it is run with where a person runs it. */
function place(): { readonly path: string; readonly env: NodeJS.ProcessEnv } {
  const path = folder({ 'spam.c': '', 'two words.c': '', 'bin/.keep': '' })
  const show = `[ "$1" = completions ] && exec "${process.execPath}" "${program}" "$@"`
  const text = `#!/bin/sh\n${show}\nprintf 'RAN'; printf ' <%s>' "$@"; echo .\n`
  writeFileSync(join(path, 'bin/abi3lint'), text)
  chmodSync(join(path, 'bin/abi3lint'), 0o755)
  return { path, env: { PATH: `${path}/bin:${process.env.PATH}`, TERM: 'dumb', HOME: path, LC_ALL: 'C.UTF-8' } }
}

const hasProgram = (name: string): boolean => !isWindows && spawnSync(name, ['--version']).status === 0
const hasTerminal = process.platform === 'linux' && hasProgram('script')

describe('shells', () => {
  for (const [shell, command, setUp] of [
    ['bash', 'bash --norc --noprofile -i', 'eval "$(abi3lint completions bash)"'],
    ['zsh', 'zsh -f -i', 'autoload -U compinit; compinit -D; source <(abi3lint completions zsh)'],
  ] as const) {
    test.skipIf(!hasTerminal || !hasProgram(shell))(`${shell}, at a terminal`, () => {
      const { path, env } = place()
      const input = [setUp, ...typed.map(([line]) => `abi3lint ${line}`), 'exit', ''].join('\n')
      const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
        cwd: path,
        env,
        input,
        encoding: 'utf8',
      })
      const ran = [...stdout.matchAll(/^RAN (.*)\.\r?$/gm)].map(([, words]) => words)
      expect(ran).toEqual(typed.map(([, ...words]) => words.map((each) => `<${each}>`).join(' ')))
    })
  }

  test.skipIf(!hasProgram('fish'))('fish', () => {
    const { path, env } = place()
    for (const [line, ...words] of typed) {
      const asked = ['--no-config', '-c', 'abi3lint completions fish | source; complete -C $argv[1]']
      const { stdout } = spawnSync('fish', [...asked, `abi3lint ${line.trimEnd()}`], {
        cwd: path,
        env,
        encoding: 'utf8',
      })
      const found = stdout.split('\n').flatMap((each) => (each === '' ? [] : [each.split('\t')[0]]))
      expect(found).toEqual(line.includes('nothing') ? [] : [words.at(-1)])
    }
  })
})
