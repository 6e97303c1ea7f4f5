import type { FileCode } from '../code/file-code.ts'
import { bodyValue, eachStatement } from '../code/statements.ts'
import type { CallValue, FunctionCode, MemberValue, Value } from '../code/tree.ts'
import { bare, nameOf, pointedName } from '../code/values.ts'
import { variablesOf } from '../code/variables.ts'
import type { FileId } from '../source/text.ts'
import type { Body, Functions } from './functions.ts'

/** What a value is to a parameter of the function that it stands in. */
export interface Denotation {
  /** The parameter, from 0. */
  readonly parameter: number
  /**
   * `object`: what is handed to it. `type`: the type of that object. `member`: something that the object refers to.
   * `slot`: the function in a slot of a type.
   */
  readonly as: 'object' | 'type' | 'member' | 'slot'
  /** Whether it can be nothing else; not for what comes back from a function that is not read and got the object. */
  readonly isCertain: boolean
  /** Of a slot: `tp_free`. */
  readonly slot: string
  /** Of a slot: the type as written, `PyList_Type`; empty for that of the object. */
  readonly type: string
}

/** The names in a function or in the body of a macro, and what they stand for. */
export interface Scope {
  readonly file: FileId
  /** Variables with what is assigned to them, parameters with nothing. */
  readonly variables: ReadonlyMap<string, readonly Value[]>
  /** Parameters of a function, by name. */
  readonly parameters: ReadonlyMap<string, number>
  /** Of a macro: what it gets, by the names of its parameters, to be looked at where it is called. */
  readonly operands: ReadonlyMap<string, Value>
  /** Of a macro: where it is called. */
  readonly caller: Scope | null
}

const deepest = 12

/** The fields of a type object that hold functions, and those of its tables. */
const slotField = /^(?:tp|nb|sq|mp|bf|am)_\w+$/

const object = (parameter: number): Denotation => ({ parameter, as: 'object', isCertain: true, slot: '', type: '' })

/** Tells what values denote. */
export class Scopes {
  private readonly results = new Map<FunctionCode, number | null>()
  private readonly ofVariables = new WeakMap<Scope, Map<string, Denotation | null>>()

  constructor(private readonly functions: Functions) {}

  ofFunction({ file, code }: Body): Scope {
    const parameters = new Map(code.parameters.map(({ name }, index) => [name, index]))
    return { file, variables: variablesOf(code), parameters, operands: new Map(), caller: null }
  }

  /** @param call by which it is used; null where it has no parameters */
  ofMacro({ file, code }: Body, call: CallValue | null, caller: Scope): Scope {
    const operands = new Map(
      code.parameters.flatMap(({ name }, index) => {
        const operand = call?.operands[index]
        return operand ? [[name, operand] as const] : []
      }),
    )
    return { file, variables: variablesOf(code), parameters: new Map(), operands, caller }
  }

  /** Whether a name is a variable or a parameter where it stands. */
  isBound(name: string, scope: Scope): boolean {
    return (
      scope.parameters.has(name) ||
      scope.variables.has(name) ||
      scope.operands.has(name) ||
      (scope.caller !== null && this.isBound(name, scope.caller))
    )
  }

  /** Whether a value is a parameter of the function, by its name or that of a macro's parameter. */
  isParameter(value: Value, scope: Scope): boolean {
    const name = nameOf(value)
    if (name === null) return false
    const operand = scope.operands.get(name)
    if (operand && scope.caller) return this.isParameter(operand, scope.caller)
    return scope.parameters.has(name) || (scope.caller !== null && this.isParameter(value, scope.caller))
  }

