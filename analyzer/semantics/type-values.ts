import { addressOperands, callsIn } from '../code/placement.ts'
import { bodyValue, eachStatement, valuesInCode } from '../code/statements.ts'
import type { CallValue, NameValue, Value } from '../code/tree.ts'
import { bare, calleeName, isNull, plainText } from '../code/values.ts'
import { objectFunction } from '../knowledge/object-functions.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId } from '../source/text.ts'
import type { Body, Functions } from './functions.ts'
import type { Scope } from './scope-names.ts'
import type { Scopes } from './scopes.ts'
import { specsIn } from './type-specs.ts'
import { typeOfValue } from './value-types.ts'

const deepest = 8

/** Tells which values may be type objects, as far as their declarations and what is assigned to them say. */
export class TypeValues {
  private readonly model: ProjectModel

  constructor(
    private readonly scopes: Scopes,
    private readonly functions: Functions,
  ) {
    this.model = functions.model
  }

  /** A value as plain text where it may be a type object, or what it is cannot be told; else empty. */
  textOf(value: Value, scope: Scope): string {
    const inner = bare(value)
    const operand = inner.kind === 'name' ? scope.operands.get(inner.name) : undefined
    if (operand && scope.caller) return this.textOf(operand, scope.caller)
    const on = this.scopes.denotation(inner, scope)
    if (on !== null && on.as !== 'member') return ''
    // A field of the object is an attribute of it, unless it is declared as a type.
    if (on !== null) return this.isDeclaredType(inner, scope) || this.isMade(inner) ? plainText(inner) : ''
    return this.mayBeType(inner, scope, 0) ? plainText(inner) : ''
  }

  /**
   * What a function, and those that it calls, give back references to and what may be types: as plain text. Those
   * that it calls are followed a few times.
   */
  releasedIn(body: Body, depth = 0): readonly string[] {
    const scope = this.scopes.ofFunction(body)
    return callsIn(body.code).flatMap((call) => {
      const name = calleeName(call)
      if (name === null) return []
      const [operand] = call.operands
      if (objectFunction(name) === 'decref') {
        const type = operand ? this.textOf(operand, scope) : ''
        return type === '' ? [] : [type]
      }
      if (depth === 2 || this.functions.isOfApi(body.file, name)) return []
      return this.functions
        .named(body.file, name)
        .filter(({ code }) => code !== body.code)
        .flatMap((each) => this.releasedIn(each, depth + 1))
    })
  }

  private mayBeType(value: Value, scope: Scope, depth: number): boolean {
    if (depth > deepest) return true
    const inner = bare(value)
    if (isNull(inner)) return false
    switch (inner.kind) {
      case 'literal':
      case 'type':
      case 'braces':
        return false
      case 'assign':
        return this.mayBeType(inner.value, scope, depth + 1)
      case 'conditional':
        return [inner.whenTrue, inner.whenFalse].some((each) => this.mayBeType(each, scope, depth + 1))
      case 'call':
        return this.mayGiveType(inner, scope, depth)
      case 'name':
        return this.mayNameType(inner, scope, depth)
      case 'index':
        return this.isDeclaredType(inner, scope) || this.mayBeType(inner.object, scope, depth + 1)
      default:
        return this.isMade(inner) || this.isOpen(inner, scope) !== 'no'
    }
  }

  /** Whether a value is declared as something that types are handled by; `unknown` for a `PyObject *`. */
  private isOpen(value: Value, scope: Scope): 'yes' | 'no' | 'unknown' {
    const { file, code } = scope
    const type = code === null ? null : typeOfValue(this.model, file, code, value)
    if (type === null) return 'yes'
    if (/^PyTypeObject\b/.test(type)) return 'yes'
    return /^(?:PyObject|void|auto)\b/.test(type) ? 'unknown' : 'no'
  }

  private isDeclaredType(value: Value, { file, code }: Scope): boolean {
    const type = code === null ? null : typeOfValue(this.model, file, code, value)
    return type !== null && /^PyTypeObject\b/.test(type)
  }

  /** Whether a variable or a field of the name is given what `PyType_FromSpec` and its like make. */
  private isMade(value: Value): boolean {
    return madeNames(this.model).has(lastName(plainText(value)))
  }

