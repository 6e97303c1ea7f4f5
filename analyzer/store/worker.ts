import { parentPort, workerData } from 'node:worker_threads'
import { collectFacts } from '../facts/collect.ts'
import type { CollectContext } from '../facts/context.ts'
import { startSyntax } from '../syntax/parse.ts'
import { readGrammar } from './grammars.ts'
import type { Answer, Order } from './pool.ts'
import { readSource, type SourceText } from './sources.ts'

/** A worker of the pool: collects the facts of the files that it is told, one after the other. */

const surroundings = workerData as CollectContext
const syntax = startSyntax(readGrammar)
const port = parentPort!

port.on('message', (order: Order) => void work(order).then(send))

function send(answer: Answer): void {
  try {
    port.postMessage(answer)
  } catch (error) {
    // What nests too deeply cannot be copied.
    port.postMessage({
      index: answer.index,
      fault: error instanceof Error ? error.message : String(error),
    } satisfies Answer)
  }
}

async function work({ index, file, path, dialect, concernsPython, text: given }: Order): Promise<Answer> {
  try {
    const text = given ?? (readSource({ file, path }) as SourceText).text
    const parser = await syntax
    await parser.ready(concernsPython ? dialect : 'c')
    return { index, facts: collectFacts(parser, file, text, dialect, surroundings, concernsPython) }
  } catch (error) {
    return { index, fault: error instanceof Error ? error.message : String(error) }
  }
}
