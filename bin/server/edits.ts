import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  type CreateFile,
  LSPErrorCodes,
  ResponseError,
  type TextDocumentEdit,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver/node'
import { asByteText, decode } from '../../analyzer/source/text.ts'
import type { FixResult } from '../../analyzer/workspace/workspace.ts'
import { lineRuns } from '../../reports/line-runs.ts'
import { printable } from '../../reports/printable.ts'
import { PlacedText } from './placed-text.ts'
import type { Session } from './session.ts'

/** What somebody has to agree to before edits are made. */
export interface Confirmation {
  readonly label: string
  readonly description: string
}

/** The edits that make a text another one: whole lines, as few as possible. */
export function lineEdits(before: PlacedText, after: string): TextEdit[] {
  const edits: TextEdit[] = []
  let at = 0
  let open: { start: number; end: number; text: string } | null = null
  const close = (): void => {
    if (open !== null) edits.push({ range: before.rangeOf(open), newText: decode(open.text) })
    open = null
  }
  for (const { sign, lines } of lineRuns(before.text, after)) {
    const text = lines.join('')
    if (sign === ' ') {
      close()
      at += text.length
      continue
    }
    open ??= { start: at, end: at, text: '' }
    if (sign === '+') open.text += text
    else {
      at += text.length
      open.end = at
    }
  }
  close()
  return edits
}

/**
 * What fixes come to, for an editor: with files that are made, and only for the texts that were fixed.
 * @param confirmation null where nobody need agree
 * @returns null where nothing changes
 * @throws ResponseError where a text has changed meanwhile, or the editor cannot make files
 */
export function workspaceEditOf(
  session: Session,
  { changes, before }: Pick<FixResult, 'changes' | 'before'>,
  confirmation: Confirmation | null,
): WorkspaceEdit | null {
  const { documents, client, encoding, root } = session
  const annotationId = confirmation !== null && client.confirmsEdits ? 'abi3lint' : null
  const annotated = annotationId === null ? {} : { annotationId }
  const documentChanges: (CreateFile | TextDocumentEdit)[] = []
  const plain: Record<string, TextEdit[]> = {}
  for (const [name, bytes] of changes) {
    const path = resolve(root, name)
    const document = documents.at(path)
    const old = before.get(name) ?? null
    const uri = document?.uri ?? String(pathToFileURL(path))
    const text = document?.text ?? new PlacedText(old === null ? '' : asByteText(old), encoding)
    if (document !== null && text.text !== (old === null ? '' : asByteText(old)))
      throw new ResponseError(LSPErrorCodes.ContentModified, 'the file has changed meanwhile')
    if (old === null && document === null) {
      if (!client.createsFiles)
        throw new ResponseError(
          LSPErrorCodes.RequestFailed,
          `${printable(name)} has to be made, which the editor cannot`,
        )
      documentChanges.push({ kind: 'create', uri, options: { ignoreIfExists: true }, ...annotated })
    }
    const edits = lineEdits(text, asByteText(bytes))
    if (edits.length === 0) continue
    plain[uri] = edits
    documentChanges.push({
      textDocument: { uri, version: document?.version ?? null },
      edits: edits.map((each) => ({ ...each, ...annotated })),
    })
  }
  if (documentChanges.length === 0) return null
  if (!client.versionedEdits) return { changes: plain }
  if (annotationId === null || confirmation === null) return { documentChanges }
  return { documentChanges, changeAnnotations: { [annotationId]: { ...confirmation, needsConfirmation: true } } }
}
