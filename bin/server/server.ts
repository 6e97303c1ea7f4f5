import { fileURLToPath } from 'node:url'
import {
  type Connection,
  createConnection,
  type InitializeParams,
  type InitializeResult,
  ProposedFeatures,
} from 'vscode-languageserver/node'
import { version } from '../../analyzer/workspace/version.ts'
import { printable } from '../../reports/printable.ts'
import { capabilitiesFor, watchedFiles } from './capabilities.ts'
import { clientOf } from './client.ts'
import { encodingFor } from './placed-text.ts'
import { ProjectCheck } from './project-check.ts'
import { Push } from './push.ts'
import { answerQuestions } from './questions.ts'
import { Session } from './session.ts'

/**
 * `abi3lint server`: speaks the Language Server Protocol over stdin and stdout until the client says `exit`, with which
 * the process ends: with 0 after `shutdown`, else with 1.
 */
export function serve(): Promise<never> {
  listen(createConnection(ProposedFeatures.all, process.stdin, process.stdout))
  return new Promise(() => undefined)
}

/** Answers what comes over a connection. */
export function listen(connection: Connection): void {
  connection.onInitialize((params) => initialize(connection, params))
  connection.onShutdown(() => undefined)
  connection.listen()
}

function initialize(connection: Connection, params: InitializeParams): InitializeResult {
  const { capabilities, workspaceFolders, rootUri } = params
  enter(connection, workspaceFolders?.[0]?.uri ?? rootUri)
  const client = clientOf(capabilities)
  const encoding = encodingFor(capabilities.general?.positionEncodings)
  const session = new Session(connection, client, encoding)
  const push = client.pulls ? null : new Push(session)
  listenToDocuments(session, push)
  answerQuestions(session)
  connection.languages.diagnostics.on(async ({ textDocument }, token) => ({
    kind: 'full',
    items: [...(await session.diagnosticsOf(textDocument.uri, token))],
  }))
  const project = new ProjectCheck(session)
  connection.languages.diagnostics.onWorkspace(({ previousResultIds }, token) =>
    project.report(previousResultIds, token),
  )
  connection.onInitialized(() => {
    if (client.watches) void connection.client.register(...watchedFiles)
  })
  return {
    serverInfo: { name: 'abi3lint', version },
    capabilities: capabilitiesFor(client, encoding),
  }
}

/** Goes where the client has its project: names of files are relative to that. */
function enter(connection: Connection, uri: string | null): void {
  if (uri === null || !uri.startsWith('file:')) return
  try {
    process.chdir(fileURLToPath(uri))
  } catch (error) {
    connection.console.warn(printable(`cannot go to ${uri}: ${(error as Error).message}`))
  }
}

function listenToDocuments(session: Session, push: Push | null): void {
  const { connection, documents, client } = session
  connection.onDidOpenTextDocument(({ textDocument: { uri, version: number, text } }) => {
    if (documents.open(uri, number, text) !== null) push?.soon()
  })
  connection.onDidChangeTextDocument(({ textDocument: { uri, version: number }, contentChanges }) => {
    if (documents.change(uri, number, contentChanges) !== null) push?.soon()
  })
  connection.onDidCloseTextDocument(({ textDocument: { uri } }) => {
    session.close(uri)
    push?.clear(uri)
    push?.soon()
  })
  const reopen = (): void => {
    session.reopen()
    push?.soon()
    if (client.refreshesDiagnostics) connection.languages.diagnostics.refresh()
  }
  connection.onDidSaveTextDocument(reopen)
  connection.onDidChangeWatchedFiles(reopen)
}
