import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type Diagnostic, PublishDiagnosticsNotification } from 'vscode-languageserver/node'
import { bad, good } from '../../fixtures/checked.ts'
import { folder, run, scratch } from '../../fixtures/command-line.ts'
import { Client } from '../../fixtures/server/client.ts'

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** What is compared of diagnostics. */
const brief = (list: readonly Diagnostic[]): readonly string[] =>
  list.map(({ range, code }) => `${range.start.line + 1}:${range.start.character + 1} ${code}`)

/** The same of what `check` finds in a file. */
async function checked(cwd: string, file: string): Promise<readonly string[]> {
  const { stdout } = await run(cwd, ['check', file, '-f', 'json'])
  const report = JSON.parse(stdout) as { diagnostics: { line: number; column: number; rule: string }[] }
  return report.diagnostics.map(({ line, column, rule }) => `${line}:${column} ${rule}`)
}

describe.concurrent('server', () => {
  test('tells of what is open as `check` does, while it is changed', async () => {
    const cwd = folder({ 'a.c': bad })
    const client = new Client(cwd)
    const { capabilities } = await client.initialize()
    expect(capabilities).toMatchObject({ positionEncoding: 'utf-16' })
    await client.open('a.c', bad)
    expect(brief(await client.diagnostics('a.c'))).toEqual(await checked(cwd, 'a.c'))
    const start = { line: 2, character: 0 }
    await client.change('a.c', [{ range: { start, end: start }, text: '/* \u{1f600} */\n/* \u{1f600} */ ' }])
    const lines = bad.split('\n')
    lines.splice(2, 1, '/* \u{1f600} */', `/* \u{1f600} */ ${lines[2]}`)
    writeFileSync(join(cwd, 'a.c'), lines.join('\n'))
    const moved = await client.diagnostics('a.c')
    // A column of `check` is a character; here it has one more unit.
    expect(brief(moved)).toEqual(
      (await checked(cwd, 'a.c')).map((each) => each.replace(/:(\d+)/, (_, column) => `:${Number(column) + 1}`)),
    )
    await client.change('a.c', [{ text: good }])
    expect(await client.diagnostics('a.c')).toEqual([])
    expect(await client.end()).toBe(0)
    expect(client.stderr).toBe('')
  })

  test('a file that is on no disk yet, in bytes as UTF-8 has them', async () => {
    const client = new Client(folder({ 'h.c': good }))
    const { capabilities } = await client.initialize({
      general: { positionEncodings: ['utf-32', 'utf-8', 'utf-16'] },
      textDocument: { diagnostic: {} },
    })
    expect(capabilities.positionEncoding).toBe('utf-8')
    await client.open('new.c', bad.replace('\n', ' // \xe9\n'))
    expect(brief(await client.diagnostics('new.c'))).toHaveLength(1)
    expect(await client.end()).toBe(0)
  })

  test('a header that is open counts as it is there for what includes it', async () => {
    const cwd = folder({
      'a.c': '#include "own.h"\nint f(PyObject *o) { return GET(o) != 0; }\n',
      'own.h': '#include <Python.h>\n#define GET(o) (o)\n',
    })
    const client = new Client(cwd)
    await client.initialize()
    await client.open('a.c', '#include "own.h"\nint f(PyObject *o) { return GET(o) != 0; }\n')
    expect(await client.diagnostics('a.c')).toEqual([])
    await client.open('own.h', '#include <Python.h>\n#define GET(o) PyTuple_GET_ITEM(o, 0)\n')
    expect(brief(await client.diagnostics('own.h'))).toHaveLength(1)
    await client.close('own.h')
    expect(await client.diagnostics('a.c')).toEqual([])
    expect(await client.end()).toBe(0)
  })

  test('who asks for nothing is told', async () => {
    const client = new Client(folder({ 'a.c': bad }))
    await client.initialize({})
    const told = new Promise<readonly Diagnostic[]>((resolve) => {
      client.connection.onNotification(PublishDiagnosticsNotification.type, ({ diagnostics }) => resolve(diagnostics))
    })
    await client.open('a.c', bad)
    expect(brief(await told)).toHaveLength(1)
    expect(await client.exit()).toBe(1)
  })
})