  /** The name of the function that a value calls: through parameters of macros and variables that are set once. */
  calledName(callee: Value, scope: Scope, depth = 0): string | null {
    const name = nameOf(callee)
    if (name === null || depth > deepest) return null
    const operand = scope.operands.get(name)
    if (operand && scope.caller) return this.calledName(operand, scope.caller, depth + 1)
    const assigned = scope.variables.get(name)
    if (assigned?.length === 1) {
      const pointed = pointedName(assigned[0]!)
      return pointed === null ? null : pointed
    }
    if (scope.parameters.has(name) || (assigned?.length ?? 0) > 1) return null
    if (scope.caller && !assigned && this.isBound(name, scope.caller))
      return this.calledName(callee, scope.caller, depth + 1)
    const [macro] = this.functions.macrosNamed(scope.file, name)
    // `#define spam_free PyObject_Free`
    const alias = macro?.code.parameters.length === 0 ? bodyValue(macro.code) : null
    if (alias === null || nameOf(alias) === null || nameOf(alias) === name) return name
    return this.calledName(alias, this.ofMacro(macro!, null, scope), depth + 1)
  }

  /** What a value is to a parameter; null for nothing that is known. */
  denotation(value: Value, scope: Scope, depth = 0): Denotation | null {
    if (depth > deepest) return null
    switch (value.kind) {
      case 'group':
        return this.denotation(value.inner, scope, depth + 1)
      case 'cast':
        return this.denotation(value.operand, scope, depth + 1)
      case 'name':
        return this.ofName(value.name, scope, depth)
      case 'member':
        return this.ofMember(value, scope, depth)
      case 'index':
        return memberOf(this.denotation(value.object, scope, depth + 1))
      case 'call':
        return this.ofCall(value, scope, depth)
      case 'assign':
        return this.denotation(value.value, scope, depth + 1)
      case 'conditional':
        return this.ofEither([value.whenTrue, value.whenFalse], scope, depth)
      case 'unary':
        return this.ofUnary(value.operator, value.operand, scope, depth)
      case 'binary':
        return value.operator === ',' ? this.denotation(value.right, scope, depth + 1) : null
      default:
        return null
    }
  }

  private ofName(name: string, scope: Scope, depth: number): Denotation | null {
    const parameter = scope.parameters.get(name)
    // A variable of an inner block may hide it.
    if (parameter !== undefined) return { ...object(parameter), isCertain: !scope.variables.has(name) }
    const operand = scope.operands.get(name)
    if (operand && scope.caller) return this.denotation(operand, scope.caller, depth + 1)
    const assigned = scope.variables.get(name)
    if (assigned) return this.ofVariable(name, assigned, scope)
    if (scope.caller !== null && this.isBound(name, scope.caller)) return this.ofName(name, scope.caller, depth + 1)
    for (const macro of this.functions.macrosNamed(scope.file, name)) {
      const value = macro.code.parameters.length === 0 ? bodyValue(macro.code) : null
      if (value !== null) return this.denotation(value, this.ofMacro(macro, null, scope), depth + 1)
    }
    return null
  }

  private ofVariable(name: string, assigned: readonly Value[], scope: Scope): Denotation | null {
    let known = this.ofVariables.get(scope)
    if (!known) {
      known = new Map()
      this.ofVariables.set(scope, known)
    }
    const found = known.get(name)
    if (found !== undefined) return found
    // What is made of the variable itself adds nothing.
    known.set(name, null)
    const result = this.ofEither(assigned, scope, 0)
    known.set(name, result)
    return result
  }

  /** One of several values: what they all are, or what one of them may be. */
  private ofEither(values: readonly Value[], scope: Scope, depth: number): Denotation | null {
    const found = values.map((each) => this.denotation(each, scope, depth + 2))
    const first = found.find((each) => each !== null && each.as !== 'member') ?? found.find((each) => each !== null)
    if (!first) return null
    const isSame = found.every((each) => each !== null && each.parameter === first.parameter && each.as === first.as)
    return isSame ? first : { ...first, isCertain: false }
  }

  private ofUnary(operator: string, operand: Value, scope: Scope, depth: number): Denotation | null {
    if (operator === '*') {
      // `*(T *)self` is the object.
      return this.denotation(operand, scope, depth + 1)
    }
    if (operator !== '&') return null
    const inner = bare(operand)
    // `&self->ob_base` is where the object begins.
    if (inner.kind === 'member' && /^ob_base$|^head$/.test(inner.name))
      return this.denotation(inner.object, scope, depth + 1)
    return this.denotation(operand, scope, depth + 1)
  }

