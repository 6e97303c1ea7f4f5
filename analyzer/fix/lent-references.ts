import { aloneStatement, inCasts, isInLoopHead, leadOf, parentsIn, statementOf } from '../code/placement.ts'
import { valuesInCode } from '../code/statements.ts'
import type { BlockStatement, CallValue, FunctionCode, Statement } from '../code/tree.ts'
import { calleeName, eachValue, nameOf } from '../code/values.ts'
import { isParameter, variablesNamed } from '../code/variables.ts'
import type { ProjectModel } from '../project/model.ts'
import { isAvailable } from '../semantics/availability.ts'
import { type Body, isCxxFile } from '../semantics/functions.ts'
import { isNullTest } from '../semantics/lent-uses.ts'
import { releasePlaces } from '../semantics/release-places.ts'
import type { Fix, Rewrite } from './fix.ts'

/** What is written instead of a call that lends. */
interface Lender {
  readonly better: string
  /** Whether the object goes where the last operand points to. */
  readonly byAddress: boolean
  /** Whether the old call clears exceptions of the look-up. */
  readonly clears: boolean
  /** What differs; empty for nothing. */
  readonly reason: string
}

const cleared = 'where an exception is set before, one of the look-up takes its place, and both are cleared'

const lenders: Readonly<Record<string, Lender>> = {
  PyList_GetItem: {
    better: 'PyList_GetItemRef',
    byAddress: false,
    clears: false,
    reason: 'what is no list gives `TypeError` instead of `SystemError`',
  },
  PyImport_AddModule: { better: 'PyImport_AddModuleRef', byAddress: false, clears: false, reason: '' },
  PyDict_GetItemWithError: { better: 'PyDict_GetItemRef', byAddress: true, clears: false, reason: '' },
  PyDict_GetItem: { better: 'PyDict_GetItemRef', byAddress: true, clears: true, reason: cleared },
  PyDict_GetItemString: { better: 'PyDict_GetItemStringRef', byAddress: true, clears: true, reason: cleared },
}

/**
 * The fix for a call that lends an object to a variable of the function, or whose result gets a reference at once: the
 * call that gives a reference, and `Py_DECREF` on each way out. Null where not all ways are understood.
 */
export function lentReferenceFix(model: ProjectModel, body: Body, call: CallValue): Fix | null {
  const name = calleeName(call) ?? ''
  const lender = Object.hasOwn(lenders, name) ? lenders[name]! : null
  if (!lender || body.code.kind !== 'function' || isCxxFile(model, body.file)) return null
  const shim = isAvailable(model, lender.better) ? null : lender.better.replace(/^Py/, 'Pep')
  const written = shim ?? lender.better
  const rewrites = counted(body.code, call, lender, written) ?? assigned(model, body, call, lender, written)
  if (rewrites === null) return null
  return {
    title: `call \`${written}\`, and give the reference back on each way out`,
    safety: lender.reason === '' ? 'safe' : 'unsafe',
    reason: lender.reason,
    kind: 'file',
    rewrites: [...rewrites].sort((a, b) => a.start - b.start),
    includes: [],
    shims: shim === null ? [] : [shim],
  }
}

/** `Py_XNewRef(PyList_GetItem(list, 0))` */
function counted(code: FunctionCode, call: CallValue, lender: Lender, written: string): Rewrite[] | null {
  const { parent } = inCasts(code, call)
  if (parent?.kind !== 'call' || !/^Py_X?NewRef$/.test(calleeName(parent) ?? '') || lender.byAddress) return null
  return [{ ...parent.span, pieces: [written, { start: call.open, end: call.span.end }] }]
}

