import { callAt, callStarting, callsIn, parentsIn } from '../code/placement.ts'
import type { FunctionCode, Value } from '../code/tree.ts'
import { bare, calleeName, eachValue, plainText } from '../code/values.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset } from '../source/text.ts'
import { type Body, functionsOf } from './functions.ts'

/** Which functions and macros set the size of a container that a function hands to them. */

const known = new WeakMap<ProjectModel, WeakMap<FunctionCode, Map<string, boolean>>>()

/**
 * Whether a function hands the container whose item a call reads or sets, under whichever name, to a function or macro
 * of the project that sets its size, or uses a macro that does so by name.
 * @param start where the call begins, in bytes
 */
export function isResizedByOthers(model: ProjectModel, file: FileId, start: Offset): boolean {
  const code = model.project.code(file).codeAt(start)
  const container = code && callStarting(code, start)?.operands[0]
  if (!code || !container) return false
  const name = plainText(bare(container))
  if (isHandedOn(model, { file, code }, name, 0)) return true
  const parameter = code.kind === 'macro' ? code.parameters.findIndex((each) => each.name === name) : -1
  return parameter >= 0 && isResizedByUsers(model, code.name, parameter, 0)
}

const ofMacros = new WeakMap<ProjectModel, Map<string, boolean>>()

/** Whether a function that hands its container to a macro sets its size as well, itself or by others. */
function isResizedByUsers(model: ProjectModel, macro: string, parameter: number, depth: number): boolean {
  const ofModel = ofMacros.get(model) ?? new Map<string, boolean>()
  ofMacros.set(model, ofModel)
  const key = `${macro} ${parameter}`
  const found = ofModel.get(key)
  if (found !== undefined) return found
  ofModel.set(key, false)
  const isResized = depth <= deepest && findResizedByUsers(model, macro, parameter, depth)
  ofModel.set(key, isResized)
  return isResized
}

function findResizedByUsers(model: ProjectModel, macro: string, parameter: number, depth: number): boolean {
  for (const file of model.files.keys()) {
    const text = model.project.code(file)
    for (const { span } of text.occurrences(macro)) {
      const code = text.codeAt(span.start)
      const operand = code && callAt(code, span.end)?.operands[parameter]
      if (!code || !operand || code.name === macro) continue
      const name = plainText(bare(operand))
      if (setsSize(code, name) || isHandedOn(model, { file, code }, name, 0)) return true
      const outer = code.kind === 'macro' ? code.parameters.findIndex((each) => each.name === name) : -1
      if (outer >= 0 && isResizedByUsers(model, code.name, outer, depth + 1)) return true
    }
  }
  return false
}

/** Functions within functions that are followed. */
const deepest = 8

function isHandedOn(model: ProjectModel, body: Body, container: string, depth: number): boolean {
  const ofModel = known.get(model) ?? new WeakMap<FunctionCode, Map<string, boolean>>()
  known.set(model, ofModel)
  const ofCode = ofModel.get(body.code) ?? new Map<string, boolean>()
  ofModel.set(body.code, ofCode)
  const found = ofCode.get(container)
  if (found !== undefined) return found
  // A function that calls itself does by that what it does anyhow.
  ofCode.set(container, false)
  const isResized = container !== '' && depth <= deepest && findHandedOn(model, body, container, depth)
  ofCode.set(container, isResized)
  return isResized
}

function findHandedOn(model: ProjectModel, { file, code }: Body, container: string, depth: number): boolean {
  const functions = functionsOf(model)
  const names = otherNames(code, container)
  const sets = (body: Body, name: string): boolean =>
    setsSize(body.code, name) || isHandedOn(model, body, name, depth + 1)
  const isSetByCall = callsIn(code).some((call) => {
    const callee = calleeName(call)
    if (callee === null || !call.operands.some((operand) => holds(operand, names))) return false
    return [...functions.named(file, callee), ...functions.macrosNamed(file, callee)].some((body) =>
      call.operands.some((operand, index) => {
        const name = body.code.parameters[index]?.name ?? ''
        return name !== '' && holds(operand, names) && sets(body, name)
      }),
    )
  })
  if (isSetByCall) return true
  const used = new Set(
    model.project
      .code(file)
      .namesIn(code.span)
      .map(({ name }) => name),
  )
  return [...used].some((macro) =>
    functions
      .macrosNamed(file, macro)
      .some((body) => body.code !== code && [...names].some((name) => isName(name, body.code) && sets(body, name))),
  )
}

/** Whether a text is a name that no parameter of a macro hides. */
const isName = (text: string, { parameters }: FunctionCode): boolean =>
  /^\w+$/.test(text) && !parameters.some(({ name }) => name === text)

/** Whether an operand is a container, its address, or what has it in a field. */
function holds(operand: Value, names: ReadonlySet<string>): boolean {
  const inner = bare(operand)
  const text = plainText(inner.kind === 'unary' && inner.operator === '&' ? bare(inner.operand) : inner)
  if (text === '') return false
  return names.has(text) || [...names].some((name) => name.startsWith(`${text}->`) || name.startsWith(`${text}.`))
}

/** Whether a function or a macro sets the size of what one of its names stands for. */
function setsSize(code: FunctionCode, name: string): boolean {
  const names = otherNames(code, name)
  const isOf = (value: Value): boolean => eachValue(value).some((each) => each.kind === 'name' && names.has(each.name))
  return [...parentsIn(code).keys()].some((each) => {
    if (each.kind === 'call')
      return /SET_SIZE$/.test(calleeName(each) ?? '') && each.operands[0] !== undefined && isOf(each.operands[0])
    const target =
      each.kind === 'assign'
        ? each.target
        : each.kind === 'unary' && /\+\+|--/.test(each.operator)
          ? each.operand
          : null
    return target !== null && isSize(target) && isOf(target)
  })
}

/** Whether a value is the field with an object's size. */
const isSize = (value: Value): boolean =>
  eachValue(value).some(
    (each) =>
      (each.kind === 'member' && each.name === 'ob_size') || (each.kind === 'call' && calleeName(each) === 'Py_SIZE'),
  )

/** A container, and the variables that it is assigned to or that are assigned to it. */
function otherNames(code: FunctionCode, container: string): ReadonlySet<string> {
  const names = new Set([container])
  for (let count = 0; count < names.size; ) {
    count = names.size
    for (const [one, other] of pairsIn(code)) if (names.has(one) || names.has(other)) names.add(one).add(other)
  }
  return names
}

const pairs = new WeakMap<FunctionCode, readonly (readonly [string, string])[]>()

function pairsIn(code: FunctionCode): readonly (readonly [string, string])[] {
  const found =
    pairs.get(code) ??
    [...parentsIn(code).keys()].flatMap((each): (readonly [string, string])[] => {
      const value = each.kind === 'variable' ? each.initialiser : each.kind === 'assign' ? each.value : null
      if (value === null) return []
      const target = each.kind === 'variable' ? each.name : plainText(bare((each as { target: Value }).target))
      const given = plainText(bare(value))
      return target === '' || given === '' || !/^[A-Za-z_][\w.>-]*$/.test(given) || nullName.test(given)
        ? []
        : [[target, given]]
    })
  pairs.set(code, found)
  return found
}

const nullName = /^(?:NULL|nullptr|Py_None)$/
