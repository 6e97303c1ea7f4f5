import { callsIn, type Parent, parentsIn } from '../code/placement.ts'
import type { CallValue, FunctionCode, LoopStatement, Statement, Value } from '../code/tree.ts'
import { bare, calleeName, eachValue, plainText } from '../code/values.ts'
import { changesOf } from './variable-steps.ts'
import { isIn, leavesLoop, loopsAround } from './ways.ts'

/** Calls that a loop makes anew for each turn. */

/**
 * The innermost loop that may make a call many times; null for none, where the loop ends after the call, has few turns,
 * or turns that take long anyhow.
 */
export function repeatingLoop(code: FunctionCode, call: CallValue): LoopStatement | null {
  const [loop] = loopsAround(code, call)
  if (loop === undefined || isEndless(loop) || endsSoon(loop) || imports(code, loop)) return null
  const parents = parentsIn(code)
  for (let at: Parent | undefined = parents.get(call); at !== undefined && at !== loop; at = parents.get(at))
    if (at.kind === 'block' && isEnd(at.statements.at(-1))) return null
  return loop
}

const isEnd = (statement: Statement | undefined): boolean => statement !== undefined && leavesLoop(statement)

/** `for (;;)`, `while (1)`: loops that wait for something, or end by `break`. */
const isEndless = ({ head }: LoopStatement): boolean =>
  head.every(
    (each) => each.kind === 'expression' && (each.value === null || /^(?:1|true)$/.test(plainText(bare(each.value)))),
  )

/** Whether a turn of a loop imports a module, which takes longer than anything else. */
const imports = (code: FunctionCode, { span }: LoopStatement): boolean =>
  callsIn(code).some((call) => isIn(call, span) && /^PyImport_Import/.test(calleeName(call) ?? ''))

/** Turns of a loop that are too few to matter. */
const few = 8

/** Whether the head of a loop compares with a small number: `i < 3`. */
const endsSoon = ({ head }: LoopStatement): boolean =>
  head.some(
    (statement) =>
      statement.kind === 'expression' &&
      statement.value !== null &&
      [...eachValue(statement.value)].some(
        (each) => each.kind === 'binary' && /^(?:<=?|!=)$/.test(each.operator) && isSmall(each.right),
      ),
  )

/** A number of turns that is small; `!= 0` says nothing of their number. */
function isSmall(value: Value): boolean {
  const inner = bare(value)
  if (inner.kind !== 'literal' || inner.literal !== 'number') return false
  const turns = Number(inner.text)
  return 0 < turns && turns <= few
}

/** Whether a loop gives a variable other values. */
export const changesInLoop = (code: FunctionCode, name: string, loop: LoopStatement): boolean =>
  changesOf(code, name).some(({ node }) => isIn(node, loop.span))
