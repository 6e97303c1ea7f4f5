import { bodyValue, valuesInCode } from '../code/statements.ts'
import type { CallValue, FunctionCode, Value } from '../code/tree.ts'
import { addressed, bare, calleeName, nameOf, pointedName } from '../code/values.ts'
import { variablesIn, variablesOf } from '../code/variables.ts'
import type { FileId } from '../source/text.ts'
import type { Body, Functions } from './functions.ts'

/** The names in a function or in the body of a macro, and what they stand for. */
export interface Scope {
  readonly file: FileId
  /** The function, the macro or the lambda; null for what stands outside of them. */
  readonly code: FunctionCode | null
  /** Variables with what is assigned to them, also those that are declared elsewhere; parameters with nothing. */
  readonly variables: ReadonlyMap<string, readonly Value[]>
  /** The variables that are declared there. */
  readonly locals: ReadonlySet<string>
  /** Parameters of a function, by name. */
  readonly parameters: ReadonlyMap<string, number>
  /** Of a macro: what it gets, by the names of its parameters, to be looked at where it is called. */
  readonly operands: ReadonlyMap<string, Value>
  /** Of a macro: where it is called; of a lambda: where it stands. */
  readonly caller: Scope | null
}

const deepest = 12

/** A macro that declares a variable, and the call by which it does; null for one without parameters. */
interface MacroVariable {
  readonly macro: Body
  readonly call: CallValue | null
}

/** Tells where names are bound, and which functions and types they name. */
export class Names {
  private readonly ofMacros = new WeakMap<FunctionCode, ReadonlyMap<string, MacroVariable>>()

  constructor(protected readonly functions: Functions) {}

  ofFunction({ file, code }: Body): Scope {
    const parameters = new Map(code.parameters.map(({ name }, index) => [name, index]))
    return { ...inside({ file, code }), parameters, operands: new Map(), caller: null }
  }

  /** Of a lambda, whose own parameters are variables that nothing is known of. */
  ofLambda(code: FunctionCode, around: Scope): Scope {
    const scope = inside({ file: around.file, code })
    const variables = new Map(scope.variables)
    const locals = new Set(scope.locals)
    for (const { name } of code.parameters) {
      variables.set(name, [])
      locals.add(name)
    }
    return { ...scope, variables, locals, parameters: new Map(), operands: new Map(), caller: around }
  }

  /** @param call by which it is used; null where it has no parameters */
  ofMacro({ file, code }: Body, call: CallValue | null, caller: Scope): Scope {
    const operands = new Map(
      code.parameters.flatMap(({ name }, index) => {
        const operand = call?.operands[index]
        return operand ? [[name, operand] as const] : []
      }),
    )
    return { ...inside({ file, code }), parameters: new Map(), operands, caller }
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

  /** Whether a value is a variable of the function or of the macro that it stands in, or a field of one. */
  isLocal(value: Value, scope: Scope): boolean {
    const inner = bare(value)
    if (inner.kind === 'member') return !inner.arrow && this.isLocal(inner.object, scope)
    if (inner.kind !== 'name') return false
    const operand = scope.operands.get(inner.name)
    if (operand && scope.caller) return this.isLocal(operand, scope.caller)
    if (scope.locals.has(inner.name) || scope.parameters.has(inner.name)) return true
    return scope.caller !== null && this.isLocal(inner, scope.caller)
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

  /** The body of a macro that declares a variable where it is used: `BEGIN(self); Py_DECREF(tp);`. */
  protected scopeOfDeclaration(name: string, scope: Scope): Scope | null {
    for (let at: Scope | null = scope; at !== null; at = at.caller) {
      const found = this.macroVariables(at).get(name)
      if (found) return this.ofMacro(found.macro, found.call, at)
    }
    return null
  }

  private macroVariables({ file, code }: Scope): ReadonlyMap<string, MacroVariable> {
    if (code === null) return new Map()
    let found = this.ofMacros.get(code)
    if (!found) {
      const variables = new Map<string, MacroVariable>()
      for (const value of valuesInCode(code.body)) {
        const call = value.kind === 'call' ? value : null
        const name = call ? calleeName(call) : value.kind === 'name' ? value.name : null
        for (const macro of name === null ? [] : this.functions.macrosNamed(file, name))
          for (const statement of macro.code.body)
            if (statement.kind === 'declaration' && (call !== null || macro.code.parameters.length === 0))
              for (const { name: variable } of statement.variables) variables.set(variable, { macro, call })
      }
      found = variables
      this.ofMacros.set(code, found)
    }
    return found
  }

  protected ofAssignment(file: FileId, around: FunctionCode | null): Scope {
    if (around !== null) return this.ofFunction({ file, code: around })
    const none = { variables: new Map(), locals: new Set<string>(), parameters: new Map(), operands: new Map() }
    return { file, code: null, ...none, caller: null }
  }

  /** The name of an object whose address a value is, through variables and macros that stand for it; else the text. */
  addressedName(value: Value, scope: Scope, depth = 0): string {
    const name = pointedName(value)
    if (name === null || depth > deepest) return this.textOf(value, scope)
    const operand = scope.operands.get(name)
    if (operand && scope.caller) return this.addressedName(operand, scope.caller, depth + 1)
    // `&spam` is that variable, whatever its value.
    if (addressed(value) !== null) return name
    const assigned = scope.variables.get(name)
    if (assigned?.length === 1) return this.addressedName(assigned[0]!, scope, depth + 1)
    if (assigned || scope.parameters.has(name)) return name
    if (scope.caller && this.isBound(name, scope.caller)) return this.addressedName(value, scope.caller, depth + 1)
    const [macro] = this.functions.macrosNamed(scope.file, name)
    const body = macro?.code.parameters.length === 0 ? bodyValue(macro.code) : null
    if (body !== null) return this.addressedName(body, this.ofMacro(macro!, null, scope), depth + 1)
    const given = macro ? null : this.functions.staticValue(scope.file, name)
    return given === null
      ? name
      : this.addressedName(given.value, this.ofAssignment(scope.file, given.around), depth + 1)
  }

  private textOf({ span }: Value, { file }: Scope): string {
    return this.functions.code(file).text.slice(span.start, span.end)
  }
}

/** What is declared and assigned in code; in that of a lambda what it captures is not told apart from globals. */
const inside = ({ file, code }: Body): Pick<Scope, 'file' | 'code' | 'variables' | 'locals'> => ({
  file,
  code,
  variables: variablesOf(code),
  locals: localsOf(code),
})

const localsOf = (code: FunctionCode): ReadonlySet<string> => new Set([...variablesIn(code)].map(({ name }) => name))
