import { createHash } from 'node:crypto'
import type { Store } from '../workspace/store.ts'

/** Something that was asked of the world, and what came of it; of bytes and of many names a digest. */
type Answer =
  | readonly ['read' | 'find', name: string, answer: string | null]
  | readonly ['names', question: string, name: string, answer: string]
  | readonly ['reads from', directories: readonly string[]]

/** What a run has asked of the world, in order: where all answers are the same again, so is what comes of them. */
export type Trace = readonly Answer[]

/** Gives names by a name: the sources of a package by one of them. */
export type NamesOf = (name: string) => readonly string[]

/** Writes down what is asked of a store, and of functions that give names. */
export class TraceWriter {
  readonly trace: Answer[] = []
  /** What was asked since the store may give other answers. */
  private readonly asked = new Set<string>()

  /** The store, with all that it is asked for written down. */
  store(store: Store): Store {
    return {
      ...store,
      read: (name) => {
        const answer = store.read(name)
        this.add(`read ${name}`, () => ['read', name, digestOfRead(answer)])
        return answer
      },
      find: (path) => {
        const answer = store.find(path)
        this.add(`find ${path}`, () => ['find', path, answer])
        return answer
      },
      readsFrom: (directories) => {
        store.readsFrom?.(directories)
        this.asked.clear()
        this.trace.push(['reads from', directories])
      },
    }
  }

  /** Functions that give names, with all that they are asked for written down. */
  names<Functions extends Readonly<Record<string, NamesOf>>>(functions: Functions): Functions {
    const wrapped = Object.entries(functions).map(([question, namesOf]): [string, NamesOf] => [
      question,
      (name) => {
        const answer = namesOf(name)
        this.add(`${question} ${name}`, () => ['names', question, name, digestOf(answer.join('\n'))])
        return answer
      },
    ])
    return Object.fromEntries(wrapped) as Functions
  }

  private add(question: string, answer: () => Answer): void {
    if (this.asked.has(question)) return
    this.asked.add(question)
    this.trace.push(answer())
  }
}

/**
 * Whether the world gives the same answers again.
 * @param store that was not asked anything yet
 */
export function isAnsweredAlike(trace: Trace, store: Store, names: Readonly<Record<string, NamesOf>>): boolean {
  return trace.every((each) => {
    switch (each[0]) {
      case 'read':
        return digestOfRead(store.read(each[1])) === each[2]
      case 'find':
        return store.find(each[1]) === each[2]
      case 'names':
        return digestOf(names[each[1]]!(each[2]).join('\n')) === each[3]
      default:
        store.readsFrom?.(each[1])
        return true
    }
  })
}

const digestOfRead = (answer: ReturnType<Store['read']>): string =>
  'bytes' in answer ? digestOf(answer.bytes) : `${answer.isThere} ${answer.problem}`

const digestOf = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('base64')
