import { type Tokens, tokenText } from '../preprocess/scanner.ts'

/** How the conditions of a text nest, by the indices of their directives. */
export interface Conditionals {
  /** Of each directive what it is; `other` for `#define`, `#include` and the like. */
  readonly kinds: readonly DirectiveKind[]
  /** Of each directive of a group the last `#if`, `#elif` or `#else` of the group. */
  readonly lastBranch: Int32Array
  /** Of each directive of a group but the last the next one; -1 where the text ends before it. */
  readonly next: Int32Array
}

export type DirectiveKind = 'if' | 'else' | 'endif' | 'other'

/** Reads how the conditions of a text nest. Never throws: a group that does not end has no `#endif`. */
export function conditionalsOf(tokens: Tokens): Conditionals {
  const count = tokens.directives.length
  const kinds: DirectiveKind[] = []
  const lastBranch = new Int32Array(count).fill(-1)
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
      for (const each of group) lastBranch[each] = group.at(-2)!
      open.pop()
    }
  })
  for (const group of open) for (const each of group) lastBranch[each] = group.at(-1)!
  return { kinds, lastBranch, next }
}
