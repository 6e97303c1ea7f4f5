import type { Session } from './session.ts'

/** So many milliseconds without a change have to go by before diagnostics are sent to who does not ask for them. */
const pause = 150

/** Sends diagnostics to a client that does not ask for them. */
export class Push {
  private timer: NodeJS.Timeout | null = null

  constructor(private readonly session: Session) {}

  /** Sends those of all that is open, soon: a header may be included by any. */
  soon(): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      this.timer = null
      for (const { uri } of this.session.documents.all()) void this.send(uri)
    }, pause)
  }

  /** Takes those of a file away that was closed. */
  clear(uri: string): void {
    void this.session.connection.sendDiagnostics({ uri, diagnostics: [] })
  }

  private async send(uri: string): Promise<void> {
    const { connection, documents } = this.session
    const diagnostics = await this.session.diagnosticsOf(uri, null)
    const document = documents.get(uri)
    if (document === null || this.timer !== null) return
    await connection.sendDiagnostics({ uri, version: document.version, diagnostics: [...diagnostics] })
  }
}
