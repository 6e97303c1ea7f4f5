import { execFileSync } from 'node:child_process'
import { rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, describe, expect, test } from 'vitest'
import { elf, fat, machO, pe, wheelText, zip } from '../fixtures/binaries.ts'
import { folder, isWindows, type Outcome, run, scratch } from '../fixtures/command-line.ts'
import schema from '../reports/audit.schema.json' with { type: 'json' }

/** `abi3lint audit` as users start it. */

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema)

const good = elf({ imports: { '': ['PyList_New', 'PyType_GetModuleState'] }, exports: ['PyInit_x'] })
const bad = elf({ imports: { '': ['PyList_New', 'PyModule_AddObjectRef', '_PyUnicode_Ready'] }, exports: ['PyInit_x'] })
const other = elf({ imports: { '': ['malloc'] } })
const wheel = (library: Buffer, member = 'x/x.abi3.so', tag = 'cp39-abi3'): Buffer =>
  zip({ [member]: library, 'x/__init__.py': '', 'x-1.0.dist-info/WHEEL': wheelText(`${tag}-linux_x86_64`) })
const name = (tag = 'cp39-abi3'): string => `x-1.0-${tag}-linux_x86_64.whl`

const audit = (files: Readonly<Record<string, string | Buffer>>, ...args: readonly string[]): Promise<Outcome> =>
  run(folder(files), [
    'audit',
    ...(args.some((each) => !each.startsWith('-') && each in files) ? args : [...args, '.']),
  ])

describe('reports', () => {
  test('for people', async () => {
    const { code, stdout, stderr } = await audit({ [name()]: wheel(bad) }, name())
    expect([code, stderr]).toEqual([1, ''])
    expect(
      stdout,
    ).toBe(`error[import-newer-than-target]: no Python before 3.10 exports \`PyModule_AddObjectRef\`, and 3.9 is claimed (wheel tag cp39-abi3)
--> x-1.0-cp39-abi3-linux_x86_64.whl/x/x.abi3.so
 = help: claim 3.10 (Py_LIMITED_API=0x030A0000, wheel tag cp310-abi3), or do without it

error[import-outside-abi]: \`_PyUnicode_Ready\` is private, and not in the stable ABI
--> x-1.0-cp39-abi3-linux_x86_64.whl/x/x.abi3.so
 = help: define Py_LIMITED_API for every source, and build anew; \`abi3lint explain _PyUnicode_Ready\`
         and \`abi3lint check\` on the sources tell what to use instead
 = note: the headers of CPython 3.12 have it no more

x-1.0-cp39-abi3-linux_x86_64.whl: ELF x86_64; needs 3.10 (PyModule_AddObjectRef, in x/x.abi3.so); claims abi3 from 3.9 on (wheel tag cp39-abi3)
Found 2 errors in one place; 1 module audited.
`)
  })

  test('where all is well', async () => {
    const { code, stdout, stderr } = await audit({ [name()]: wheel(good), 'x.abi3.so': good })
    expect([code, stderr]).toEqual([0, ''])
    expect(
      stdout,
    ).toBe(`x-1.0-cp39-abi3-linux_x86_64.whl: ELF x86_64; needs 3.9 (PyType_GetModuleState, in x/x.abi3.so); claims abi3 from 3.9 on (wheel tag cp39-abi3)
x.abi3.so: ELF x86_64; needs 3.9 (PyType_GetModuleState); claims abi3 (file name x.abi3.so), from no version on; --target checks against one
All clear: 2 modules.
`)
  })

  test('for readers of lines', async () => {
    expect(await audit({ 'x.abi3.so': bad }, '-f', 'concise', '--target', '3.9', 'x.abi3.so')).toEqual({
      code: 1,
      stdout: `x.abi3.so: error[import-newer-than-target] no Python before 3.10 exports \`PyModule_AddObjectRef\`, and 3.9 is claimed (--target 3.9)
x.abi3.so: error[import-outside-abi] \`_PyUnicode_Ready\` is private, and not in the stable ABI
`,
      stderr: '',
    })
  })

  test('for programs, as the schema says', async () => {
    const files = {
      [name()]: wheel(bad),
      'x.abi3.so': fat([
        machO({ imports: { '': ['PyList_New'] } }, undefined, 0x1000007),
        machO({ imports: { '': ['_Py_Nothing'] } }),
      ]),
      'x.cp311-win_amd64.pyd': pe({ imports: { 'python311.dll': ['_PyUnicode_Ready'] } }),
      'lib.so': other,
      'empty.so': '',
    }
    const { code, stdout, stderr } = await audit(files, '-f', 'json')
    const report = JSON.parse(stdout) as { readonly modules: unknown; readonly summary: unknown }
    validate(report)
    expect(validate.errors).toBeNull()
    expect([code, stderr]).toEqual([2, 'error: empty.so: is empty\n'])
    expect(report.modules).toMatchObject([
      {
        file: name(),
        member: 'x/x.abi3.so',
        format: 'ELF',
        claim: { level: '3.9' },
        needs: { level: '3.10', names: ['PyModule_AddObjectRef'] },
      },
      { file: 'x.abi3.so', member: '', format: 'Mach-O', architectures: ['x86_64', 'arm64'], claim: { level: null } },
      { file: 'x.cp311-win_amd64.pyd', format: 'PE', claim: null, needs: null, imports: 1, outside: 1 },
    ])
    expect(report.summary).toEqual({ bySeverity: { error: 3, warning: 0, info: 1 }, libraries: 4, modules: 3 })
  })
})

