import { callsIn } from '../code/placement.ts'
import type { CallValue, FunctionCode, Value } from '../code/tree.ts'
import { addressed, bare, calleeName, isNull, nameOf, plainText, pointedName } from '../code/values.ts'
import { variablesNamed, variablesOf } from '../code/variables.ts'
import { argumentUnits } from '../knowledge/argument-units.ts'
import type { ProjectModel } from '../project/model.ts'
import { tableRolesOf } from './function-roles.ts'
import type { Body } from './functions.ts'

/**
 * Whether a value in a function may be any object that code in Python hands over, nobody looking at its type, or a
 * container of such: what `O` of `PyArg_ParseTuple` gives, the argument of a method with `METH_O`, what an attribute
 * is set to, and a list that is made of it.
 */
export function isAnyObject(model: ProjectModel, body: Body, value: Value): boolean {
  const { code } = body
  const inner = bare(value)
  if (inner.kind === 'call')
    return handsOn.test(calleeName(inner) ?? '') && inner.operands.some((each) => isAnyObject(model, body, each))
  // `args[0]` of `METH_FASTCALL`
  if (inner.kind === 'index') {
    const array = code.parameters[1]
    return array?.type === 'PyObject**' && nameOf(inner.object) === array.name && getsAny(model, body)
  }
  const name = nameOf(inner)
  if (name === null || isLookedAt(code, name)) return false
  const given = variablesOf(code).get(name)
  if (given === undefined)
    return code.parameters[1]?.name === name && code.parameters[1].type === 'PyObject*' && getsAny(model, body)
  return (
    variablesNamed(code, name).length > 0 &&
    given.every((each) => isNull(each) || /^Py_(?:None|False|True)$/.test(nameOf(each) ?? '')) &&
    callsIn(code).some((call) =>
      isParsed(
        call,
        call.operands.findIndex((each) => addressed(each) === name),
      ),
    )
  )
}

/** Whether CPython hands any object, or a tuple of such, to a function as its second parameter. */
const getsAny = (model: ProjectModel, body: Body): boolean =>
  tableRolesOf(model, body).some(
    ({ kind, name }) =>
      /^(?:setter|method|function|module function)$/.test(kind) ||
      (kind === 'slot' && /^(?:tp_(?:init|new|call)|mp_(?:ass_)?subscript|sq_contains)$/.test(name)),
  )

/** Functions whose result is what they get, or a container of it. */
const handsOn = /^(?:Py_X?NewRef|PySequence_(?:List|Tuple)|PyDict_Copy|PyObject_GetIter|PyTuple_Pack)$/

/** Static types whose instances refer to any objects. */
const containers = /^Py(?:List|Dict|Tuple|Set|FrozenSet|Function|Cell|Method)_Type$/

/** Whether a call of a parser of arguments puts any object into what an operand points to. @param at its number */
export function isParsed(call: CallValue, at: number): boolean {
  if (!/^PyArg_(?:Parse|ParseTuple|ParseTupleAndKeywords)$/.test(calleeName(call) ?? '')) return false
  const format = call.operands.find(
    (each): each is Extract<Value, { kind: 'literal' }> => each.kind === 'literal' && each.literal === 'string',
  )
  const text = format && /^"([^"\\]*)"$/.exec(format.text)?.[1]
  const behind = calleeName(call) === 'PyArg_ParseTupleAndKeywords' ? 4 : 2
  const unit =
    text === undefined ? undefined : argumentUnits(text)?.find((each) => each.first + each.operands - 1 === at - behind)
  if (unit?.unit !== 'O!') return unit?.unit === 'O'
  const type = call.operands[behind + unit.first]
  return type !== undefined && containers.test(pointedName(type) ?? '')
}

/** Functions that tell nothing of what an object may refer to. */
const lookers = new RegExp(
  `${handsOn.source}|^(?:Py_X?(?:INCREF|DECREF|SETREF)|Py_(?:CLEAR|VISIT)|PyArg_\\w+|PyCallable_Check|PyObject_Hash|` +
    'PyDict_(?:GetItem\\w*|Contains|SetItem|SetDefault\\w*|DelItem|Pop))$',
)

/**
 * Whether a function hands an object to another one, which may refuse some types.
 * @param text what the object is written as, as `plainText` gives it
 */
export const isLookedAt = (code: FunctionCode, text: string): boolean =>
  callsIn(code).some(
    (call) => !lookers.test(calleeName(call) ?? '') && call.operands.some((each) => plainText(bare(each)) === text),
  )
