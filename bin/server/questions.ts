import {
  type CancellationToken,
  type CodeAction,
  MessageType,
  type TextDocumentIdentifier,
} from 'vscode-languageserver/node'
import { readAsset } from '../../analyzer/store/assets.ts'
import { loadApi } from '../../analyzer/workspace/assets.ts'
import type { Findings } from './checked-file.ts'
import { actionsFor, allResolved, resolved, typesEdit } from './code-actions.ts'
import { completionsAt } from './completion.ts'
import type { Document } from './documents.ts'
import { hoverAt } from './hover.ts'
import { lensesFor, rewriteTypesCommand } from './lenses.ts'
import type { Session } from './session.ts'

const nothing: Findings = { diagnostics: [], problems: [], rules: [] }

/** Answers what a client asks of documents, besides their diagnostics. */
export function answerQuestions(session: Session): void {
  const { connection, documents, client, work } = session
  /**
   * Asks about a document as it is now, and what is found in it; `none` where it is not open. Where it cannot be said
   * what is found, that is nothing: what was found in another text stands elsewhere in this one.
   */
  const ask = <T>(
    { uri }: TextDocumentIdentifier,
    token: CancellationToken,
    none: T,
    answer: (document: Document, findings: Findings) => T | Promise<T>,
  ): Promise<T> =>
    work.add(token, async () => {
      const document = documents.get(uri)
      return document === null ? none : answer(document, (await session.findingsOf(document)) ?? nothing)
    })
  connection.onCodeAction((params, token) =>
    ask<CodeAction[]>(params.textDocument, token, [], async (document, findings) => {
      const actions = actionsFor(session, document, findings, params)
      return client.resolvesEdits ? actions : allResolved(session, actions)
    }),
  )
  connection.onCodeActionResolve((action, token) => work.add(token, () => resolved(session, action)))
  connection.onHover(({ textDocument, position }, token) =>
    ask(textDocument, token, null, async ({ text }, findings) =>
      hoverAt(text, position, findings, await loadApi(readAsset), client.markdown),
    ),
  )
  connection.onCompletion(({ textDocument, position }) => {
    const document = documents.get(textDocument.uri)
    return document === null ? [] : completionsAt(document.text, position)
  })
  connection.onCodeLens(({ textDocument }, token) =>
    ask(textDocument, token, [], (document, findings) => lensesFor(document, findings, client.confirmsEdits)),
  )
  connection.onExecuteCommand(({ command, arguments: given }, token) =>
    work.add(token, async () => {
      const document = documents.get(String(given?.[0]))
      if (command !== rewriteTypesCommand || document === null) return
      const edit = await typesEdit(session, document)
      const label = 'Make heap types'
      if (edit !== null) void connection.workspace.applyEdit({ label, edit })
      else session.show(MessageType.Info, 'no static type of this file can be rewritten')
    }),
  )
}
