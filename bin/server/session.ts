import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  type CancellationToken,
  type Connection,
  type Diagnostic,
  MessageType,
  ShowMessageNotification,
} from 'vscode-languageserver/node'
import { asByteText } from '../../analyzer/source/text.ts'
import { currentDirectory } from '../../analyzer/store/places.ts'
import { systemPath } from '../../analyzer/store/system-path.ts'
import { printable, printableLines } from '../../reports/printable.ts'
import { UsageError } from '../exit.ts'
import { CheckedFile, type Findings } from './checked-file.ts'
import type { Client } from './client.ts'
import { diagnosticsOf } from './diagnostics.ts'
import { type Document, Documents } from './documents.ts'
import { PlacedText, type PositionEncoding } from './placed-text.ts'
import { Work } from './work.ts'

/** What is open in an editor, and what is found in it. */
export class Session {
  readonly documents: Documents
  readonly work: Work
  /** What names of files are relative to, by its real path. */
  readonly root = currentDirectory()
  /** Grows where files on the disk have changed, or may have. */
  saved = 0
  private readonly files = new Map<string, CheckedFile>()
  /** What was told last of documents that are open, by their URIs. */
  private readonly diagnostics = new Map<string, readonly Diagnostic[]>()
  private readonly told = new Set<string>()

  constructor(
    readonly connection: Connection,
    readonly client: Client,
    readonly encoding: PositionEncoding,
  ) {
    this.documents = new Documents(encoding)
    this.work = new Work(() => this.documents.edition)
  }

  /** The file of a document that is open. */
  fileOf({ path }: Document): CheckedFile {
    const known = this.files.get(path) ?? new CheckedFile(path, this.documents.texts)
    this.files.set(path, known)
    return known
  }

  /** What is found in a document as it is now; null where that cannot be said, which is reported. */
  async findingsOf(document: Document): Promise<Findings | null> {
    try {
      const findings = await this.fileOf(document).findings(this.documents.edition)
      for (const { file: name, message, severity } of findings.problems)
        this.say(severity === 'error' ? 'warn' : 'info', `${name} ${message}`)
      return findings
    } catch (error) {
      this.report(error)
      return null
    }
  }

  /**
   * The diagnostics of a document, once nothing newer has come in; where nothing can be said of its text, those that
   * were told last, with their places then.
   */
  diagnosticsOf(uri: string, token: CancellationToken | null): Promise<readonly Diagnostic[]> {
    return this.work.add(token, async () => {
      const document = this.documents.get(uri)
      if (document === null) return []
      const findings = await this.findingsOf(document)
      if (findings !== null) this.diagnostics.set(uri, diagnosticsOf(findings, document.text))
      return this.diagnostics.get(uri) ?? []
    })
  }

  /**
   * Says what went wrong: what the user can mend is shown, until something is saved once; of a fault of ours it is said
   * that there is one, and all of it is written down.
   */
  report(error: unknown): void {
    const isOurs = !(error instanceof UsageError)
    const message = error instanceof Error ? error.message : String(error)
    if (isOurs)
      this.say('error', `internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    const text = isOurs ? `internal error, so findings may be old: ${printable(message)}` : printableLines(message)
    if (this.told.has(text)) return
    this.told.add(text)
    this.show(MessageType.Error, text)
  }

  /** Shows the user a message, to which there is no answer. */
  show(type: MessageType, text: string): void {
    void this.connection.sendNotification(ShowMessageNotification.type, { type, message: `abi3lint: ${text}` })
  }

  /** Forgets what was read of the disk besides the texts of sources. */
  reopen(): void {
    this.saved++
    this.documents.edition++
    this.told.clear()
    for (const file of this.files.values()) file.reopen()
  }

  close(uri: string): void {
    const document = this.documents.get(uri)
    this.documents.close(uri)
    this.diagnostics.delete(uri)
    if (document !== null) this.files.delete(document.path)
  }

  /** The text of a file by its name, as it is in the editor, else on the disk; null where it cannot be read. */
  textOf(name: string): PlacedText | null {
    const path = resolve(this.root, name)
    const open = this.documents.at(path)
    if (open !== null) return open.text
    try {
      return new PlacedText(asByteText(readFileSync(systemPath(path))), this.encoding)
    } catch {
      return null
    }
  }

  /** Writes a line into the log, each once. */
  private say(kind: 'error' | 'warn' | 'info', text: string): void {
    if (kind !== 'error' && this.told.has(text)) return
    this.told.add(text)
    this.connection.console[kind](kind === 'error' ? printableLines(text) : printable(text))
  }
}
