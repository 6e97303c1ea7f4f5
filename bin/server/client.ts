import type { ClientCapabilities } from 'vscode-languageserver/node'

/** What of a client's capabilities matters here. */
export interface Client {
  /** It asks for diagnostics by itself. */
  readonly pulls: boolean
  /** It can be told to ask for them again. */
  readonly refreshesDiagnostics: boolean
  /** It asks for the edits of a code action once somebody has chosen that. */
  readonly resolvesEdits: boolean
  /** It knows edits of documents of a version. */
  readonly versionedEdits: boolean
  /** It can make files. */
  readonly createsFiles: boolean
  /** It can ask before it makes edits. */
  readonly confirmsEdits: boolean
  /** It shows hovers in Markdown. */
  readonly markdown: boolean
  /** It watches files for who asks it to. */
  readonly watches: boolean
  readonly appliesEdits: boolean
}

/** What a client can do. */
export function clientOf({ textDocument, workspace }: ClientCapabilities): Client {
  const { workspaceEdit } = workspace ?? {}
  const { codeAction } = textDocument ?? {}
  return {
    pulls: textDocument?.diagnostic !== undefined,
    refreshesDiagnostics: workspace?.diagnostics?.refreshSupport === true,
    resolvesEdits: codeAction?.dataSupport === true && codeAction.resolveSupport?.properties.includes('edit') === true,
    versionedEdits: workspaceEdit?.documentChanges === true,
    createsFiles:
      workspaceEdit?.documentChanges === true && workspaceEdit.resourceOperations?.includes('create') === true,
    confirmsEdits: workspaceEdit?.documentChanges === true && workspaceEdit.changeAnnotationSupport !== undefined,
    markdown: textDocument?.hover?.contentFormat?.includes('markdown') === true,
    watches: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    appliesEdits: workspace?.applyEdit === true,
  }
}
