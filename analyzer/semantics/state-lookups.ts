import type { CallValue, FunctionCode } from '../code/tree.ts'
import type { ProjectModel } from '../project/model.ts'
import { type CallIn, callsAndExpansionsOf, callsOf } from './calls.ts'
import { type FunctionRole, rolesOf } from './function-roles.ts'
import { type Body, functionsOf } from './functions.ts'
import { Scopes } from './scopes.ts'

/** What a function that CPython calls hands to one that looks for a module or its state, itself or through others. */
export interface LookupOrigin {
  /** The function that CPython calls, and what as. */
  readonly body: Body
  readonly roles: readonly FunctionRole[]
  /** The parameter of it that is handed on, from 0, and whether that is the object or the type of it. */
  readonly parameter: number
  readonly as: 'object' | 'type'
  /** The call in it by which the look-up comes about. */
  readonly call: CallValue
  /** The functions and macros between, the one with the look-up first; empty where it stands in the function itself. */
  readonly through: readonly Body[]
}

/** A look-up of a module or of its state, with whom it is done for. */
export interface StateLookup extends CallIn {
  readonly origins: readonly LookupOrigin[]
}

/** Functions that call functions and are followed. */
const deepest = 4

const known = new WeakMap<ProjectModel, Map<string, readonly StateLookup[]>>()

/** The calls of a function that gives a module or its state, by its name: `PyModule_GetState`. */
export function stateLookups(model: ProjectModel, name: string): readonly StateLookup[] {
  let all = known.get(model)
  if (!all) {
    all = new Map()
    known.set(model, all)
  }
  let found = all.get(name)
  if (!found) {
    const reader = new OriginReader(model)
    found = [...callsAndExpansionsOf(model, name)].map((each) => ({ ...each, origins: reader.read(each) }))
    all.set(name, found)
  }
  return found
}

class OriginReader {
  private readonly scopes: Scopes

  constructor(private readonly model: ProjectModel) {
    this.scopes = new Scopes(functionsOf(model))
  }

  read({ file, around, call }: CallIn): readonly LookupOrigin[] {
    const body = { file, code: around }
    const [operand] = call.operands
    const on = operand ? this.scopes.denotation(operand, this.scopes.ofFunction(body)) : null
    if (on === null || !on.isCertain || (on.as !== 'object' && on.as !== 'type')) return []
    return this.from(body, on.parameter, on.as, call, [])
  }

  /** Who hands what to a function that is handed on there. */
  private from(
    body: Body,
    parameter: number,
    as: 'object' | 'type',
    call: CallValue,
    through: readonly Body[],
  ): readonly LookupOrigin[] {
    const roles = rolesOf(this.model, body)
    if (roles.length > 0) return [{ body, roles, parameter, as, call, through }]
    if (through.length > deepest || through.some(({ code }) => code === body.code)) return []
    return this.callers(body).flatMap((caller) => {
      const operand = caller.call.operands[parameter]
      const around = { file: caller.file, code: caller.around }
      const on = operand ? this.scopes.denotation(operand, this.scopes.ofFunction(around)) : null
      if (on === null || !on.isCertain || (on.as !== 'object' && on.as !== 'type')) return []
      // The type of a type is none of those that are looked for.
      if (as === 'type' && on.as === 'type') return []
      return this.from(around, on.parameter, as === 'type' ? 'type' : on.as, caller.call, [...through, body])
    })
  }

  private callers(body: Body): readonly CallIn[] {
    const { name, kind } = body.code
    if (name === '' || (kind !== 'function' && kind !== 'macro')) return []
    const calls = [...callsOf(this.model, name)]
    const functions = functionsOf(this.model)
    return calls.filter(({ file }) => {
      const meant = kind === 'macro' ? functions.macrosNamed(file, name) : functions.named(file, name)
      return meant.length === 1 && meant[0]!.code === body.code
    })
  }
}

/** Whether a function asks what kind of object or type it has: then what it gets may be another than it seems. */
export function asksForType(
  model: ProjectModel,
  { file, code }: { readonly file: number; readonly code: FunctionCode },
): boolean {
  const { text } = model.project.code(file)
  return typeTest.test(text.slice(code.span.start, code.span.end))
}

const typeTest = new RegExp(
  [
    'Check(?:Exact|_Exact)?\\s*\\(',
    'Py_IS_TYPE',
    'Is(?:Subtype|Instance|Subclass)\\w*\\s*\\(',
    'Py_TYPE\\s*\\([^()]{0,100}\\)\\s*[!=]=',
    '[!=]=\\s*Py_TYPE\\b',
    'ob_type\\b',
  ].join('|'),
  'i',
)
