import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  type CancellationToken,
  type Diagnostic,
  LSPErrorCodes,
  type PreviousResultId,
  ResponseError,
  type WorkspaceDiagnosticReport,
  type WorkspaceDocumentDiagnosticReport,
} from 'vscode-languageserver/node'
import { pageOf } from '../../rules/pages.ts'
import { type Shown, shownAs } from './diagnostics.ts'
import type { Session } from './session.ts'

/** A finding in the report of `check -f json`, as far as it matters here. */
interface Reported extends Pick<Shown, 'rule' | 'severity' | 'message' | 'advice' | 'notes' | 'fingerprint'> {
  readonly file: string
  readonly startByte: number
  readonly endByte: number
}

/** So often it is looked whether files were saved, in milliseconds. */
const pause = 200

/**
 * The diagnostics of all files of a project. They are found by the program in a process of its own: nobody who types
 * waits for that, it takes what it has kept of the last time, and who cancels it ends it.
 */
export class ProjectCheck {
  /** How often files were saved when the project was checked last; -1 for never. */
  private checked = -1

  constructor(private readonly session: Session) {}

  /**
   * Answers once there may be something new.
   * @param previous what the client has
   * @throws ResponseError where it is cancelled, or the program says nothing
   */
  async report(previous: readonly PreviousResultId[], token: CancellationToken): Promise<WorkspaceDiagnosticReport> {
    const { session } = this
    while (previous.length > 0 && session.saved === this.checked) {
      refuseCancelled(token)
      await new Promise((go) => setTimeout(go, pause))
    }
    refuseCancelled(token)
    const at = session.saved
    const found = await this.found(token)
    this.checked = at
    const known = new Map(previous.map(({ uri, value }) => [uri, value]))
    // What was there and is not any more is clean.
    for (const uri of known.keys()) if (!found.has(uri)) found.set(uri, [])
    const items: WorkspaceDocumentDiagnosticReport[] = []
    for (const [uri, diagnostics] of found) {
      const resultId = createHash('sha256').update(JSON.stringify(diagnostics)).digest('hex').slice(0, 16)
      const version = session.documents.get(uri)?.version ?? null
      if (known.get(uri) === resultId) items.push({ kind: 'unchanged', uri, version, resultId })
      else items.push({ kind: 'full', uri, version, resultId, items: diagnostics })
    }
    return { items }
  }

  /** What is found in each file, by its URI; of those that are open what is found in them as they are there. */
  private async found(token: CancellationToken): Promise<Map<string, Diagnostic[]>> {
    const { session } = this
    const byFile = new Map<string, Reported[]>()
    for (const each of await this.run(token)) {
      const list = byFile.get(each.file) ?? []
      list.push(each)
      byFile.set(each.file, list)
    }
    const found = new Map<string, Diagnostic[]>()
    for (const [file, list] of byFile) {
      const path = resolve(session.root, file)
      const text = session.documents.at(path) === null ? session.textOf(file) : null
      if (text === null) continue
      const shown = list.map((each) =>
        shownAs({ ...each, start: each.startByte, end: each.endByte }, text, pageOf(each.rule)),
      )
      found.set(String(pathToFileURL(path)), shown)
    }
    for (const { uri } of session.documents.all()) found.set(uri, [...(await session.diagnosticsOf(uri, token))])
    return found
  }

  /** Runs the program on all of the project. */
  private async run(token: CancellationToken): Promise<readonly Reported[]> {
    const arguments_ = [process.argv[1]!, 'check', '.', '-f', 'json', '--quiet', '--exit-zero']
    const child = spawn(process.execPath, arguments_, {
      cwd: this.session.root,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const listener = token.onCancellationRequested(() => child.kill())
    const end = (): void => void child.kill()
    process.once('exit', end)
    try {
      const text = await outputOf(child)
      refuseCancelled(token)
      return (JSON.parse(text) as { diagnostics: readonly Reported[] }).diagnostics
    } catch (error) {
      if (error instanceof ResponseError) throw error
      throw new ResponseError(LSPErrorCodes.RequestFailed, 'abi3lint check . gives no report; run it to see why')
    } finally {
      listener.dispose()
      process.off('exit', end)
    }
  }
}

/** All that a process writes. @throws where it cannot be started */
const outputOf = (child: ChildProcess): Promise<string> =>
  new Promise((done, fail) => {
    let text = ''
    child.on('error', fail)
    child.stdout!.setEncoding('utf8')
    child.stdout!.on('data', (part: string) => {
      text += part
    })
    child.stdout!.on('end', () => done(text))
  })

function refuseCancelled(token: CancellationToken): void {
  if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled')
}
