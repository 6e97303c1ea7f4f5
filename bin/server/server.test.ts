import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import {
  type CancellationToken,
  CancellationTokenSource,
  type Diagnostic,
  DidChangeWatchedFilesNotification,
  DidSaveTextDocumentNotification,
  DocumentDiagnosticRequest,
  LSPErrorCodes,
  type PreviousResultId,
  PublishDiagnosticsNotification,
  ShowMessageNotification,
  WorkspaceDiagnosticRequest,
} from 'vscode-languageserver/node'
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

  test('what is typed while files are read is told of where it stands', async () => {
    const client = new Client(folder({ 'a.c': bad }))
    await client.initialize()
    await client.open('a.c', bad)
    const start = { line: 0, character: 0 }
    let isAnswered = false
    const first = client.diagnostics('a.c').finally(() => {
      isAnswered = true
    })
    const answers: Promise<readonly Diagnostic[]>[] = [first]
    while (!isAnswered && answers.length < 200) {
      await client.change('a.c', [{ range: { start, end: start }, text: '\n' }])
      answers.push(client.diagnostics('a.c'))
      await new Promise((go) => setTimeout(go, 1))
    }
    const told = (await Promise.allSettled(answers)).flatMap((each) => (each.status === 'fulfilled' ? each.value : []))
    expect(new Set(told.map(({ range, code }) => `${range.start.character} ${code}`))).toEqual(
      new Set(['34 unavailable-macro']),
    )
    expect(await client.end()).toBe(0)
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

describe.concurrent('server and project', () => {
  test('all files of the project, once and again when one was saved, unless nobody waits for it', async () => {
    const cwd = folder({ 'a.c': bad, 'sub/b.c': bad, 'good.c': good })
    const client = new Client(cwd)
    await client.initialize()
    await client.open('a.c', good)
    const ask = async (previousResultIds: PreviousResultId[], token?: CancellationToken) =>
      (await client.connection.sendRequest(WorkspaceDiagnosticRequest.type, { previousResultIds }, token)).items
    const first = await ask([])
    const told = first.map((each) => [each.uri, each.kind === 'full' ? brief(each.items).length : null])
    expect(told.sort()).toEqual([
      [client.uriOf('a.c'), 0],
      [client.uriOf('sub/b.c'), 1],
    ])
    const ids = first.map(({ uri, resultId }) => ({ uri, value: resultId! }))
    const source = new CancellationTokenSource()
    const held = ask(ids, source.token)
    source.cancel()
    await expect(held).rejects.toThrow('cancelled')
    const next = ask(ids)
    writeFileSync(join(cwd, 'sub/b.c'), good)
    await client.connection.sendNotification(DidSaveTextDocumentNotification.type, {
      textDocument: { uri: client.uriOf('sub/b.c') },
    })
    const kinds = (await next).map((each) => [each.uri, each.kind === 'full' ? each.items.length : 'unchanged'])
    expect(kinds.sort()).toEqual([
      [client.uriOf('a.c'), 'unchanged'],
      [client.uriOf('sub/b.c'), 0],
    ])
    expect(await client.end()).toBe(0)
  })

  test('what is wrong with the configuration is shown, and gone once that is saved', { timeout: 60_000 }, async () => {
    const cwd = folder({ 'a.c': bad, 'abi3lint.toml': 'target = "2.7"\n' })
    const client = new Client(cwd)
    await client.initialize()
    const shown = new Promise<string>((resolve) => {
      client.connection.onNotification(ShowMessageNotification.type, ({ message }) => resolve(message))
    })
    await client.open('a.c', bad)
    expect(await client.diagnostics('a.c')).toEqual([])
    expect(await shown).toContain('abi3lint.toml:1')
    writeFileSync(join(cwd, 'abi3lint.toml'), 'target = "3.9"\n')
    await client.connection.sendNotification(DidChangeWatchedFilesNotification.type, {
      changes: [{ uri: client.uriOf('abi3lint.toml'), type: 2 }],
    })
    expect(await client.diagnostics('a.c')).toHaveLength(1)
    expect(await client.end()).toBe(0)
  })

  test('nobody who has cancelled gets an answer', async () => {
    const client = new Client(folder({ 'a.c': bad }))
    await client.initialize()
    await client.open('a.c', bad)
    const source = new CancellationTokenSource()
    const textDocument = { uri: client.uriOf('a.c') }
    const asked = client.connection.sendRequest(DocumentDiagnosticRequest.type, { textDocument }, source.token)
    source.cancel()
    await expect(asked).rejects.toMatchObject({ code: LSPErrorCodes.RequestCancelled })
    expect(await client.diagnostics('a.c')).toHaveLength(1)
    expect(await client.end()).toBe(0)
  })

  test('ends with the editor, be that killed', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '0'])
    const client = new Client(folder({}), { editor: pid })
    expect(await client.ends()).toBe(1)
  })
})
