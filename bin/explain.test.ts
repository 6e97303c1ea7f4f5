import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { folder, type Outcome, root, run, scratch } from '../fixtures/command-line.ts'
import { formats } from '../reports/index.ts'
import { rules } from '../rules/index.ts'

/** The commands that only say something. */

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe.concurrent('explain, rules, help', () => {
  const explain = (name: string): Promise<Outcome> => run(folder({}), ['explain', name])

  test('explain a rule', async () => {
    const { code, stdout, stderr } = await explain('unavailable-macro')
    expect(stdout).toMatch(/^unavailable-macro: .+\n\nseverity: error, effect: build-break, the build breaks\n\n/)
    expect(stdout).toContain('\nreported (target ')
    expect(stdout).toContain('\nsilent (target ')
    expect([code, stderr]).toEqual([0, ''])
  })

  test('explain a rule whose examples hang on the headers, and one that runs on request', async () => {
    const examples = (await explain('shim-version-guard')).stdout.split(/(?=^(?:reported|silent) )/m).slice(1)
    expect(new Set(examples).size).toBe(examples.length)
    expect(examples.some((each) => each.startsWith('silent (target 3.9, headers 3.9):'))).toBe(true)
    expect((await explain('string-loop-access')).stdout).toContain(
      '; runs only where it is selected, by its name, by advice or by all\n',
    )
  })

  test('explain a profile: what is in it', async () => {
    const { code, stdout, stderr } = await explain('advice')
    expect(stdout).toMatch(/^advice: profile, for --select and --ignore\n\n/)
    expect(stdout).toMatch(/\n {2}string-loop-access: .*\n/)
    expect(stdout).not.toContain('unavailable-macro')
    expect([code, stderr]).toEqual([0, ''])
  })

  test('explain a pattern that is no rule', async () => {
    const { code, stdout } = await explain('unowned-not-implemented')
    expect(code).toBe(0)
    expect(stdout).toContain('unowned-singleton: ')
  })

  test('explain a name', async () => {
    const { code, stdout, stderr } = await explain('PyTuple_GET_ITEM')
    expect(stdout).toMatch(/^PyTuple_GET_ITEM: macro/)
    expect(stdout).toMatch(/\nLimited API +no, at no level\n/)
    expect(stdout).toContain('PyTuple_GetItem')
    expect([code, stderr]).toEqual([0, ''])
    expect((await explain('PyType_GetName')).stdout).toMatch(/\nLimited API +from level 3\.11 on/)
  })

  test('explain a field', async () => {
    const { code, stdout, stderr } = await explain('PyTypeObject.tp_free')
    expect(stdout).toMatch(/^PyTypeObject\.tp_free: field, freefunc\n\nstruct +opaque at every level of the Limited/)
    expect(stdout).toContain('PyType_GetSlot')
    expect([code, stderr]).toEqual([0, ''])
  })

  test('explain a field without its struct: the struct, the slot, and the rules that speak of it', async () => {
    const { code, stdout, stderr } = await explain('tp_free')
    expect(stdout).toMatch(/^PyTypeObject\.tp_free: field, freefunc\n/)
    expect(stdout).toContain('\nslot               Py_tp_free; abi3lint explain Py_tp_free\n')
    expect(stdout).toMatch(/\nrules\n(?: {2}.*\n)* {2}direct-instance-free: /)
    expect([code, stderr]).toEqual([0, ''])
    expect((await explain('tp_as_mapping')).stdout).toMatch(/^PyTypeObject\.tp_as_mapping: field/)
    expect((await explain('PyTuple_GET_ITEM')).stdout).toMatch(/\nrules\n {2}unavailable-macro: /)
    expect(await explain('tp_nothing')).toMatchObject({ code: 2, stdout: '' })
  })

  test('explain a shim, by its name and by that of what it stands for', async () => {
    expect((await explain('PyCodeObject.co_filename')).stdout).toContain('\n  shim: PepCode_GetFilename; ')
    expect((await explain('Py_XSETREF')).stdout).toContain('\n  shim: Pep_XSETREF; ')
    const { code, stdout } = await explain('PepType_Ready')
    expect([code, stdout.split('\n')[0]]).toEqual([0, 'PepType_Ready: shim'])
    expect(stdout).toContain('static inline int PepType_Ready(')
  })

  test('every rule is listed and has a page', async () => {
    const { code, stdout, stderr } = await run(folder({}), ['rules'])
    expect([code, stderr]).toEqual([0, ''])
    const listed = stdout.split('\n').map((line) => line.split(/ +/).slice(0, 2).join(' '))
    const expected = rules.map(({ name, severity }) => `${name} ${severity}`)
    expect(listed.filter((line) => expected.includes(line)).sort()).toEqual(expected.sort())
    expect(stdout).toMatch(/\nstring-loop-access +info +.* \(on request\)\n/)
    expect(stdout).toMatch(new RegExp(`\nall +${rules.length} +every rule\n`))
  })

  test('help and version', async () => {
    const help = await run(folder({}), ['--help'])
    expect(help).toMatchObject({ code: 0, stderr: '' })
    for (const command of ['check', 'explain', 'rules']) expect(help.stdout).toContain(`\n  ${command} `)
    const checkHelp = await run(folder({}), ['check', '--help'])
    const options = ['--target', '--select', '--exit-zero', ...Object.keys(formats)]
    for (const option of options) expect(checkHelp.stdout).toContain(option)
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    expect(await run(folder({}), ['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })
})
