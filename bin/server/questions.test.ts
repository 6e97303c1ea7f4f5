import { rmSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import {
  ApplyWorkspaceEditRequest,
  type CodeAction,
  CodeActionRequest,
  CodeActionResolveRequest,
  CodeLensRequest,
  CompletionRequest,
  ExecuteCommandRequest,
  HoverRequest,
  type TextDocumentEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver/node'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { folder, scratch } from '../../fixtures/command-line.ts'
import { Client } from '../../fixtures/server/client.ts'

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const macros = `#include <Python.h>
PyObject *first(PyObject *t) { return PyTuple_GET_ITEM(t, 0); }
PyObject *second(PyObject *t) { return PyTuple_GET_ITEM(t, 1); }
`
const level = '[tool.abi3lint]\ntarget = "3.9"\n'

/** A server with a file that is open. */
async function opened(text: string, capabilities?: Parameters<Client['initialize']>[0]): Promise<Client> {
  const client = new Client(folder({ 'a.c': text, 'pyproject.toml': level }))
  await client.initialize(capabilities)
  await client.open('a.c', text)
  return client
}

/** The text of `a.c` with edits of an answer. */
function edited(client: Client, text: string, edit: WorkspaceEdit | undefined): string {
  const uri = client.uriOf('a.c')
  const changes = (edit?.documentChanges ?? []).filter((each): each is TextDocumentEdit => 'textDocument' in each)
  const own = edit?.changes?.[uri] ?? changes.find(({ textDocument }) => textDocument.uri === uri)?.edits ?? []
  return TextDocument.applyEdits(TextDocument.create(uri, 'c', 1, text), own as WorkspaceEdit['changes'] & [])
}

/** The actions for a line, from 0. */
async function actionsOn(client: Client, line: number, only?: string[]): Promise<readonly CodeAction[]> {
  const range = { start: { line, character: 0 }, end: { line, character: 1000 } }
  const textDocument = { uri: client.uriOf('a.c') }
  const context = { diagnostics: [], ...(only && { only }) }
  return ((await client.connection.sendRequest(CodeActionRequest.type, { textDocument, range, context })) ??
    []) as CodeAction[]
}

/** An action with its edits. */
const chosen = (client: Client, action: CodeAction | undefined): Promise<CodeAction> =>
  client.connection.sendRequest(CodeActionResolveRequest.type, action!)

/** What is left in `a.c` with another text. */
async function left(client: Client, text: string): Promise<readonly string[]> {
  await client.change('a.c', [{ text }])
  return (await client.diagnostics('a.c')).map(({ range, code }) => `${range.start.line + 1} ${code}`)
}

describe.concurrent('what a client asks the server', () => {
  test('fixes, comments that suppress, and all fixes of a file', async ({ expect }) => {
    const client = await opened(macros)
    const actions = await actionsOn(client, 1)
    expect(actions.map(({ title }) => title)).toMatchInlineSnapshot(`
      [
        "Write \`PyTuple_GetItem(t, i)\`",
        "Suppress unavailable-macro here",
        "Make all safe fixes of this file",
        "Make all safe fixes of this file",
      ]
    `)
    const fixed = edited(client, macros, actions[0]!.edit)
    const suppressed = await chosen(
      client,
      actions.find(({ title }) => title.startsWith('Suppress')),
    )
    const all = await chosen(client, (await actionsOn(client, 2, ['source.fixAll']))[0])
    expect(await left(client, fixed)).toEqual(['3 unavailable-macro'])
    expect(await left(client, edited(client, macros, suppressed.edit))).toEqual(['3 unavailable-macro'])
    expect(await left(client, edited(client, macros, all.edit))).toEqual([])
    expect(edited(client, macros, suppressed.edit)).toContain('/* abi3lint: ignore[unavailable-macro] */')
    await expect(chosen(client, { ...actions[1]! })).rejects.toThrow('changed meanwhile')
    expect(await client.end()).toBe(0)
  })

  test('a fix with a shim makes its header and includes it', async ({ expect }) => {
    const text = '#include <Python.h>\nconst char *f(PyTypeObject *t) { return t->tp_name; }\n'
    const client = await opened(text)
    const action = await chosen(client, (await actionsOn(client, 1))[0])
    expect(action.title).toBe(
      'Use the shim `PepType_GetTpName(type)` ' +
        '(unsafe: a type made in C is named with the `__module__` that a program has set)',
    )
    const [create, header] = action.edit!.documentChanges!
    expect(create).toMatchObject({ kind: 'create' })
    expect(JSON.stringify(header)).toContain('Pep')
    expect(edited(client, text, action.edit)).toMatchInlineSnapshot(`
      "#include <Python.h>
      #include "pep_shims.h"
      const char *f(PyTypeObject *t) { return PepType_GetTpName(t); }
      "
    `)
    expect(await client.end()).toBe(0)
  })

  test('who cannot make files nor resolve is offered what it can do', async ({ expect }) => {
    const text = '#include <Python.h>\nconst char *f(PyTypeObject *t) { return t->tp_name; }\n'
    const client = await opened(text, {})
    const actions = await actionsOn(client, 1)
    expect(actions.map(({ title, edit }) => [title, Object.keys(edit ?? {})])).toMatchInlineSnapshot(`
      [
        [
          "Suppress opaque-struct-member here",
          [
            "changes",
          ],
        ],
      ]
    `)
    expect(await client.end()).toBe(0)
  })

  test('hovers, shims and names of rules', async ({ expect }) => {
    const text = `${macros}/* abi3lint: ignore[una] */\nint g(void) { return Pep; }\n`
    const client = await opened(text)
    const textDocument = { uri: client.uriOf('a.c') }
    const hover = await client.connection.sendRequest(HoverRequest.type, {
      textDocument,
      position: { line: 1, character: 45 },
    })
    expect(hover?.contents).toMatchInlineSnapshot(`
      {
        "kind": "markdown",
        "value": "**\`PyTuple_GET_ITEM\`** macro, gives \`PyObject*\`

      |  | 3.2 to 3.15 | abi3t, 3.15 |
      | --- | --- | --- |
      | headers of CPython | yes |  |
      | Limited API, by level | no | no |

      Instead:

      - \`PyTuple_GetItem(t, i)\` (needs PyTuple&#95;GetItem): still a borrowed reference; checks the type and the index: NULL with an exception instead of undefined behaviour; no lvalue, so neither an assignment nor &#38; of it
      - shim: \`PepTuple_GET_ITEM\`",
      }
    `)
    const complete = async (line: number, character: number): Promise<readonly string[]> => {
      const items = await client.connection.sendRequest(CompletionRequest.type, {
        textDocument,
        position: { line, character },
      })
      return (items as { label: string }[]).map(({ label }) => label)
    }
    expect(await complete(3, 23)).toContain('unavailable-macro')
    expect(await complete(4, 24)).toContain('PepRun_String')
    expect(await complete(1, 10)).toEqual([])
    expect(await client.end()).toBe(0)
  })

  test('a lens makes heap types of static ones, and asks before', async () => {
    const text = `#include <Python.h>
typedef struct { PyObject_HEAD } Spam;
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(Spam),
};
static struct PyModuleDef def = { PyModuleDef_HEAD_INIT, .m_name = "spam" };
PyMODINIT_FUNC PyInit_spam(void)
{
    PyObject *m = PyModule_Create(&def);
    if (m == NULL) return NULL;
    if (PyType_Ready(&Spam_Type) < 0) return NULL;
    return m;
}
`
    const client = await opened(text)
    const lenses = await client.connection.sendRequest(CodeLensRequest.type, {
      textDocument: { uri: client.uriOf('a.c') },
    })
    expect(lenses?.map(({ range, command }) => [range.start.line, command?.title])).toEqual([
      [2, 'make it a heap type: preview'],
    ])
    const asked = new Promise<WorkspaceEdit>((resolve) => {
      client.connection.onRequest(ApplyWorkspaceEditRequest.type, ({ edit }) => {
        resolve(edit)
        return { applied: true }
      })
    })
    const { command, arguments: given } = lenses![0]!.command!
    await client.connection.sendRequest(ExecuteCommandRequest.type, { command, arguments: given! })
    const edit = await asked
    expect(Object.values(edit.changeAnnotations!)).toMatchObject([{ needsConfirmation: true }])
    expect(edited(client, text, edit)).toContain('static PyType_Spec Spam_Type_spec = {')
    expect(await client.end()).toBe(0)
  })
})

test('a hover says the same in any text, at its place, and nothing of that text', async () => {
  const texts = [
    '',
    '</script><img src=x onerror=alert(1)>',
    '\u202e desrever \u2066 \u200b',
    '\x1b[31m red \x1b]8;;http://x\x07 \x85',
    '`|`](javascript:alert(1)) [x](command:y) <b>',
    'x<b>'.repeat(250_000),
    // What editors make of bytes that are no UTF-8.
    '\ufffd\ufffd \u{1f600}',
    '\ud800',
  ]
  const before = texts.map((each) => `/* ${each} */ PyObject *f(PyObject *t) { return `)
  const text = `#include <Python.h>\n${before.map((each) => `${each}PyTuple_GET_ITEM(t, 0); }\n`).join('')}`
  const onDisk = text.replaceAll('\ufffd', '\0')
  // The file itself holds such bytes.
  const bytes = Buffer.from(onDisk).map((byte) => (byte === 0 ? 0xff : byte))
  const files = { 'a.c': Buffer.from(bytes), 'pyproject.toml': level }
  for (const format of ['markdown', 'plaintext'] as const) {
    const client = new Client(folder(files))
    await client.initialize({ textDocument: { hover: { contentFormat: [format] } } })
    await client.open('a.c', text)
    const hovers = []
    for (const [index, each] of before.entries()) {
      const position = { line: index + 1, character: each.length + 3 }
      const hover = await client.connection.sendRequest(HoverRequest.type, {
        textDocument: { uri: client.uriOf('a.c') },
        position,
      })
      const [start, end] = [each.length, each.length + 'PyTuple_GET_ITEM'.length]
      expect(hover?.range).toEqual({
        start: { line: index + 1, character: start },
        end: { line: index + 1, character: end },
      })
      hovers.push(hover?.contents)
    }
    expect(hovers[0]).toMatchObject({ kind: format, value: expect.stringContaining('PyTuple_GET_ITEM') })
    for (const each of hovers) expect(each).toEqual(hovers[0])
    expect(await client.end()).toBe(0)
  }
})
