import { parentsIn } from '../code/placement.ts'
import { eachStatement } from '../code/statements.ts'
import type { FunctionCode, Statement } from '../code/tree.ts'

/** How a statement itself ends its function: with an error, or with anything else; null where it does not. */
export type EndOf = (statement: Statement) => 'error' | 'other' | null

/** Whether a function that goes on behind a statement ends with an error, whatever it does until then. */
export function failsBehind(code: FunctionCode, statement: Statement, endOf: EndOf): boolean {
  return goesOn(code, statement, endOf, new Set())
}

/** @param followed the labels that were jumped to on the way */
function goesOn(code: FunctionCode, statement: Statement, endOf: EndOf, followed: ReadonlySet<Statement>): boolean {
  const parents = parentsIn(code)
  for (let at: Statement = statement; ; ) {
    const list = siblingsOf(code, at)
    for (const next of list.slice(list.indexOf(at) + 1)) {
      const end = endIn(code, next, endOf, followed)
      if (end !== null) return end === 'error'
    }
    const around = parents.get(at)
    if (around?.kind !== 'block' && around?.kind !== 'if' && around?.kind !== 'branches') return false
    at = around
  }
}

/** What is sure of a statement and all in it: that some way ends well, or that all ways end with an error. */
function endIn(
  code: FunctionCode,
  statement: Statement,
  endOf: EndOf,
  followed: ReadonlySet<Statement>,
): ReturnType<EndOf> {
  const own = endOf(statement)
  if (own !== null) return own
  if (statement.kind === 'unknown') return 'other'
  if (statement.kind === 'jump') {
    if (statement.jump !== 'goto') return 'other'
    const label = labelOf(code, statement.label)
    const isNew = label !== undefined && !followed.has(label)
    return isNew && goesOn(code, label, endOf, new Set([...followed, label])) ? 'error' : 'other'
  }
  const ends = eachStatement([statement]).flatMap((each) => {
    const isWithin = each === statement || (each.kind === 'jump' && each.jump !== 'goto')
    const end = isWithin || !isEnd(each, endOf) ? null : endIn(code, each, endOf, followed)
    return end === null ? [] : [end]
  })
  if (ends.includes('other')) return 'other'
  return statement.kind === 'branches' && ends.length > 0 ? 'error' : null
}

const isEnd = (statement: Statement, endOf: EndOf): boolean =>
  statement.kind === 'jump' || statement.kind === 'unknown' || endOf(statement) !== null

/** The next statement that a function comes to behind one, by way of labels and jumps; null where it is not known. */
export function nextBehind(code: FunctionCode, statement: Statement): Statement | null {
  const parents = parentsIn(code)
  const seen = new Set<Statement>()
  for (let at: Statement = statement; !seen.has(at); ) {
    seen.add(at)
    const list = siblingsOf(code, at)
    const next = list[list.indexOf(at) + 1]
    const around = parents.get(at)
    if (next?.kind === 'label') at = next
    else if (next?.kind === 'jump' && next.jump === 'goto') {
      const label = labelOf(code, next.label)
      if (!label) return null
      at = label
    } else if (next) return next
    else if (around?.kind === 'block' || around?.kind === 'if') at = around
    else return null
  }
  return null
}

const labelOf = (code: FunctionCode, name: string): Statement | undefined =>
  eachStatement(code.body).find((each) => each.kind === 'label' && each.name === name)

/** The statements that one stands among. */
export function siblingsOf(code: FunctionCode, statement: Statement): readonly Statement[] {
  const around = parentsIn(code).get(statement)
  if (around === undefined) return code.body
  if (around.kind === 'block') return around.statements
  if (around.kind === 'branches')
    return around.branches.map(({ statements }) => statements).find((each) => each.includes(statement)) ?? [statement]
  return [statement]
}
