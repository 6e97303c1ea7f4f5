import type { FunctionCode } from '../code/tree.ts'
import { isPunctuation, Kind, scan, type Tokens, tokenText } from '../preprocess/scanner.ts'
import type { Project, ProjectModel } from '../project/model.ts'
import type { FileId, Offset, Span } from '../source/text.ts'

/** What macros hide of the ways through a function: loops that they open, labels, jumps. */

interface Shape {
  /** `statement`: what follows is done again and again; `rest`: all that follows may be. */
  readonly opens: 'nothing' | 'statement' | 'rest'
  readonly jumps: boolean
}

const plain: Shape = { opens: 'nothing', jumps: false }

/** Where macros open loops in a function, and where they jump. */
export interface MacroWays {
  readonly loops: readonly Span[]
  readonly jumps: readonly Offset[]
}

const known = new WeakMap<Project, { shapes: Map<string, Shape>; ways: WeakMap<FunctionCode, MacroWays> }>()

/** Where macros of the project, or of nobody that is known, open loops in a function, and where its macros jump. */
export function macroWaysIn({ project }: ProjectModel, file: FileId, code: FunctionCode): MacroWays {
  const cache = known.get(project) ?? { shapes: new Map(), ways: new WeakMap() }
  known.set(project, cache)
  const found = cache.ways.get(code) ?? readWays(project, cache.shapes, file, code)
  cache.ways.set(code, found)
  return found
}

function readWays(project: Project, shapes: Map<string, Shape>, file: FileId, { span }: FunctionCode): MacroWays {
  const tokens = scan(project.code(file).text.slice(span.start, span.end))
  const loops: Span[] = []
  const jumps: Offset[] = []
  const at = (token: number): Offset => span.start + (tokens.start[token] ?? tokens.text.length)
  for (let token = 0; token < tokens.count; token++) {
    if (tokens.kind[token] !== Kind.identifier || tokens.directive[token]! >= 0) continue
    const name = tokenText(tokens, token)
    const isOwn = project.declarations.macro(name).length > 0
    const shape = isOwn ? shapeOf(project, shapes, name) : plain
    if (shape.jumps) jumps.push(at(token))
    const behind = behindOperands(tokens, token + 1)
    const opens = isOwn ? shape.opens : isOddHead(tokens, token, behind) ? 'statement' : 'nothing'
    if (opens !== 'nothing')
      loops.push({ start: at(token), end: opens === 'rest' ? span.end : at(endOfStatement(tokens, behind)) })
  }
  return { loops, jumps }
}

const words =
  /^(?:if|for|while|switch|else|do|return|goto|case|default|sizeof|catch|try|new|delete|throw|static|const)$/

/** Whether a name stands before a statement as no function does: `Q_FOREACH(x, list) f(x);`, `forever { f(x); }`. */
function isOddHead(tokens: Tokens, token: number, behind: number): boolean {
  const name = tokenText(tokens, token)
  if (words.test(name) || /^_?Py/.test(name)) return false
  const isBefore = behind > token + 1 ? tokens.kind[behind] === Kind.identifier : isPunctuation(tokens, behind, '{')
  if (!isBefore) return false
  return token === 0 || [';', '{', '}', ')'].some((each) => isPunctuation(tokens, token - 1, each))
}

/** The token behind what stands in parentheses, if anything does. */
function behindOperands(tokens: Tokens, token: number): number {
  return isPunctuation(tokens, token, '(') ? closing(tokens, token) + 1 : token
}

/** The bracket that closes one, or the last token. */
function closing(tokens: Tokens, open: number): number {
  let depth = 0
  for (let token = open; token < tokens.count; token++) {
    const text = tokens.kind[token] === Kind.punctuation ? tokenText(tokens, token) : ''
    if (text === '(' || text === '[' || text === '{') depth++
    else if ((text === ')' || text === ']' || text === '}') && --depth === 0) return token
  }
  return tokens.count
}

/** Where a statement ends: at its block's brace, or at its semicolon. */
function endOfStatement(tokens: Tokens, first: number): number {
  for (let token = first; token < tokens.count; token++) {
    if (isPunctuation(tokens, token, '(')) token = closing(tokens, token)
    else if (isPunctuation(tokens, token, ';') || isPunctuation(tokens, token, '{')) {
      if (isPunctuation(tokens, token, '{')) token = closing(tokens, token)
      if (token + 1 >= tokens.count || tokenText(tokens, token + 1) !== 'else') return token
    }
  }
  return tokens.count
}

function shapeOf(project: Project, shapes: Map<string, Shape>, name: string): Shape {
  const found = shapes.get(name)
  if (found !== undefined) return found
  // A macro in its own body means itself.
  shapes.set(name, plain)
  let shape = plain
  for (const { file, fact } of project.declarations.macro(name)) {
    const body = scan(project.code(file).text.slice(fact.bodyStart, fact.bodyEnd))
    const one = readShape(body, (each) => shapeOf(project, shapes, each))
    const opens = [shape.opens, one.opens]
    shape = {
      opens: opens.includes('rest') ? 'rest' : opens.includes('statement') ? 'statement' : 'nothing',
      jumps: shape.jumps || one.jumps,
    }
  }
  shapes.set(name, shape)
  return shape
}

/** A block that is open: whether it is the body of a loop, and the `do`s before it that no `while` has ended. */
interface Block {
  readonly isLoop: boolean
  dos: number
}

function readShape(tokens: Tokens, shapeOfName: (name: string) => Shape): Shape {
  const blocks: Block[] = [{ isLoop: false, dos: 0 }]
  let jumps = false
  let isRest = false
  let isPending = false
  let parentheses = 0
  for (let token = 0; token < tokens.count; token++) {
    const text = tokenText(tokens, token)
    const block = blocks.at(-1)!
    const isFirst = token === 0 || [';', '{', '}'].some((each) => isPunctuation(tokens, token - 1, each))
    if (text === '(') parentheses++
    else if (text === ')') parentheses--
    else if (text === '{') {
      blocks.push({ isLoop: isPending, dos: 0 })
      isPending = false
    } else if (text === '}') {
      if (blocks.length > 1) blocks.pop()
      isPending = false
    } else if (text === ';') {
      if (parentheses === 0) isPending = false
    } else if (text === 'for') isPending = true
    else if (text === 'do') {
      block.dos++
      isPending = true
    } else if (text === 'while') {
      if (block.dos > 0 && isFirst) block.dos--
      else isPending = true
    } else if (/^(?:goto|break|continue)$/.test(text)) jumps = true
    else if (tokens.kind[token] === Kind.identifier) {
      if (isFirst && isPunctuation(tokens, token + 1, ':') && text !== 'default') isRest = true
      const inner = shapeOfName(text)
      jumps ||= inner.jumps
      isRest ||= inner.opens === 'rest'
      isPending ||= inner.opens === 'statement'
    }
  }
  if (isRest || blocks.some(({ isLoop, dos }) => isLoop || dos > 0)) return { opens: 'rest', jumps }
  return { opens: isPending ? 'statement' : 'nothing', jumps }
}
