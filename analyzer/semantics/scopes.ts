import { bodyValue, eachStatement } from '../code/statements.ts'
import type { CallValue, CodeValue, FunctionCode, MemberValue, Value } from '../code/tree.ts'
import { bare, isNull, nameOf } from '../code/values.ts'
import type { Body } from './functions.ts'
import { fieldValuesIn } from './local-structs.ts'
import { Names, type Scope } from './scope-names.ts'

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
  /**
   * Of a slot: the type by its name, `PyList_Type`, also where a variable or a macro stands for it, else as written;
   * empty for that of the object.
   */
  readonly type: string
}

const deepest = 12
/** Variables that are set from other variables, by way of macros that set theirs, are followed so far. */
const deepestVariables = 10

/** The fields of a type object that hold functions, and those of its tables. */
const slotField = /^(?:tp|nb|sq|mp|bf|am)_\w+$/

const object = (parameter: number): Denotation => ({ parameter, as: 'object', isCertain: true, slot: '', type: '' })

/** Tells what values denote. */
export class Scopes extends Names {
  private readonly results = new WeakMap<FunctionCode, Denotation | null>()
  /** How many variables are being asked what they denote, each on behalf of the one before. */
  private openVariables = 0
  private readonly ofVariables = new WeakMap<Scope, Map<string, Denotation | null>>()

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
        return this.ofBinary(value.operator, value.left, value.right, scope, depth)
      case 'code':
        return this.ofCode(value, scope, depth)
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
    const declared = this.scopeOfDeclaration(name, scope)
    if (declared !== null) return this.ofName(name, declared, depth + 1)
    for (const macro of this.functions.macrosNamed(scope.file, name)) {
      const value = macro.code.parameters.length === 0 ? bodyValue(macro.code) : null
      if (value !== null) return this.denotation(value, this.ofMacro(macro, null, scope), depth + 1)
    }
    return this.ofStatic(name, scope, depth)
  }

  /** A `static` variable that is a slot of one type: `base_dealloc = (destructor)PyType_GetSlot(...)`. */
  private ofStatic(name: string, { file }: Scope, depth: number): Denotation | null {
    const given = this.functions.staticValue(file, name)
    if (given === null) return null
    const found = this.denotation(given.value, this.ofAssignment(file, given.around), depth + 1)
    return found?.as === 'slot' && found.type !== '' ? found : null
  }

  private ofVariable(name: string, assigned: readonly Value[], scope: Scope): Denotation | null {
    let known = this.ofVariables.get(scope)
    if (!known) {
      known = new Map()
      this.ofVariables.set(scope, known)
    }
    const found = known.get(name)
    if (found !== undefined) return found
    if (this.openVariables >= deepestVariables) return null
    // What is made of the variable itself adds nothing.
    known.set(name, null)
    this.openVariables++
    const result = this.ofEither(assigned, scope, 0)
    this.openVariables--
    known.set(name, result)
    return result
  }

  private ofEither(values: readonly Value[], scope: Scope, depth: number): Denotation | null {
    return eitherOf(values.map((each) => this.denotation(each, scope, depth + 2)))
  }

  /** `(assert(o), (Spam *)o)`, and what stands some bytes before an object or behind it. */
  private ofBinary(operator: string, left: Value, right: Value, scope: Scope, depth: number): Denotation | null {
    if (operator === ',') return this.denotation(right, scope, depth + 1)
    if (operator !== '+' && operator !== '-') return null
    const found = this.denotation(left, scope, depth + 1)
    return found?.as === 'object' ? { ...found, isCertain: false } : null
  }

  /** `({ assert(o); (Spam *)o; })` */
  private ofCode({ lambda, body }: CodeValue, scope: Scope, depth: number): Denotation | null {
    const last = body.at(-1)
    if (lambda !== null || last?.kind !== 'expression' || last.value === null) return null
    return this.denotation(last.value, scope, depth + 1)
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
    if (found === null) return this.ofEither(fieldValuesIn(this.functions, holder, name, scope), scope, depth)
    if (found.as === 'object' && name === 'ob_type') return { ...found, as: 'type' }
    if (found.as === 'object' && name === 'ob_base') return found
    return memberOf(found)
  }

  /** A slot of a type. @param found what the type denotes */
  private slotOf(slot: string, holder: Value, found: Denotation | null, scope: Scope): Denotation {
    if (found?.as === 'type') return { ...found, as: 'slot', slot, type: '' }
    return { parameter: -1, as: 'slot', isCertain: true, slot, type: this.addressedName(holder, scope) }
  }

  private ofCall(call: CallValue, scope: Scope, depth: number): Denotation | null {
    const name = this.calledName(call.callee, scope)
    const first = call.operands[0] ? this.denotation(call.operands[0], scope, depth + 1) : null
    if (name === null) return null
    if (/^(?:Py_TYPE|PyObject_Type|_PyObject_TYPE)$/.test(name))
      return first?.as === 'object' ? { ...first, as: 'type' } : null
    if (/^(?:Py_NewRef|Py_XNewRef|_PyObject_CAST|_PyType_CAST|_PyObject_CAST_CONST)$/.test(name)) return first
    if (name === 'PyType_GetSlot') return this.ofGetSlot(call, first, scope)
    if (this.functions.isOfApi(scope.file, name)) return null
    const macros = this.functions.macrosNamed(scope.file, name)
    for (const macro of macros) {
      const value = bodyValue(macro.code)
      if (value !== null) return this.denotation(value, this.ofMacro(macro, call, scope), depth + 1)
    }
    if (macros.length > 0) return null
    const bodies = this.functions.named(scope.file, name)
    const given = eitherOf(bodies.map((body) => this.resultOf(body, depth)))
    if (given !== null) {
      const operand = call.operands[given.parameter]
      const argument = operand ? this.denotation(operand, scope, depth + 1) : null
      return given.parameter < 0 ? given : argument && partOf(argument, given)
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

  /** What a function gives back of its parameters; null for anything else. */
  private resultOf(body: Body, depth: number): Denotation | null {
    const { code } = body
    const known = this.results.get(code)
    if (known !== undefined) return known
    this.results.set(code, null)
    const scope = this.ofFunction(body)
    const returned: (Denotation | null)[] = []
    for (const statement of eachStatement(code.body)) {
      if (statement.kind !== 'return' || (statement.value !== null && isNull(statement.value))) continue
      returned.push(statement.value && this.denotation(statement.value, scope, depth + 1))
    }
    const result = eitherOf(returned)
    this.results.set(code, result)
    return result
  }
}

/** One of several: what they all are, or what one of them may be. */
function eitherOf(found: readonly (Denotation | null)[]): Denotation | null {
  const first = found.find((each) => each !== null && each.as !== 'member') ?? found.find((each) => each !== null)
  if (!first) return null
  const isSame = found.every((each) => each !== null && each.parameter === first.parameter && each.as === first.as)
  return isSame ? first : { ...first, isCertain: false }
}

/** What a part of a parameter is to the caller, who gives something in its place. */
export function partOf(argument: Denotation, part: Denotation): Denotation | null {
  if (part.as === 'object') return part.isCertain ? argument : { ...argument, isCertain: false }
  if (argument.as !== 'object') return null
  return { ...part, parameter: argument.parameter, isCertain: part.isCertain && argument.isCertain }
}

const memberOf = (found: Denotation | null): Denotation | null =>
  found === null || found.as === 'slot' || found.as === 'type' ? null : { ...found, as: 'member' }
