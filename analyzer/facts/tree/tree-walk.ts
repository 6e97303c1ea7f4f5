import type { Offset } from '../../source/text.ts'
import type { Dialect, SyntaxNode } from '../../syntax/parse.ts'
import type { CollectContext } from '../context.ts'
import type { Offsets } from '../offsets.ts'
import type { Scope } from './scope.ts'
import type { Sink } from './sink.ts'

/** What a walk is told: where to look, and whom to tell. Offsets are those of the text that was parsed. */
export interface WalkOptions {
  readonly context: CollectContext
  readonly dialect: Dialect
  /** Tokens that make a subtree worth a visit. */
  readonly interesting: Offsets
  readonly sink: Sink
  /** Whether any part of a span is new in this view; null where all is. */
  readonly isNew: ((start: Offset, end: Offset) => boolean) | null
  /** Where bodies of macros are walked: the parameters of the macro whose body surrounds an offset. */
  readonly parametersAt: ((offset: Offset) => readonly string[] | null) | null
}

/** The walk through a tree, as visitors see it: they go on by it to what is inside of their node. */
export interface TreeWalk extends WalkOptions {
  visit: (node: SyntaxNode, scope: Scope, depth: number) => void
  /** Visits those children that declare something, or hold something of interest. */
  visitChildren: (node: SyntaxNode, scope: Scope, depth: number) => void
}

/** Deals with a node and with all that is in it. @param depth how many visits are around it */
export type Visitor = (walk: TreeWalk, node: SyntaxNode, scope: Scope, depth: number) => void

/** Looks at a node whose children are visited after that. */
export type Observer = (walk: TreeWalk, node: SyntaxNode, scope: Scope) => void
