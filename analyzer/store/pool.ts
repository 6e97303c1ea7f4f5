import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { CollectContext } from '../facts/context.ts'
import type { SourceText } from '../workspace/source-text.ts'
import type { Answer, Progress, Threads } from '../workspace/store.ts'

/** What a worker is asked for; a text that is on the disk it reads itself. */
export type Order = Omit<SourceText, 'text' | 'changed'> & { readonly index: number; readonly text: string | null }

/** What a worker is started with. */
export interface WorkerSettings {
  /** The directory that names of files are relative to. */
  readonly root: string
  readonly context: CollectContext
}

const script = new URL('./worker.js', import.meta.url)

/**
 * Threads that collect facts of files on the disk, large files first.
 * @param root the directory that names of files are relative to
 * @param jobs how many threads
 * @returns null where one is asked for, or there is no worker to start: only the bundled program has one
 */
export function threads(root: string, jobs: number): Threads | null {
  if (jobs < 2 || script.protocol !== 'file:' || !existsSync(fileURLToPath(script))) return null
  return {
    worthwhile: 600_000,
    collect: (texts, context, progress) => collectInParallel(texts, { root, context }, jobs, progress),
  }
}

function collectInParallel(
  texts: readonly SourceText[],
  settings: WorkerSettings,
  jobs: number,
  progress: Progress,
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
      const { file, dialect, concernsPython, changed, text } = texts[index]!
      worker.postMessage({ index, file, dialect, concernsPython, text: changed ? text : null } satisfies Order)
    }
    if (texts.length === 0) resolve(answers)
    for (let started = 0; started < Math.min(jobs, texts.length); started++) {
      const worker = new Worker(script, { workerData: settings })
      workers.push(worker)
      worker.on('error', (error) => {
        reject(error)
        // The others would keep the program alive.
        for (const each of workers) void each.terminate()
      })
      // As text: made of that, facts take half as much memory as copied ones.
      worker.on('message', (message: string) => {
        const answer = JSON.parse(message) as Answer
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