  private mayNameType(value: NameValue, scope: Scope, depth: number): boolean {
    const { name } = value
    const operand = scope.operands.get(name)
    if (operand && scope.caller) return this.mayBeType(operand, scope.caller, depth + 1)
    const assigned = scope.variables.get(name)
    const isBound = assigned !== undefined || scope.parameters.has(name)
    if (!isBound && scope.caller && this.scopes.isBound(name, scope.caller))
      return this.mayBeType(value, scope.caller, depth + 1)
    const [macro] = isBound ? [] : this.functions.macrosNamed(scope.file, name)
    const meant = macro && bodyValue(macro.code)
    if (macro && meant) return this.mayBeType(meant, this.scopes.ofMacro(macro, null, scope), depth + 1)
    const open = this.isOpen(value, scope)
    if (open !== 'unknown') return open === 'yes'
    if (assigned?.some((each) => this.mayBeType(each, scope, depth + 1))) return true
    if (scope.locals.has(name) || scope.parameters.has(name)) return this.isSetElsewhere(name, scope)
    return this.isMade(value) || this.isGivenType(name, scope.file, depth)
  }

  /** Whether a function of the project's own, or one that is not read, gets the address of a variable. */
  private isSetElsewhere(name: string, { file, code }: Scope): boolean {
    const isSetter = (call: CallValue): boolean => !this.functions.isOfApi(file, calleeName(call) ?? '')
    return code !== null && addressOperands(code, name).some(isSetter)
  }

  /** Whether a variable of a file is assigned what may be a type somewhere in it. */
  private isGivenType(name: string, file: FileId, depth: number): boolean {
    const code = this.functions.code(file)
    return code.occurrences(name).some(({ span, behind, isField }) => {
      const around = isField || behind !== '=' ? null : code.functionAt(span.start)
      if (around === null) return false
      const scope = this.scopes.ofFunction({ file, code: around })
      return valuesInCode(around.body).some(
        (each) =>
          each.kind === 'assign' &&
          bare(each.target).span.start === span.start &&
          this.mayBeType(each.value, scope, depth + 1),
      )
    })
  }

  private mayGiveType(call: CallValue, scope: Scope, depth: number): boolean {
    const name = this.scopes.calledName(call.callee, scope)
    if (name === null) return true
    const [first] = call.operands
    if (/^(?:Py_X?NewRef|_Py(?:Object|Type)_CAST)$/.test(name))
      return first !== undefined && this.mayBeType(first, scope, depth + 1)
    const macros = this.functions.macrosNamed(scope.file, name)
    if (macros.length > 0)
      return macros.some((macro) => {
        const meant = bodyValue(macro.code)
        return meant === null || this.mayBeType(meant, this.scopes.ofMacro(macro, call, scope), depth + 1)
      })
    const bodies = this.functions.named(scope.file, name)
    // What functions of CPython give is new, or it is not the type of the object.
    if (bodies.length === 0) return !this.functions.isOfApi(scope.file, name) || name === 'Py_TYPE'
    return bodies.some((body) => this.returnsType(body, depth))
  }

  private returnsType(body: Body, depth: number): boolean {
    if (/^PyTypeObject\b/.test(body.code.result)) return true
    const scope = this.scopes.ofFunction(body)
    return [...eachStatement(body.code.body)].some(
      (each) => each.kind === 'return' && each.value !== null && this.mayBeType(each.value, scope, depth + 1),
    )
  }
}

const lastName = (text: string): string => /\w*$/.exec(text)![0]

const made = new WeakMap<ProjectModel, ReadonlySet<string>>()

/** The names of variables and fields that are given what is made of a spec. */
function madeNames(model: ProjectModel): ReadonlySet<string> {
  let names = made.get(model)
  if (!names) {
    names = new Set(
      [...model.files.keys()].flatMap((file) =>
        specsIn(model.project.code(file)).calls.flatMap(({ name, result }) =>
          result !== null && name.startsWith('PyType_') ? [lastName(result)] : [],
        ),
      ),
    )
    made.set(model, names)
  }
  return names
}