  private ofMember({ object: holder, name }: MemberValue, scope: Scope, depth: number): Denotation | null {
    const found = this.denotation(holder, scope, depth + 1)
    if (slotField.test(name)) return this.slotOf(name, holder, found, scope)
    if (found === null) return null
    if (found.as === 'object' && name === 'ob_type') return { ...found, as: 'type' }
    if (found.as === 'object' && name === 'ob_base') return found
    return memberOf(found)
  }

  /** A slot of a type. @param found what the type denotes */
  private slotOf(slot: string, holder: Value, found: Denotation | null, scope: Scope): Denotation {
    if (found?.as === 'type') return { ...found, as: 'slot', slot, type: '' }
    const type = pointedName(holder) ?? this.textOf(holder, scope)
    return { parameter: -1, as: 'slot', isCertain: true, slot, type }
  }

  private textOf({ span }: Value, { file }: Scope): string {
    return this.code(file).text.slice(span.start, span.end)
  }

  private code(file: FileId): FileCode {
    return this.functions.code(file)
  }

  private ofCall(call: CallValue, scope: Scope, depth: number): Denotation | null {
    const name = this.calledName(call.callee, scope)
    const first = call.operands[0] ? this.denotation(call.operands[0], scope, depth + 1) : null
    if (name === null) return null
    if (/^(?:Py_TYPE|PyObject_Type|_PyObject_TYPE)$/.test(name))
      return first?.as === 'object' ? { ...first, as: 'type' } : null
    if (/^(?:Py_NewRef|Py_XNewRef|_PyObject_CAST|_PyType_CAST|_PyObject_CAST_CONST)$/.test(name)) return first
    if (name === 'PyType_GetSlot') return this.ofGetSlot(call, first, scope)
    if (/^_?Py[A-Z]/.test(name)) return null
    const macros = this.functions.macrosNamed(scope.file, name)
    for (const macro of macros) {
      const value = bodyValue(macro.code)
      if (value !== null) return this.denotation(value, this.ofMacro(macro, call, scope), depth + 1)
    }
    if (macros.length > 0) return null
    const bodies = this.functions.named(scope.file, name)
    const [body] = bodies
    const given = body ? this.resultOf(body.code) : null
    if (given !== null && bodies.length === 1) {
      const operand = call.operands[given]
      return operand ? this.denotation(operand, scope, depth + 1) : null
    }
    // A function that is not read may give back what it gets.
    const got = call.operands
      .map((operand) => this.denotation(operand, scope, depth + 2))
      .find((each) => each?.as === 'object')
    if (!got || bodies.length > 0) return null
    return { ...got, isCertain: /cast/i.test(name) && call.operands.length === 1 }
  }

  private ofGetSlot(call: CallValue, type: Denotation | null, scope: Scope): Denotation | null {
    const id = call.operands[1] ? nameOf(call.operands[1]) : null
    const slot = id?.replace(/^Py_/, '') ?? ''
    if (!slotField.test(slot)) return null
    const [holder] = call.operands
    return holder ? this.slotOf(slot, holder, type, scope) : null
  }

  /** The parameter that a function gives back, if that is all that it returns; null for anything else. */
  private resultOf(code: FunctionCode): number | null {
    const known = this.results.get(code)
    if (known !== undefined) return known
    this.results.set(code, null)
    const names = code.parameters.map(({ name }) => name)
    const returned = new Set<number>()
    for (const statement of eachStatement(code.body)) {
      if (statement.kind !== 'return') continue
      returned.add(statement.value === null ? -1 : names.indexOf(nameOf(statement.value) ?? ''))
    }
    const [only] = returned
    const result = returned.size === 1 && only !== undefined && only >= 0 ? only : null
    this.results.set(code, result)
    return result
  }
}

const memberOf = (found: Denotation | null): Denotation | null =>
  found === null || found.as === 'slot' || found.as === 'type' ? null : { ...found, as: 'member' }
