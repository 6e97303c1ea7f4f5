import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { folder, run, scratch } from '../fixtures/command-line.ts'

/** What options and a compilation database say of how the project is compiled. */

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe('how the project is compiled', () => {
  test('a directory of headers that is none is told of', async () => {
    const cwd = folder({ 'a.c': '#include <Python.h>\n', 'include/b.h': '' })
    const { code, stderr } = await run(cwd, ['-I', 'nope', '-I', 'include', '-I', 'a.c', 'a.c'])
    expect([code, stderr]).toEqual([
      0,
      'warning: -I nope: there is no such directory\nwarning: -I a.c: is no directory\n',
    ])
  })

  const sources = {
    'a.c': '#include <Python.h>\n#include <spam.h>\n#ifdef FAST\nint f(PyObject *o) { return SIZE(o); }\n#endif\n',
    'old/spam.h': '#define SIZE(o) PyTuple_GET_SIZE(o)\n',
    'new/spam.h': '#define SIZE(o) PyTuple_Size(o)\n',
  }
  const concise = async (path: string, ...args: string[]) =>
    (await run(path, ['-f', 'concise', ...args])).stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(' ', 2).join(' '))
  const at = (directory: string): string =>
    folder(
      Object.fromEntries(
        Object.entries(sources).map(([name, text]) => [
          name.replace('/', '_'),
          text.replace('<spam.h>', `<${directory}_spam.h>`),
        ]),
      ),
    )

  test('-D and -U decide conditions', async () => {
    const path = at('old')
    expect(await concise(path, '-D', 'FAST')).toEqual([expect.stringMatching(/^old_spam\.h:1:\d+: error/)])
    expect((await run(path, ['-D', '1x'])).code).toBe(2)
    expect((await run(path, ['-U', 'A=1'])).code).toBe(2)
  })
  test('a compilation database says where headers are, which macros are defined, and the target', async () => {
    const path = folder({})
    mkdirSync(join(path, 'old'))
    mkdirSync(join(path, 'new'))
    for (const [name, text] of Object.entries(sources)) writeFileSync(join(path, name), text)
    const database = (directory: string) =>
      writeFileSync(
        join(path, 'compile_commands.json'),
        JSON.stringify([
          {
            directory: path,
            file: 'a.c',
            arguments: ['cc', '-I', directory, '-DFAST', '-DPy_LIMITED_API=0x030C0000', 'a.c'],
          },
        ]),
      )
    database('old')
    expect((await run(path, ['check', 'a.c'])).stderr).toContain(
      'target 3.12, from `Py_LIMITED_API` in the compiler options',
    )
    database('new')
    expect((await run(path, ['check', '-f', 'concise', '-t', '3.12', 'a.c'])).stdout).toBe('')
    writeFileSync(join(path, 'compile_commands.json'), '{')
    expect(await run(path, ['check', '-t', '3.12', 'a.c'])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('warning: compile_commands.json: is no JSON'),
    })
    expect(await run(path, ['check', '-t', '3.12', '--compile-commands', 'no.json', 'a.c'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('error: no.json: cannot be read'),
    })
  })
})
