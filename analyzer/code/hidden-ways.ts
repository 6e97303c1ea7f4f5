import { isPunctuation, Kind, scan, type Tokens, tokenText } from '../preprocess/scanner.ts'

/** What names in code hide of the ways through it: those of macros, and of nobody that is known. */

export interface HiddenWays {
  /** Whether what follows may be done again. */
  readonly loops: boolean
  /** Whether what follows may be left out. */
  readonly jumps: boolean
}

/**
 * What the names in code hide. One of nobody that stands before a statement as no function does hides a loop:
 * `Q_FOREACH(x, list) f(x);`, `forever { f(x); }`.
 * @param ofName what a name hides, as a macro; null for one that nobody defines
 */
export function waysHiddenIn(text: string, ofName: (name: string) => HiddenWays | null): HiddenWays {
  const tokens = scan(text)
  let [loops, jumps] = [false, false]
  for (let token = 0; token < tokens.count; token++) {
    if (tokens.kind[token] !== Kind.identifier || tokens.isInDirective[token] !== 0) continue
    const hidden = ofName(tokenText(tokens, token))
    loops ||= hidden ? hidden.loops : isOddHead(tokens, token)
    jumps ||= hidden?.jumps === true
  }
  return { loops, jumps }
}

/**
 * What a macro hides: a loop or a block that its body leaves open, a label, jumps.
 * @param ofName what a name in the body hides, as a macro
 */
export function waysHiddenByMacro(body: string, ofName: (name: string) => HiddenWays): HiddenWays {
  const tokens = scan(body)
  const count = { do: 0, while: 0, braces: 0 }
  let [loops, jumps] = [false, false]
  // Whether nothing ends the statement that the last loop repeats.
  let isOpen = false
  for (let token = 0; token < tokens.count; token++) {
    const text = tokenText(tokens, token)
    if (tokens.kind[token] !== Kind.identifier) {
      if (text === '{') count.braces++
      else if (text === '}') count.braces--
      else if (text === '(' && isOpen) token = closing(tokens, token)
      if (text === ';' || text === '}') isOpen = false
      continue
    }
    if (text === 'do' || text === 'while') count[text]++
    if (text === 'for' || (text === 'while' && count.while > count.do)) isOpen = true
    const isFirst = token === 0 || [';', '{', '}'].some((each) => isPunctuation(tokens, token - 1, each))
    const isLabel = isFirst && text !== 'default' && isPunctuation(tokens, token + 1, ':')
    const inner = ofName(text)
    loops ||= isLabel || inner.loops
    jumps ||= /^(?:goto|break|continue)$/.test(text) || inner.jumps
  }
  return { loops: loops || isOpen || count.do > count.while || count.braces > 0, jumps }
}

const words =
  /^(?:if|for|while|switch|else|do|return|goto|case|default|sizeof|catch|try|new|delete|throw|static|const)$/

/** Whether a name stands before a statement as no function does. */
function isOddHead(tokens: Tokens, token: number): boolean {
  if (words.test(tokenText(tokens, token))) return false
  if (token > 0 && ![';', '{', '}', ')'].some((each) => isPunctuation(tokens, token - 1, each))) return false
  if (!isPunctuation(tokens, token + 1, '(')) return isPunctuation(tokens, token + 1, '{')
  const behind = closing(tokens, token + 1) + 1
  return tokens.kind[behind] === Kind.identifier && !/^(?:goto|return|break|continue)$/.test(tokenText(tokens, behind))
}

/** The parenthesis that closes one; behind the last token where none does. */
function closing(tokens: Tokens, open: number): number {
  let depth = 0
  for (let token = open; token < tokens.count; token++)
    if (isPunctuation(tokens, token, '(')) depth++
    else if (isPunctuation(tokens, token, ')') && --depth === 0) return token
  return tokens.count
}
