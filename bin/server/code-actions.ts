import {
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  LSPErrorCodes,
  ResponseError,
  type WorkspaceEdit,
} from 'vscode-languageserver/node'
import type { Diagnostic, Located } from '../../analyzer/check/diagnostic.ts'
import { decode } from '../../analyzer/source/text.ts'
import { printable } from '../../reports/printable.ts'
import type { Findings } from './checked-file.ts'
import { shownAs } from './diagnostics.ts'
import type { Document } from './documents.ts'
import { workspaceEditOf } from './edits.ts'
import type { Session } from './session.ts'

/** All safe fixes of a file. */
export const fixAllKind = `${CodeActionKind.SourceFixAll}.abi3lint`

/** The rule whose findings are static types. */
export const staticTypes = 'static-type-object'

/** What a code action does, which is worked out when somebody chooses it. */
interface Todo {
  readonly uri: string
  readonly version: number
  readonly what: 'fix' | 'suppress' | 'fix all' | 'rewrite types'
  /** Of a fix. */
  readonly unsafe: boolean
  /** The finding that it is for; null for all. */
  readonly finding: Pick<Located, 'rule' | 'start' | 'end' | 'symbol'> | null
}

/** The actions for the findings in a part of a document. */
export function actionsFor(
  session: Session,
  document: Document,
  { diagnostics }: Findings,
  { range, context }: CodeActionParams,
): CodeAction[] {
  const { text } = document
  const [from, to] = [text.offsetAt(range.start), text.offsetAt(range.end)]
  const here = diagnostics.filter(({ start, end }) => start <= to && from <= Math.max(start, end))
  const actions = [
    ...here.flatMap((each) => fixesOf(session, document, each)),
    ...here.map((each) => suppressionOf(document, each)),
    ...ofFile(session, document, diagnostics, here),
  ]
  const wanted = context.only
  const isWanted = ({ kind }: CodeAction): boolean =>
    wanted === undefined || wanted.some((each) => kind === each || kind!.startsWith(`${each}.`) || each === '')
  return actions.filter(isWanted)
}

function fixesOf({ client }: Session, document: Document, found: Located): CodeAction[] {
  const { fix } = found
  if (fix === null || (fix.kind === 'project' && (found.rule === staticTypes || fix.isOnDemand === true))) return []
  const isSafe = fix.safety === 'safe'
  const words = `${fix.title.charAt(0).toUpperCase()}${fix.title.slice(1)}`
  const action: CodeAction = {
    title: printable(isSafe ? words : `${words} (unsafe: ${fix.reason})`),
    kind: CodeActionKind.QuickFix,
    diagnostics: [shownAs(found, document.text, undefined)],
    isPreferred: isSafe,
    data: todo(document, 'fix', found, !isSafe),
  }
  // What is in no other file, and needs nothing, is there already.
  if (fix.kind === 'project' || fix.includes.length > 0 || fix.shims.length > 0 || fix.edits.length === 0)
    return [action]
  const edits = fix.edits.map((each) => ({ range: document.text.rangeOf(each), newText: decode(each.text) }))
  const { uri, version } = document
  const edit = client.versionedEdits
    ? { documentChanges: [{ textDocument: { uri, version }, edits }] }
    : { changes: { [uri]: edits } }
  return [{ ...action, edit }]
}

const suppressionOf = (document: Document, found: Located): CodeAction => ({
  title: `Suppress ${found.rule} here`,
  kind: CodeActionKind.QuickFix,
  diagnostics: [shownAs(found, document.text, undefined)],
  data: todo(document, 'suppress', found, false),
})

/** What is for all of a file. */
function ofFile(
  { client }: Session,
  document: Document,
  all: readonly Located[],
  here: readonly Located[],
): CodeAction[] {
  const safe = all.filter(({ fix }) => fix?.kind === 'file' && fix.safety === 'safe')
  const makeAll = { title: `Make all safe fixes of this file`, data: todo(document, 'fix all', null, false) }
  const isType = here.some(({ rule, fix }) => rule === staticTypes && fix !== null)
  return [
    ...(safe.length > 1 && here.some(({ fix }) => fix !== null) ? [{ ...makeAll, kind: CodeActionKind.QuickFix }] : []),
    ...(safe.length > 0 ? [{ ...makeAll, kind: fixAllKind }] : []),
    ...(isType && client.versionedEdits
      ? [
          {
            title: 'Make heap types of the static types of this file (unsafe)',
            kind: CodeActionKind.RefactorRewrite,
            data: todo(document, 'rewrite types', null, true),
          },
        ]
      : []),
  ]
}

const todo = ({ uri, version }: Document, what: Todo['what'], found: Located | null, unsafe: boolean): Todo => ({
  uri,
  version,
  what,
  unsafe,
  finding: found && { rule: found.rule, start: found.start, end: found.end, symbol: found.symbol },
})

/**
 * An action with its edits.
 * @throws ResponseError where the document has changed since it was offered; what a rule throws
 */
export async function resolved(session: Session, action: CodeAction): Promise<CodeAction> {
  if (action.edit !== undefined) return action
  const edit = await editOf(session, action.data as Todo)
  return edit === null ? action : { ...action, edit }
}

/** The same of several, for an editor that does not ask: without those that cannot be made in it. */
export async function allResolved(session: Session, actions: readonly CodeAction[]): Promise<CodeAction[]> {
  const made: CodeAction[] = []
  for (const each of actions) {
    try {
      const action = await resolved(session, each)
      if (action.edit !== undefined) made.push(action)
    } catch (error) {
      if (!(error instanceof ResponseError)) throw error
    }
  }
  return made
}

/** The edits that make heap types of the static types of a document, for who agrees; null where there are none. */
export const typesEdit = (session: Session, { uri, version }: Document): Promise<WorkspaceEdit | null> =>
  editOf(session, { uri, version, what: 'rewrite types', unsafe: true, finding: null })

async function editOf(session: Session, { uri, version, what, unsafe, finding }: Todo): Promise<WorkspaceEdit | null> {
  const document = session.documents.get(uri)
  if (document?.version !== version)
    throw new ResponseError(LSPErrorCodes.ContentModified, 'the file has changed meanwhile')
  const file = session.fileOf(document)
  if (what === 'rewrite types') {
    const result = await file.rewriteTypes()
    const description = result.run.fixed?.differs.join('; ') ?? ''
    return workspaceEditOf(session, result, { label: 'Make heap types', description: printable(description) })
  }
  const only = finding && ((found: Diagnostic) => isSame(found, finding))
  if (what === 'suppress') return workspaceEditOf(session, await file.suppress(only ?? undefined), null)
  return workspaceEditOf(session, await file.fix({ unsafe, only: only ?? undefined }), null)
}

const isSame = (a: Diagnostic, b: NonNullable<Todo['finding']>): boolean =>
  a.rule === b.rule && a.start === b.start && a.end === b.end && a.symbol === b.symbol
