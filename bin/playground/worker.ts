import type { AssetName } from '../../analyzer/workspace/store.ts'
import { answering, type Question } from './answer.ts'

/** The thread of the page in which the analyzer runs. The first message brings what it reads, the others ask. */

interface Thread {
  onmessage: ((event: { readonly data: unknown }) => void) | null
  postMessage(message: unknown): void
}

/** What a page asks, and by which number it knows the answer. */
export interface Asked {
  readonly id: number
  readonly question: Question
}

/** An answer, or what went wrong. */
export type Answered =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly fault: string }

const thread = globalThis as unknown as Thread

thread.onmessage = ({ data }) => {
  const assets = data as ReadonlyMap<AssetName, Uint8Array>
  const answer = answering(async (name) => assets.get(name)!)
  // One question after the other.
  let before: Promise<unknown> = Promise.resolve()
  thread.onmessage = ({ data: next }) => {
    const { id, question } = next as Asked
    before = before.then(async () => {
      try {
        thread.postMessage({ id, answer: await answer(question) } satisfies Answered)
      } catch (error) {
        thread.postMessage({ id, fault: error instanceof Error ? error.message : String(error) } satisfies Answered)
      }
    })
  }
}