describe('exit codes', () => {
  test.each([
    ['clean', { 'x.abi3.so': good }, [], 0],
    ['a warning', { [name('cp311-cp311')]: wheel(good, 'x.abi3.so', 'cp311-cp311') }, [], 0],
    ['an error', { 'x.abi3.so': bad }, [], 1],
    ['--target decides', { [name()]: wheel(good) }, ['--target', '3.8'], 1],
    ['not read beats an error', { 'x.abi3.so': bad, 'y.so': 'text' }, [], 2],
    ['a bad target', { 'x.abi3.so': good }, ['--target', '3.99'], 2],
    ['a bad format', { 'x.abi3.so': good }, ['-f', 'sarif'], 2],
  ] as const)('%s', async (_, files, args, code) => {
    expect((await audit(files as Readonly<Record<string, Buffer | string>>, ...args)).code).toBe(code)
  })

  test('no path', async () => {
    const { code, stderr } = await run(folder({}), ['audit'])
    expect(code).toBe(2)
    expect(stderr).toContain("missing required argument 'paths'")
  })
})

describe('what cannot be read', () => {
  test.each([
    ['x.so', 'GROUP ( libx.so.1 )\n', 'x.so: is no shared library: it holds text'],
    ['x.so', '', 'x.so: is empty'],
    ['x.so', good.subarray(0, 100), 'x.so: is cut off or damaged'],
    ['x.pyd', Buffer.from('MZ'), 'x.pyd: is cut off or damaged'],
    ['x.whl', 'no zip', 'x.whl: cannot be read as a wheel: '],
    ['x.whl', wheel(good).subarray(0, 200), 'x.whl: cannot be read as a wheel: '],
    [name(), wheel(Buffer.from('text')), `${name()}/x/x.abi3.so: is no shared library: it holds text`],
    [
      name(),
      zip({ 'x.abi3.so': good }, { 'x.abi3.so': 600 * 2 ** 20 }),
      `${name()}/x.abi3.so: is too large: it says that it has 629145600 bytes; up to 536870912 are read`,
    ],
    [name(), zip({ 'x.abi3.so': good }, { 'x.abi3.so': 10 }), `${name()}/x.abi3.so: cannot be unpacked: `],
    [name(), zip({ '../x.abi3.so': good }), `${name()}: cannot be read as a wheel: invalid relative path`],
  ])('%s: %#', async (file, content, message) => {
    const { code, stdout, stderr } = await audit({ [file]: content, 'good.abi3.so': good })
    expect(stderr).toMatch(/^error: [^\n]*\n$/)
    expect(stderr).toContain(message)
    expect(code).toBe(2)
    // The rest of the run goes on.
    expect(stdout).toContain('good.abi3.so: ELF')
  })

  test.skipIf(isWindows)('missing paths, links that lead nowhere or go round, pipes', async () => {
    const at = folder({ 'd/x.abi3.so': good })
    symlinkSync('nowhere', join(at, 'd/gone.so'))
    symlinkSync('..', join(at, 'd/up'))
    symlinkSync('circle.so', join(at, 'd/circle.so'))
    const { code, stdout, stderr } = await run(at, ['audit', 'd'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^d\/x\.abi3\.so: [^\n]*\nAll clear: 1 module\.\n$/)
    expect(stderr).toBe(`warning: d/circle.so: cannot be read: its symbolic links go round in a circle
warning: d/gone.so: cannot be read: there is no such file or directory
warning: d/up: is a link that leads out of what was asked for: left out
`)
    expect(await run(at, ['audit', 'missing.so', 'd/x.abi3.so'])).toMatchObject({
      code: 2,
      stderr: 'error: missing.so: cannot be read: there is no such file or directory\n',
    })
    execFileSync('mkfifo', [join(at, 'd/pipe.so')])
    expect(await run(at, ['audit', 'd/pipe.so'])).toMatchObject({
      code: 2,
      stderr: 'error: d/pipe.so: cannot be read: it is no regular file but a FIFO\n',
    })
    symlinkSync('pipe.so', join(at, 'd/pipe.whl'))
    const { stderr: told } = await run(at, ['audit', 'd'])
    expect(told).toContain('warning: d/pipe.so: cannot be read: it is no regular file but a FIFO\n')
    expect(told).toContain('warning: d/pipe.whl: cannot be read: it is no regular file but a FIFO\n')
  })

  test.skipIf(isWindows)('links are followed inside of what was asked for, and names may be no UTF-8', async () => {
    const at = folder({ 'd/lib/x.abi3.so': good, 'other/y.abi3.so': good })
    symlinkSync('lib', join(at, 'd/again'))
    symlinkSync('../other', join(at, 'd/out'))
    symlinkSync('../other/y.abi3.so', join(at, 'd/y.abi3.so'))
    writeFileSync(Buffer.concat([Buffer.from(`${at}/d/`), Buffer.of(0xe9), Buffer.from('.abi3.so')]), good)
    const { code, stdout, stderr } = await run(at, ['audit', 'd'])
    expect([code, stdout.match(/^\S+\.so(?=: ELF)/gm)]).toEqual([0, ['d/again/x.abi3.so', 'd/\\xe9.abi3.so']])
    expect(stderr).toBe(`warning: d/out: is a link that leads out of what was asked for: left out
warning: d/y.abi3.so: is a link that leads out of what was asked for: left out
`)
    expect((await run(at, ['audit', 'd', 'other'])).stderr).toBe('')
  })

  test('nothing to audit is a warning', async () => {
    expect(await audit({ [name('py3-none')]: zip({ 'x/__init__.py': '' }) })).toEqual({
      code: 0,
      stdout: 'No extension modules to audit.\n',
      stderr: `warning: ${name('py3-none')}: holds no extension module, so there is nothing to audit\n`,
    })
    expect(await audit({ 'x.c': '' })).toEqual({
      code: 0,
      stdout: 'No extension modules to audit.\n',
      stderr: 'warning: .: holds no .so, .pyd, .dylib and .whl file\n',
    })
    expect(await audit({ 'lib.so': other })).toMatchObject({ code: 0, stdout: 'No extension modules to audit.\n' })
  })

  test('hostile names are shown harmless', async () => {
    const { stdout } = await audit({ [name()]: wheel(bad, 'x/\x1b[31m\n.abi3.so') })
    expect(stdout).not.toMatch(/\x1b/)
    expect(stdout).toContain('␛[31m␊.abi3.so')
  })
})

test('files outside of wheels have names of each other', async () => {
  const files = {
    'x.abi3.so': elf({ imports: { 'libown.so': ['PyOwn_Thing'] }, exports: ['PyInit_x'] }),
    'libown.so': elf({ exports: ['PyOwn_Thing'] }),
  }
  expect(await audit(files, '-f', 'concise')).toEqual({ code: 0, stdout: '', stderr: '' })
  expect((await audit({ 'x.abi3.so': files['x.abi3.so'] }, '-f', 'concise')).stdout).toBe(
    'x.abi3.so: warning[import-outside-abi] `PyOwn_Thing` is not in the stable ABI\n',
  )
})
