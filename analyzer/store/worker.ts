import { resolve } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { collectFacts } from '../facts/collect.ts'
import { asByteText } from '../source/text.ts'
import { startSyntax } from '../syntax/parse.ts'
import type { Answer } from '../workspace/store.ts'
import { readAsset } from './assets.ts'
import type { Order, WorkerSettings } from './pool.ts'
import { readRegular } from './regular-file.ts'

/** A worker of the pool: collects the facts of the files that it is told, one after the other. */

const { root, context } = workerData as WorkerSettings
const syntax = startSyntax(readAsset)
const port = parentPort!

port.on('message', (order: Order) => void work(order).then(send))

function send(answer: Answer): void {
  try {
    port.postMessage(JSON.stringify(answer))
  } catch (error) {
    // What nests too deeply, or is more than a text can hold.
    const fault = error instanceof Error ? error.message : String(error)
    port.postMessage(JSON.stringify({ index: answer.index, fault } satisfies Answer))
  }
}

async function work({ index, file, dialect, concernsPython, text: given }: Order): Promise<Answer> {
  try {
    const text = given ?? asByteText(readRegular(resolve(root, file)))
    const parser = await syntax
    await parser.ready(concernsPython ? dialect : 'c')
    return { index, facts: collectFacts(parser, file, text, dialect, context, concernsPython) }
  } catch (error) {
    return { index, fault: error instanceof Error ? error.message : String(error) }
  }
}
