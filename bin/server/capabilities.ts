import {
  CodeActionKind,
  DidChangeWatchedFilesNotification,
  type DidChangeWatchedFilesRegistrationOptions,
  type ServerCapabilities,
  TextDocumentSyncKind,
} from 'vscode-languageserver/node'
import { rootBuildFiles } from '../../analyzer/workspace/source-text.ts'
import { baselineName } from '../baseline-file.ts'
import { configNames } from '../config/names.ts'
import type { Client } from './client.ts'
import { fixAllKind } from './code-actions.ts'
import { rewriteTypesCommand } from './lenses.ts'
import type { PositionEncoding } from './placed-text.ts'

/** What the server offers a client. */
export const capabilitiesFor = (client: Client, encoding: PositionEncoding): ServerCapabilities => ({
  positionEncoding: encoding,
  textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
  hoverProvider: true,
  completionProvider: { triggerCharacters: ['[', ','] },
  codeActionProvider: {
    codeActionKinds: [CodeActionKind.QuickFix, fixAllKind, CodeActionKind.RefactorRewrite],
    resolveProvider: true,
  },
  ...(client.appliesEdits &&
    client.versionedEdits && {
      codeLensProvider: {},
      executeCommandProvider: { commands: [rewriteTypesCommand] },
    }),
  ...(client.pulls && {
    diagnosticProvider: { identifier: 'abi3lint', interFileDependencies: true, workspaceDiagnostics: true },
  }),
})

/** Sources, and what says how they are checked. */
const watched = [
  '**/*.{c,h,cc,cpp,cxx,hh,hpp,hxx,inc,inl,ipp,tcc}',
  `**/{${[...rootBuildFiles, ...configNames, baselineName, 'compile_commands.json', 'MANIFEST.in'].join(',')}}`,
]

/** Asks a client to tell of changes of files on the disk. */
export const watchedFiles: [typeof DidChangeWatchedFilesNotification.type, DidChangeWatchedFilesRegistrationOptions] = [
  DidChangeWatchedFilesNotification.type,
  { watchers: watched.map((globPattern) => ({ globPattern })) },
]
