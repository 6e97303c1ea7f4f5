import { assignedTo, callsIn, parentsIn, statementOf } from '../code/placement.ts'
import type { CallValue, FunctionCode, Value } from '../code/tree.ts'
import { bare, calleeName, plainText } from '../code/values.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset, Span } from '../source/text.ts'

/** What code does with the item of a tuple or a list that another one takes the place of. */

const release = /^Py_(?:X?DECREF|CLEAR|X?SETREF)$/
const give = /^P(?:y|ep)(?:Tuple|List)_(?:GET_ITEM|GetItem)$/

/**
 * Where the item is released that a call of `PyTuple_SET_ITEM` or `PyList_SET_ITEM` puts another one for.
 * @param start where the call begins, in bytes
 * @returns null where nothing before the call in its function or macro releases an item; the text from a statement that
 * does nothing but release that item up to the call, if it stands just before; else `released`
 */
export function formerItem(model: ProjectModel, file: FileId, start: Offset): Span | 'released' | null {
  const text = model.project.code(file)
  const code = text.codeAt(start)
  const call = code && callsIn(code).find((each) => each.span.start === start)
  if (!code || !call) return 'released'
  const releases = callsIn(code).filter(
    (each) => each.span.start < start && release.test(calleeName(each) ?? '') && itemOf(code, each) !== null,
  )
  if (releases.length === 0) return null
  const [only] = releases
  if (releases.length > 1 || only === undefined) return 'released'
  const item = itemOf(code, only)!
  const [one, other] = [statementOf(code, only), statementOf(code, call)]
  const isAlone = (value: CallValue): boolean => parentsIn(code).get(value)?.kind === 'expression'
  const isSame = [0, 1].every(
    (at) => isSimple(item.operands[at]) && plainText(item.operands[at]!) === plainText(call.operands[at]!),
  )
  const isJust = one !== null && other !== null && /^[\s\\]*$/.test(text.text.slice(one.span.end, other.span.start))
  const isPlain = /^Py_X?DECREF$/.test(calleeName(only)!) && bare(only.operands[0]!) === item
  return isJust && isSame && isPlain && isAlone(only) && isAlone(call)
    ? { start: one.span.start, end: other.span.start }
    : 'released'
}

/** The call that gives the item of a container that another call releases, at once or as a variable; null for none. */
function itemOf(code: FunctionCode, { operands: [operand] }: CallValue): CallValue | null {
  if (operand === undefined) return null
  const value = bare(operand)
  if (value.kind === 'call') return give.test(calleeName(value) ?? '') ? value : null
  if (value.kind !== 'name') return null
  const isHeld = (each: CallValue): boolean => {
    const target = give.test(calleeName(each) ?? '') ? assignedTo(code, each) : null
    return target !== null && (target.kind === 'variable' ? target.name : plainText(target)) === value.name
  }
  return callsIn(code).find(isHeld) ?? null
}

/** Whether an operand does nothing and is the same twice. */
const isSimple = (value: Value | undefined): boolean =>
  value !== undefined && /^[\w.>-]+$/.test(plainText(value)) && !/--/.test(plainText(value))
