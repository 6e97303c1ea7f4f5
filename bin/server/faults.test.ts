import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test, vi } from 'vitest'
import {
  CodeActionRequest,
  createConnection,
  createProtocolConnection,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentDiagnosticRequest,
  HoverRequest,
  InitializeRequest,
  LogMessageNotification,
  ProposedFeatures,
  ShowMessageNotification,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node'
import { bad } from '../../fixtures/checked.ts'
import { folder, scratch } from '../../fixtures/command-line.ts'
import { ableClient } from '../../fixtures/server/client.ts'
import { rules } from '../../rules/index.ts'
import { listen } from './server.ts'

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** A client of a server in this process, where a rule can be broken. */
async function inThisProcess() {
  const [there, back] = [new PassThrough(), new PassThrough()]
  const server = createConnection(ProposedFeatures.all, new StreamMessageReader(there), new StreamMessageWriter(back))
  listen(server)
  const client = createProtocolConnection(new StreamMessageReader(back), new StreamMessageWriter(there))
  const [logged, shown]: [string[], string[]] = [[], []]
  client.onNotification(LogMessageNotification.type, ({ message }) => void logged.push(message))
  client.onNotification(ShowMessageNotification.type, ({ message }) => void shown.push(message))
  client.listen()
  await client.sendRequest(InitializeRequest.type, { processId: null, rootUri: null, capabilities: ableClient })
  const textDocument = { uri: String(pathToFileURL(join(folder({ 'a.c': bad }), 'a.c'))) }
  let version = 1
  const document = { ...textDocument, languageId: 'c', version, text: bad }
  await client.sendNotification(DidOpenTextDocumentNotification.type, { textDocument: document })
  return {
    client,
    logged,
    shown,
    textDocument,
    change: (text: string) =>
      client.sendNotification(DidChangeTextDocumentNotification.type, {
        textDocument: { ...textDocument, version: ++version },
        contentChanges: [{ text }],
      }),
    found: async () => {
      const report = await client.sendRequest(DocumentDiagnosticRequest.type, { textDocument })
      return report.kind === 'full' ? report.items.map(({ range, code }) => `${range.start.line + 1} ${code}`) : null
    },
    end: () => {
      client.dispose()
      server.dispose()
    },
  }
}

test('where a rule throws, what was found before stays, the fault is said once, and all is well afterwards', async () => {
  const { client, logged, shown, textDocument, change, found, end } = await inThisProcess()
  const rule = rules.find(({ name }) => name === 'unavailable-macro')!
  const { check } = rule
  let isBroken = false
  // A project that is open keeps its rules, so this is there before.
  const changed = vi.spyOn(rule, 'check').mockImplementation((context) => {
    if (isBroken) throw new Error('broken on purpose')
    return check(context)
  })
  try {
    expect(await found()).toEqual(['3 unavailable-macro'])
    isBroken = true
    for (const lines of ['\n', '\n\n']) {
      await change(`${lines}${bad}`)
      expect(await found()).toEqual(['3 unavailable-macro'])
    }
    // Who asks for something else is answered.
    const position = { line: 4, character: 40 }
    expect(await client.sendRequest(HoverRequest.type, { textDocument, position })).not.toBeNull()
    const range = { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } }
    const context = { diagnostics: [] }
    expect(await client.sendRequest(CodeActionRequest.type, { textDocument, range, context })).toEqual([])
    expect(logged.every((each) => each.includes('internal error: Error: broken on purpose\n'))).toBe(true)
    expect(logged.length).toBeGreaterThan(1)
    expect(shown).toEqual(['abi3lint: internal error, so findings may be old: broken on purpose'])
    isBroken = false
    await change(`\n${bad}`)
    expect(await found()).toEqual(['4 unavailable-macro'])
  } finally {
    changed.mockRestore()
  }
  end()
})
