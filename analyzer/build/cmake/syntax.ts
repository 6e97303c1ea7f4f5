import type { BuildFile } from '../build-file.ts'
import { buildText } from '../build-text.ts'

/** An argument of a command of CMake, variables in it not replaced. */
export interface CmakeArgument {
  readonly text: string
  readonly isQuoted: boolean
}

/** A command, and of a block (`if`, `foreach`, `function`) the commands in it. */
export interface CmakeCommand {
  /** In small letters. */
  readonly name: string
  readonly args: readonly CmakeArgument[]
  readonly start: number
  readonly body: readonly CmakeCommand[]
  /** Of an `if` what `elseif` or `else` begins; null for nothing. */
  readonly otherwise: CmakeCommand | null
}

/** The commands that begin a block, with those that end it. */
const blocks: ReadonlyMap<string, string> = new Map(
  ['if', 'foreach', 'function', 'macro', 'while', 'block'].map((name) => [name, `end${name}`]),
)

/** Blocks in each other are read so deep. */
const deepest = 40

const files = new WeakMap<BuildFile, readonly CmakeCommand[]>()

/** The commands of a file of CMake. */
export function cmakeCommands(file: BuildFile): readonly CmakeCommand[] {
  let commands = files.get(file)
  if (!commands) {
    commands = new Reader(flat(file)).block(0)
    files.set(file, commands)
  }
  return commands
}

type Flat = Pick<CmakeCommand, 'name' | 'args' | 'start'>

function flat(file: BuildFile): Flat[] {
  const { code, skeleton, brackets } = buildText(file)
  let read = 0
  return [...skeleton.matchAll(/(?<![\w-])([A-Za-z_]\w*)[^\S\n]*\(/g)].flatMap(({ index, 0: head, 1: name }) => {
    if (index < read) return []
    const open = index + head.length - 1
    read = brackets.closing(open)
    return [{ name: name!.toLowerCase(), args: argumentsIn(code.slice(open + 1, read)), start: index }]
  })
}

/** Where the text in quotes ends that begins at a place. */
function endOfQuoted(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at
  }
  return text.length
}

/** Where a word without quotes ends that begins at a place. */
function endOfPlain(text: string, start: number): number {
  let at = start
  for (; at < text.length && !/[\s()"]/.test(text[at]!); at++) if (text[at] === '\\') at++
  return Math.min(Math.max(at, start + 1), text.length)
}

function argumentsIn(text: string): CmakeArgument[] {
  const found: CmakeArgument[] = []
  for (let at = 0; at < text.length; ) {
    const bracket = /^\[(=*)\[/.exec(text.slice(at, at + 20))
    if (/\s/.test(text[at]!)) at++
    else if (text[at] === '"') {
      const end = endOfQuoted(text, at + 1)
      found.push({ text: text.slice(at + 1, end).replace(/\\(["\\$;])/g, '$1'), isQuoted: true })
      at = end + 1
    } else if (bracket) {
      const start = at + bracket[0].length
      const end = text.indexOf(`]${bracket[1]}]`, start)
      found.push({ text: text.slice(start, end < 0 ? text.length : end), isQuoted: true })
      at = end < 0 ? text.length : end + bracket[0].length
    } else {
      const end = endOfPlain(text, at)
      found.push({ text: text.slice(at, end), isQuoted: false })
      at = end
    }
  }
  return found
}

class Reader {
  private at = 0

  constructor(private readonly commands: readonly Flat[]) {}

  /** The commands up to one that ends a block. */
  block(depth: number): CmakeCommand[] {
    const found: CmakeCommand[] = []
    for (;;) {
      const next = this.commands[this.at]
      if (next === undefined) return found
      if (
        /^(?:end|else)/.test(next.name) &&
        /^(?:else|elseif|end(?:if|foreach|function|macro|while|block))$/.test(next.name)
      ) {
        if (depth > 0) return found
        this.at++
        continue
      }
      this.at++
      found.push(
        blocks.has(next.name) && depth < deepest ? this.nested(next, depth) : { ...next, body: [], otherwise: null },
      )
    }
  }

  private nested(head: Flat, depth: number): CmakeCommand {
    const body = this.block(depth + 1)
    const next = this.commands[this.at]
    if (next?.name === 'else' || next?.name === 'elseif') {
      this.at++
      return { ...head, body, otherwise: depth < deepest ? this.nested(next, depth + 1) : null }
    }
    if (next !== undefined) this.at++
    return { ...head, body, otherwise: null }
  }
}
