import { type CallOperand, callAt, callStarting, callsIn, type Parent, parentsIn } from '../code/placement.ts'
import type { FunctionCode, Value } from '../code/tree.ts'
import { bare, calleeName, eachValue, plainText } from '../code/values.ts'
import type { ProjectModel } from '../project/model.ts'
import { addAll } from '../source/lists.ts'
import { addTo } from '../source/multimap.ts'
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
  for (const file of model.project.filesWith(macro)) {
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
  if (container === '') return false
  const ofModel = known.get(model) ?? new WeakMap<FunctionCode, Map<string, boolean>>()
  known.set(model, ofModel)
  const ofCode = ofModel.get(body.code) ?? new Map<string, boolean>()
  ofModel.set(body.code, ofCode)
  const names = sizesIn(body.code).namesOf(container)
  const [key] = names
  const found = ofCode.get(key)
  if (found !== undefined) return found
  // A function that calls itself does by that what it does anyhow.
  ofCode.set(key, false)
  const isResized = depth <= deepest && findHandedOn(model, body, names, depth)
  ofCode.set(key, isResized)
  return isResized
}

function findHandedOn(model: ProjectModel, { file, code }: Body, names: Names, depth: number): boolean {
  const functions = functionsOf(model)
  const sets = (body: Body, name: string): boolean =>
    setsSize(body.code, name) || isHandedOn(model, body, name, depth + 1)
  for (const { call, index } of sizesIn(code).operandsWith(names)) {
    const callee = calleeName(call)
    if (callee === null) continue
    const isSet = (body: Body): boolean => {
      const name = body.code.parameters[index]?.name ?? ''
      return name !== '' && sets(body, name)
    }
    if (functions.named(file, callee).some(isSet) || functions.macrosNamed(file, callee).some(isSet)) return true
  }
  return macrosIn(model, { file, code }).some((body) =>
    names.some((name) => isName(name, body.code) && sets(body, name)),
  )
}

const usedMacros = new WeakMap<ProjectModel, WeakMap<FunctionCode, readonly Body[]>>()

/** The macros of the project that a function uses. */
function macrosIn(model: ProjectModel, { file, code }: Body): readonly Body[] {
  const ofModel = usedMacros.get(model) ?? new WeakMap<FunctionCode, readonly Body[]>()
  usedMacros.set(model, ofModel)
  let found = ofModel.get(code)
  if (!found) {
    const macros: Body[] = []
    for (const name of model.project.code(file).names.wordsIn(code.span))
      for (const body of functionsOf(model).macrosNamed(file, name)) if (body.code !== code) macros.push(body)
    found = macros
    ofModel.set(code, found)
  }
  return found
}

/** Whether a text is a name that no parameter of a macro hides. */
const isName = (text: string, { parameters }: FunctionCode): boolean =>
  /^\w+$/.test(text) && !parameters.some(({ name }) => name === text)

/** Whether a function or a macro sets the size of what one of its names stands for. */
const setsSize = (code: FunctionCode, name: string): boolean => sizesIn(code).isSet(name)

const sizes = new WeakMap<FunctionCode, Sizes>()

function sizesIn(code: FunctionCode): Sizes {
  const found = sizes.get(code) ?? new Sizes(code)
  sizes.set(code, found)
  return found
}

/** A container, and the variables that it is assigned to or that are assigned to it. */
type Names = readonly [string, ...string[]]

/** What one function does with containers and their sizes, read once. */
class Sizes {
  /** Lists of names that stand for one container. */
  private readonly groups = new Map<string, [string, ...string[]]>()
  /** The first names of the containers whose size is set. */
  private readonly set: ReadonlySet<string>
  /** The operands of calls that are some text, or its address. */
  private readonly operands = new Map<string, CallOperand[]>()

  constructor(code: FunctionCode) {
    const values = [...parentsIn(code).keys()]
    for (const each of values) this.join(each)
    this.set = new Set(values.flatMap(namesWithSize).map((name) => this.namesOf(name)[0]))
    for (const call of callsIn(code))
      for (const [index, operand] of call.operands.entries()) {
        const inner = bare(operand)
        const text = plainText(inner.kind === 'unary' && inner.operator === '&' ? bare(inner.operand) : inner)
        if (text !== '') addTo(this.operands, text, { call, index })
      }
  }

  namesOf(container: string): Names {
    return this.groups.get(container) ?? [container]
  }

  isSet(name: string): boolean {
    return this.set.has(this.namesOf(name)[0])
  }

  /** The operands of calls that are one of the names, its address, or what has it in a field. */
  *operandsWith(names: Names): Iterable<CallOperand> {
    const texts = new Set(names.flatMap((name) => [name, ...holdersOf(name)]))
    for (const text of texts) yield* this.operands.get(text) ?? []
  }

  /** Takes down that a variable stands for what it is given. */
  private join(each: Parent): void {
    const value = each.kind === 'variable' ? each.initialiser : each.kind === 'assign' ? each.value : null
    if (value === null) return
    const target = each.kind === 'variable' ? each.name : plainText(bare((each as { target: Value }).target))
    const given = plainText(bare(value))
    if (target === '' || !/^[A-Za-z_][\w.>-]*$/.test(given) || nullName.test(given)) return
    const [to, from] = [this.groupOf(target), this.groupOf(given)]
    if (to === from) return
    const [large, small] = to.length < from.length ? [from, to] : [to, from]
    for (const name of small) this.groups.set(name, large)
    addAll(large, small)
  }

  private groupOf(name: string): [string, ...string[]] {
    const group = this.groups.get(name) ?? [name]
    this.groups.set(name, group)
    return group
  }
}

/** What holds a field: `a->b` and `a` of `a->b.c`. */
const holdersOf = (name: string): string[] => [...name.matchAll(/->|\./g)].map(({ index }) => name.slice(0, index))

/** The names in what a value sets the size of. */
function namesWithSize(each: Parent): readonly string[] {
  const target =
    each.kind === 'call'
      ? /SET_SIZE$/.test(calleeName(each) ?? '')
        ? each.operands[0]
        : undefined
      : each.kind === 'assign'
        ? each.target
        : each.kind === 'unary' && /\+\+|--/.test(each.operator)
          ? each.operand
          : undefined
  if (target === undefined || (each.kind !== 'call' && !isSize(target))) return []
  return eachValue(target).flatMap((inner) => (inner.kind === 'name' ? [inner.name] : []))
}

/** Whether a value is the field with an object's size. */
const isSize = (value: Value): boolean =>
  eachValue(value).some(
    (each) =>
      (each.kind === 'member' && each.name === 'ob_size') || (each.kind === 'call' && calleeName(each) === 'Py_SIZE'),
  )

const nullName = /^(?:NULL|nullptr|Py_None)$/
