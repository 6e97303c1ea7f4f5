import { bodyValue } from '../code/statements.ts'
import type { BinaryValue, CallValue, FunctionCode, Value } from '../code/tree.ts'
import { bare, calleeName, nameOf } from '../code/values.ts'
import type { ProjectModel } from '../project/model.ts'

/** What tells whether a str is ASCII; the shims do so where the first fixes are made. */
const testNames = /^P(?:y|ep)Unicode_IS_(?:COMPACT_)?ASCII$/
const boundName = /^P(?:y|ep)Unicode_MAX_CHAR_VALUE$/
/** What hands on what it is told to expect. */
const expects = /^(?:likely|unlikely|__builtin_expect)$/
/** What leaves the function, or the program. */
const endNames = /^Py_RETURN_(?:NONE|TRUE|FALSE|NOTIMPLEMENTED|NAN|INF)$/
const endCalls = /^(?:Py_RETURN_(?:RICHCOMPARE|NAN|INF)|Py_UNREACHABLE|Py_FatalError|abort|exit|_exit)$/
/** Macros in macros that are followed. */
const deepest = 4

/** What the parameters of a macro stand for in its body, each with what names mean in that; null for the function. */
type Operands = ReadonlyMap<string, { readonly value: Value; readonly within: Operands }> | null

/** Tells what single conditions say of strs. */
export class TestReader {
  constructor(
    private readonly model: ProjectModel,
    /** Whether all that is done with a variable of the function is understood. */
    private readonly isUnderstood: (name: string) => boolean,
  ) {}

  /** Whether a call asks whether a str is ASCII, and gives 0 or 1. */
  isTest(call: CallValue): boolean {
    return this.isCallOf(call, testNames)
  }

  /** Whether nothing behind a statement is done, by what it is: `Py_RETURN_NONE`, `abort()`, `throw x`. */
  isEnd(value: Value): boolean {
    const inner = bare(value)
    if (inner.kind === 'unary') return inner.operator === 'throw'
    if (inner.kind === 'name') return endNames.test(inner.name) && this.macrosNamed(inner.name).length === 0
    return inner.kind === 'call' && endCalls.test(calleeName(inner) ?? '') && this.macros(inner).length === 0
  }

  private isCallOf(call: CallValue, names: RegExp): boolean {
    return names.test(calleeName(call) ?? '') && call.operands.length === 1 && this.macros(call).length === 0
  }

  /**
   * The variables of the function that hold an ASCII str where a value is not zero, or where it is.
   * @param isTrue where it is not zero
   */
  namesSaid(value: Value, isTrue: boolean, within: Operands = null, depth = 0): readonly string[] {
    const said = (each: Value, isSo: boolean): readonly string[] => this.namesSaid(each, isSo, within, depth)
    const inner = bare(value)
    if (inner.kind === 'unary') return inner.operator === '!' ? said(inner.operand, !isTrue) : []
    if (inner.kind === 'name') {
      const operand = within?.get(inner.name)
      return operand ? this.namesSaid(operand.value, isTrue, operand.within, depth) : []
    }
    if (inner.kind === 'binary') {
      const bound = boundOf(inner)
      if (bound !== null && bound.isBelow === isTrue && this.isCallOf(bound.call, boundName))
        return this.strOf(bound.call, within)
      if (inner.operator === (isTrue ? '&&' : '||')) return [...said(inner.left, isTrue), ...said(inner.right, isTrue)]
      if (inner.operator !== (isTrue ? '||' : '&&')) return []
      const right = said(inner.right, isTrue)
      return said(inner.left, isTrue).filter((each) => right.includes(each))
    }
    if (inner.kind !== 'call') return []
    if (this.isTest(inner)) return isTrue ? this.strOf(inner, within) : []
    const macros = this.macros(inner)
    if (macros.length === 0)
      return expects.test(calleeName(inner) ?? '') && inner.operands[0] ? said(inner.operands[0], isTrue) : []
    return macros
      .map((macro) => this.saidBy(macro, inner, isTrue, within, depth + 1))
      .reduce((all, each) => all.filter((name) => each.includes(name)))
  }

  private saidBy(
    macro: FunctionCode,
    { operands }: CallValue,
    isTrue: boolean,
    within: Operands,
    depth: number,
  ): readonly string[] {
    const body = bodyValue(macro)
    if (body === null || macro.parameters.length !== operands.length || depth > deepest) return []
    const handed = new Map(macro.parameters.map(({ name }, index) => [name, { value: operands[index]!, within }]))
    return this.namesSaid(body, isTrue, handed, depth)
  }

  /** The variable of the function that a test asks of, if all that is done with it is understood. */
  private strOf(call: CallValue, within: Operands): readonly string[] {
    let at = { value: call.operands[0]!, within }
    for (let name = nameOf(at.value); name !== null; name = nameOf(at.value)) {
      if (at.within === null) return this.isUnderstood(name) ? [name] : []
      const operand = at.within.get(name)
      if (!operand) return []
      at = operand
    }
    return []
  }

  /** The macros of the project that a call may mean, in whatever build; a shim means the same in all. */
  private macros(call: CallValue): readonly FunctionCode[] {
    const name = calleeName(call)
    return name === null || /^Pep[A-Z]/.test(name) ? [] : this.macrosNamed(name)
  }

  private macrosNamed(name: string): readonly FunctionCode[] {
    const { project } = this.model
    const files = new Set(project.declarations.macro(name).map(({ file }) => file))
    return [...files].flatMap((file) => project.code(file).macrosNamed(name))
  }
}

/** Whether a literal is true or false wherever it stands; null for any other value. */
export function truth(value: Value): boolean | null {
  const text = value.kind === 'literal' && value.literal === 'number' ? value.text : nameOf(value)
  if (/^(?:1|true)$/.test(text ?? '')) return true
  return /^(?:0|false)$/.test(text ?? '') ? false : null
}

/** A comparison that holds, or does not, only where what a call gives is no more than 127; null for others. */
function boundOf({
  left,
  right,
  operator,
}: BinaryValue): { readonly call: CallValue; readonly isBelow: boolean } | null {
  const [first, second] = [bare(left), bare(right)]
  const [call, limit, sign] =
    first.kind === 'call'
      ? [first, second, operator]
      : [second, first, operator.replace(/[<>]/, (each) => mirrored[each]!)]
  if (call.kind !== 'call' || limit.kind !== 'literal') return null
  const most = Number(limit.text.replace(/[uUlL]+$/, ''))
  if (most === 128 && /^(?:<|>=)$/.test(sign)) return { call, isBelow: sign === '<' }
  if (most === 127 && /^(?:<=|>|==|!=)$/.test(sign)) return { call, isBelow: sign === '<=' || sign === '==' }
  return null
}

const mirrored: Readonly<Record<string, string>> = { '<': '>', '>': '<' }
