import type { SyntaxNode } from '../syntax/parse.ts'

/** What nodes hold, as many ask for it. */

/** The only node in one; null where there are several, or none. */
export const soleChild = (node: SyntaxNode): SyntaxNode | null => {
  const children = node.namedChildren.filter((child) => child !== null)
  return children.length === 1 ? children[0]! : null
}

/** A node with the parentheses around it, and what that is directly a part of; null for nothing. */
export function inParentheses(node: SyntaxNode): { readonly whole: SyntaxNode; readonly parent: SyntaxNode | null } {
  let whole = node
  while (whole.parent?.type === 'parenthesized_expression') whole = whole.parent
  return { whole, parent: whole.parent }
}

/** The arguments of a call, without comments. */
export const argumentsOf = (call: SyntaxNode): SyntaxNode[] =>
  call
    .childForFieldName('arguments')
    ?.namedChildren.filter((each): each is SyntaxNode => each !== null && each.type !== 'comment') ?? []

/** An expression as text, without the casts and parentheses around it. */
export function bareText(node: SyntaxNode): string {
  let at = node
  for (;;) {
    const inner = withinCast(at)
    if (inner === null) return at.text
    at = inner
  }
}

/** What stands in a cast or in parentheses; null where a node is none. */
function withinCast(node: SyntaxNode): SyntaxNode | null {
  switch (node.type) {
    case 'cast_expression':
      return node.childForFieldName('value')
    case 'parenthesized_expression':
      return soleChild(node)
    case 'call_expression':
      return /^(?:static|reinterpret|const|dynamic)_cast\s*</.test(calledName(node))
        ? (argumentsOf(node)[0] ?? null)
        : null
    default:
      return null
  }
}

/** What is called, as it is written; empty for what is no call. */
export const calledName = (node: SyntaxNode | null | undefined): string =>
  node?.type === 'call_expression' ? (node.childForFieldName('function')?.text ?? '') : ''
