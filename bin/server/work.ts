import { setImmediate } from 'node:timers/promises'
import { type CancellationToken, LSPErrorCodes, ResponseError } from 'vscode-languageserver/node'

/**
 * What the server does, one after the other: an analysis takes the only thread. Before each piece of work what has
 * come in meanwhile is read, so that it works on the newest texts, or not at all where nobody wants the answer.
 */
export class Work {
  private last: Promise<unknown> = Promise.resolve()

  /** @param edition tells that texts have changed */
  constructor(private readonly edition: () => number) {}

  /**
   * Does something as soon as all before is done.
   * @throws ResponseError where nobody wants it any more
   */
  add<T>(token: CancellationToken | null, work: () => Promise<T>): Promise<T> {
    const result = this.last.then(async () => {
      await this.settled()
      if (token?.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled')
      return work()
    })
    this.last = result.catch(() => undefined)
    return result
  }

  /** Waits until no change is waiting to be read. */
  private async settled(): Promise<void> {
    for (let quiet = 0, seen = -1, turns = 0; quiet < 3 && turns < 200; turns++) {
      await setImmediate()
      const now = this.edition()
      quiet = now === seen ? quiet + 1 : 0
      seen = now
    }
  }
}
