import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { folder, program, run, scratch } from '../fixtures/command-line.ts'
import { rules } from '../rules/index.ts'
import { pageOf } from '../rules/pages.ts'

/** What a terminal gets, through a real one: `script` opens a pseudo-terminal. */

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const hasTerminal = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0
const source = { 'a.c': '#include <Python.h>\nPyObject *f(PyObject *t) { return PyTuple_GET_ITEM(t, 0); }\n' }

/** What a command writes to a terminal of so many columns as its output: stages are shown where the machine is slow. */
const atTerminal = (args: string, env: Readonly<Record<string, string>> = {}, columns = 100): string =>
  allAtTerminal(`${args} 2>/dev/null`, env, columns)

/** The same with what it writes as its errors. */
function allAtTerminal(args: string, env: Readonly<Record<string, string>>, columns: number): string {
  const command = `stty cols ${columns}; '${process.execPath}' '${program}' ${args}`
  const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
    cwd: folder(source),
    env: { PATH: process.env.PATH ?? '', TERM: 'xterm-256color', ABI3LINT_NO_CACHE: '1', ...env },
    encoding: 'utf8',
  })
  return stdout.replaceAll('\r\n', '\n')
}

const esc = String.fromCharCode(27)

describe.skipIf(!hasTerminal)('at a terminal', () => {
  test('differences are coloured there, and the same elsewhere without', async () => {
    const painted = atTerminal('check -t 3.11 --fix --diff')
    expect(painted).toContain(`${esc}[31m-PyObject *f`)
    expect(painted).toContain(`${esc}[32m+PyObject *f`)
    const { stdout } = await run(folder(source), ['check', '-t', '3.11', '--fix', '--diff'])
    expect(stripVTControlCharacters(painted)).toBe(stdout)
    expect(stdout).not.toContain(esc)
    expect(atTerminal('check -t 3.11 --fix --diff', { NO_COLOR: '1' })).toBe(stdout)
    expect(atTerminal('--color never check -t 3.11 --fix --diff')).toBe(stdout)
    expect(atTerminal('check -t 3.11 --fix --diff', { TERM: 'dumb' })).toBe(stdout)
  })

  test('rules are hyperlinks in terminals that know them, and nowhere else', () => {
    const link = `${esc}]8;;${pageOf('unavailable-macro')}${esc}\\`
    expect(atTerminal('check -t 3.11', { WT_SESSION: '1' })).toContain(link)
    for (const env of [
      {},
      { WT_SESSION: '1', NO_COLOR: '1' },
      { WT_SESSION: '1', TERM: 'dumb' },
      { WT_SESSION: '1', CI: '1' },
    ])
      expect(atTerminal('check -t 3.11', env)).not.toContain(`${esc}]8`)
    expect(rules.map(({ name }) => name)).toContain('unavailable-macro')
  })

  test('explain shows a bar over the versions, where it has the room', async () => {
    const wide = atTerminal('explain PyType_GetName')
    expect(wide).toContain(
      `level 3.           ... ... ... ... ... ... ... ... ... ${esc}[32m### ### ### ### ###${esc}[39m\n`,
    )
    const { stdout } = await run(folder({}), ['explain', 'PyType_GetName'])
    expect(stripVTControlCharacters(wide)).toBe(stdout)
    const narrow = atTerminal('explain PyType_GetName', {}, 60)
    expect(narrow).toMatch(/^PyType_GetName: .*\n\nCPython +since/)
    expect(narrow).not.toContain('#')
  })

  test('no line of a report is wider than the terminal, but for words that are', () => {
    const lines = stripVTControlCharacters(atTerminal('check -t 3.11', { NO_COLOR: '1' }, 50)).split('\n')
    expect(lines.filter((line) => / [=|] /.test(line) && line.length > 50)).toEqual([])
  })

  test('a stage is shown where a run takes longer, and taken away again', () => {
    const many = Array.from({ length: 60 }, (_, index) => `cp a.c b${index}.c`).join('; ')
    const text = allAtTerminal(
      `--version >/dev/null; ${many}; '${process.execPath}' --import ` +
        `'data:text/javascript,${encodeURIComponent('await new Promise((r) => setTimeout(r, 600))')}' ` +
        `'${program}' check -t 3.11 -f concise`,
      {},
      100,
    )
    expect(text).toContain('checking: asking the rules')
    expect(text.indexOf('checking: asking the rules')).toBeLessThan(text.indexOf('error['))
    expect(text).toContain(`${esc}[K`)
  })
})