/** `PyObject *item = PyList_GetItem(list, 0);`, and the same as an assignment. */
function assigned(model: ProjectModel, body: Body, call: CallValue, lender: Lender, written: string): Rewrite[] | null {
  const { code, file } = body
  const { parent } = inCasts(code, call)
  const statement = statementOf(code, call)
  const name = parent?.kind === 'variable' ? parent.name : parent?.kind === 'assign' ? nameOf(parent.target) : null
  if (!statement || !parent || name === null || !isOwnVariable(code, name) || isInLoopHead(code, statement)) return null
  if (parent.kind === 'variable' && !(statement.kind === 'declaration' && statement.variables.length === 1)) return null
  if (parent.kind === 'assign' && aloneStatement(code, parent)?.statement !== statement) return null
  if (call.operands.some((each) => eachValue(each).some((inner) => nameOf(inner) === name))) return null
  const block = parentsIn(code).get(statement)
  const around = block === undefined ? code.body : block.kind === 'block' ? (block as BlockStatement).statements : null
  if (!around) return null
  const { text } = model.project.code(file)
  const lead = leadOf(text, statement.span)
  const change = lookup(text, call, parent.kind === 'variable' ? parent.nameSpan.end : null, statement, {
    lender,
    written,
    name,
    lead,
  })
  const reference = referenceTaken(code, around, statement, name)
  if (reference) return [change, { ...reference.span, pieces: [] }]
  const places = releasePlaces(model, body, { around, statement, name, call })
  if (places === null) return null
  const isThere = isTestedFirst(around, statement, name)
  const release = `Py_${isThere ? '' : 'X'}DECREF(${name});`
  return [
    change,
    ...places.before.map(({ statement: exit, isBraceless }): Rewrite => {
      const pieces = isBraceless ? [`{ ${release} `, exit.span, ' }'] : [release + leadOf(text, exit.span), exit.span]
      return { ...exit.span, pieces }
    }),
    ...(places.after ? [{ start: places.after, end: places.after, pieces: [lead + release] }] : []),
  ]
}

/** The call that gives a reference, in the place of a statement that borrows one. */
function lookup(
  text: string,
  call: CallValue,
  declared: number | null,
  { span }: Statement,
  { lender, written, name, lead }: { lender: Lender; written: string; name: string; lead: string },
): Rewrite {
  if (!lender.byAddress) return { ...call.callee.span, pieces: [written] }
  const operands = { start: call.open, end: call.close }
  const asked = [written, operands, `, &${name})`]
  const whole = lender.clears
    ? ['if (', ...asked, ' < 0)', `${lead}${lead.includes('\t') ? '\t' : '    '}PyErr_Clear();`]
    : ['(void)', ...asked, ';']
  const end = text[span.end - 1] === ';' ? span.end : span.end + 1
  if (declared === null) return { start: span.start, end, pieces: whole }
  return { start: declared, end, pieces: [` = NULL;${lead}`, ...whole] }
}

/** Whether a name is that of a `PyObject *` of the function alone. */
function isOwnVariable(code: FunctionCode, name: string): boolean {
  const [variable, ...others] = variablesNamed(code, name)
  if (!variable || others.length > 0 || isParameter(code, name)) return false
  return variable.type === 'PyObject*' && variable.storage === ''
}

/** `Py_INCREF(item);` directly behind a statement, or behind a test for `NULL`. */
function referenceTaken(
  code: FunctionCode,
  around: readonly Statement[],
  statement: Statement,
  name: string,
): Statement | null {
  const at = around.indexOf(statement) + 1
  const next = isTestedFirst(around, statement, name) ? around[at + 1] : around[at]
  if (next?.kind !== 'expression' || next.value?.kind !== 'call') return null
  const [operand] = next.value.operands
  const takes = /^Py_X?INCREF$/.test(calleeName(next.value) ?? '') && operand && nameOf(operand) === name
  // Another one might be for what the first is not for.
  const all = valuesInCode(code.body).filter(
    (each) =>
      each.kind === 'call' && /^Py_X?INCREF$/.test(calleeName(each) ?? '') && nameOf(each.operands[0]!) === name,
  )
  return takes && all.length === 1 ? next : null
}

/** Whether a function leaves directly behind a statement where a variable is `NULL`. */
function isTestedFirst(around: readonly Statement[], statement: Statement, name: string): boolean {
  const next = around[around.indexOf(statement) + 1]
  if (next?.kind !== 'if' || next.otherwise || !isNullTest(next.condition, name)) return false
  const last = next.then.kind === 'block' ? next.then.statements.at(-1) : next.then
  return last?.kind === 'return' || last?.kind === 'jump'
}
