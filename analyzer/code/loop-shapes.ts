import { isPunctuation, Kind, scan, type Tokens, tokenText } from '../preprocess/scanner.ts'
import type { Offset, Span } from '../source/text.ts'

/** Which names in code open loops that one does not see: those of macros, and of nobody that is known. */

/** What a macro does to the ways through a function that uses it. */
export interface Shape {
  /** `statement`: what follows is done again and again; `rest`: all that follows may be. */
  readonly opens: 'nothing' | 'statement' | 'rest'
  readonly jumps: boolean
}

/** That of a macro that opens nothing. */
export const plain: Shape = { opens: 'nothing', jumps: false }

/**
 * Where names in the text of a function open loops, and where they jump, by offsets in the text.
 * @param shapeOfName what a name does as a macro; null for one that nobody defines
 */
export function openingsIn(
  text: string,
  shapeOfName: (name: string) => Shape | null,
): { readonly loops: readonly Span[]; readonly jumps: readonly Offset[] } {
  const tokens = scan(text)
  const loops: Span[] = []
  const jumps: Offset[] = []
  const at = (token: number): Offset => tokens.start[token] ?? text.length
  for (let token = 0; token < tokens.count; token++) {
    if (tokens.kind[token] !== Kind.identifier || tokens.isInDirective[token] === 1) continue
    const shape = shapeOfName(tokenText(tokens, token))
    if (shape?.jumps) jumps.push(at(token))
    const behind = behindOperands(tokens, token + 1)
    const opens = shape ? shape.opens : isOddHead(tokens, token, behind) ? 'statement' : 'nothing'
    if (opens !== 'nothing')
      loops.push({ start: at(token), end: opens === 'rest' ? text.length : at(endOfStatement(tokens, behind)) })
  }
  return { loops, jumps }
}

const words =
  /^(?:if|for|while|switch|else|do|return|goto|case|default|sizeof|catch|try|new|delete|throw|static|const)$/

/** Whether a name stands before a statement as no function does: `Q_FOREACH(x, list) f(x);`, `forever { f(x); }`. */
function isOddHead(tokens: Tokens, token: number, behind: number): boolean {
  const name = tokenText(tokens, token)
  if (words.test(name)) return false
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

/** A block that is open: whether it is the body of a loop, and the `do`s before it that no `while` has ended. */
interface Block {
  readonly isLoop: boolean
  dos: number
}

/**
 * What the body of a macro does to the ways through a function.
 * @param shapeOfName what a name in the body does, as a macro
 */
export function readShape(body: string, shapeOfName: (name: string) => Shape): Shape {
  const tokens = scan(body)
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
