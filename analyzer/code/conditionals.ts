import { directiveOf, scan, type Tokens, tokenText } from '../preprocess/scanner.ts'
import type { TokenIndex } from '../source/text.ts'

/** How the conditions of a text nest, by the indices of their directives. */
export interface Conditionals {
  /** Of each directive what it is; `other` for `#define`, `#include` and the like. */
  readonly kinds: readonly DirectiveKind[]
  /**
   * Of each directive of a group the branch that is read where one has to be: its `#if` where that is for Python 3,
   * else its last `#if`, `#elif` or `#else`.
   */
  readonly chosenBranch: Int32Array
  /** Of each directive of a group but the last the next one; -1 where the text ends before it. */
  readonly next: Int32Array
}

export type DirectiveKind = 'if' | 'else' | 'endif' | 'other'

/** Reads how the conditions of a text nest. Never throws: a group that does not end has no `#endif`. */
export function conditionalsOf(tokens: Tokens): Conditionals {
  const count = tokens.directives.length
  const kinds: DirectiveKind[] = []
  const chosenBranch = new Int32Array(count).fill(-1)
  const next = new Int32Array(count).fill(-1)
  const open: number[][] = []
  tokens.directives.forEach(({ firstToken, endToken }, index) => {
    const word = firstToken < endToken ? tokenText(tokens, firstToken) : ''
    const kind: DirectiveKind = /^if/.test(word) ? 'if' : /^el/.test(word) ? 'else' : word === 'endif' ? word : 'other'
    kinds.push(kind)
    if (kind === 'other') return
    if (kind === 'if') {
      open.push([index])
      return
    }
    const group = open.at(-1)
    if (group === undefined) return
    next[group.at(-1)!] = index
    group.push(index)
    if (kind === 'endif') {
      const chosen = isForPython3(tokens, group[0]!) ? group[0]! : group.at(-2)!
      for (const each of group) chosenBranch[each] = chosen
      open.pop()
    }
  })
  for (const group of open) for (const each of group) chosenBranch[each] = group.at(-1)!
  return { kinds, chosenBranch, next }
}

/**
 * Whether a directive is an `#if` for Python 3 and nothing else: what other branches hold is never compiled with it.
 */
export function isForPython3(tokens: Tokens, directive: number): boolean {
  const { firstToken, endToken } = tokens.directives[directive]!
  if (endToken - firstToken !== 4) return false
  const [word, name, sign, number] = [0, 1, 2, 3].map((index) => tokenText(tokens, (firstToken + index) as TokenIndex))
  return word === 'if' && forPython3.test(`${name} ${sign} ${number}`)
}

const forPython3 = /^(?:PY_MAJOR_VERSION (?:>= 3|> 2|== 3)|PY_VERSION_HEX (?:>=|>) 0x0300\w{4})$/

/**
 * Whether the conditions in a part of a text nest as its braces do: they begin and end there, and each branch has as
 * many `{` as `}`, and none that closes what it did not open.
 */
export function nestWithBraces(text: string): boolean {
  const tokens = scan(text)
  const { kinds } = conditionalsOf(tokens)
  // Of each branch that is open how many braces are.
  const open: number[] = []
  let before = -1
  for (let at = 0 as TokenIndex; at < tokens.count; at++) {
    const directive = directiveOf(tokens, at)
    if (directive >= 0) {
      const kind = directive === before ? 'other' : kinds[directive]
      before = directive
      if (kind === 'if') open.push(0)
      else if (kind === 'else' || kind === 'endif') {
        if (open.at(-1) !== 0) return false
        if (kind === 'endif') open.pop()
      }
      continue
    }
    const depth = open.at(-1)
    const word = depth === undefined ? '' : tokenText(tokens, at)
    if (word === '{' || word === '}') open[open.length - 1] = depth! + (word === '{' ? 1 : -1)
    if (word === '}' && depth === 0) return false
  }
  return open.length === 0
}
