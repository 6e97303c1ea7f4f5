import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { CollectContext } from '../facts/context.ts'
import type { FileFacts } from '../facts/file-facts.ts'
import type { SourceText } from './sources.ts'

/** What a worker is asked for; a text that is on the disk it reads itself. */
export type Order = Omit<SourceText, 'text' | 'changed'> & { readonly index: number; readonly text: string | null }
/** What it answers: facts, or what went wrong. */
export type Answer =
  | { readonly index: number; readonly facts: FileFacts }
  | { readonly index: number; readonly fault: string }

const script = new URL('./worker.js', import.meta.url)

/** Whether there is a worker to start: only the bundled program has one. */
export const canFork = (): boolean => script.protocol === 'file:' && existsSync(fileURLToPath(script))

/**
 * Collects the facts of many files in several threads, large files first.
 * @param jobs how many threads
 * @returns an answer for each text, in their order
 * @throws where a thread dies
 */
export function collectInParallel(
  texts: readonly SourceText[],
  surroundings: CollectContext,
  jobs: number,
  progress: (done: number, all: number) => void,
): Promise<Answer[]> {
  const order = texts
    .map((text, index) => ({ index, size: text.concernsPython ? text.text.length : 0 }))
    .sort((a, b) => b.size - a.size)
  const answers: Answer[] = new Array<Answer>(texts.length)
  return new Promise((resolve, reject) => {
    let next = 0
    let done = 0
    const workers: Worker[] = []
    const finish = (): void =>
      void Promise.all(workers.map((worker) => worker.terminate())).then(() => resolve(answers))
    const give = (worker: Worker): void => {
      if (next >= order.length) return
      const { index } = order[next++]!
      const { file, path, dialect, concernsPython, changed, text } = texts[index]!
      worker.postMessage({ index, file, path, dialect, concernsPython, text: changed ? text : null } satisfies Order)
    }
    if (texts.length === 0) resolve(answers)
    for (let started = 0; started < Math.min(jobs, texts.length); started++) {
      const worker = new Worker(script, { workerData: surroundings })
      workers.push(worker)
      worker.on('error', (error) => {
        reject(error)
        // The others would keep the program alive.
        for (const each of workers) void each.terminate()
      })
      worker.on('message', (answer: Answer) => {
        answers[answer.index] = answer
        done++
        progress(done, texts.length)
        if (done === texts.length) finish()
        else give(worker)
      })
      // One more than it works on, so that it never waits.
      give(worker)
      give(worker)
    }
  })
}
