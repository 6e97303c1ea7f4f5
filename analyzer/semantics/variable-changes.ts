import { inCasts, nameAt, parentsIn } from '../code/placement.ts'
import type { CallValue, DeclaredVariable, FunctionCode, NameValue, Value } from '../code/tree.ts'
import { calleeName } from '../code/values.ts'
import { variablesNamed } from '../code/variables.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset, Span } from '../source/text.ts'
import { type Body, functionsOf, isCxxFile } from './functions.ts'
import { LocalNames } from './local-names.ts'
import { lvalueUse } from './lvalues.ts'

/** Where a function gives other values to its variables and parameters. */
export class VariableChanges {
  private readonly known = new Map<string, readonly Offset[] | null>()

  constructor(
    private readonly model: ProjectModel,
    private readonly file: FileId,
    private readonly code: FunctionCode,
  ) {}

  /** Whether a name is a variable that only the function changes, and all that is done with it is understood. */
  isUnderstood(name: string): boolean {
    return this.of(name) !== null
  }

  /** Whether a variable that is understood surely has the same value behind a part of the text as before. */
  isKept(name: string, { start, end }: Span): boolean {
    return this.of(name)?.every((offset) => offset < start || end <= offset) ?? false
  }

  /** How often a variable that is understood gets a value, its declarations among that; null for others. */
  countOf(name: string): number | null {
    return this.of(name)?.length ?? null
  }

  private of(name: string): readonly Offset[] | null {
    let found = this.known.get(name)
    if (found === undefined) {
      found = changesOf(this.model, this.file, this.code, name)
      this.known.set(name, found)
    }
    return found
  }
}

/**
 * Where a function may give another value to a variable of its own, its declaration among that: the offsets of its name
 * there. Null for other names, and where anybody else may change it, or not all that is done with it is understood.
 */
function changesOf(model: ProjectModel, file: FileId, code: FunctionCode, name: string): readonly Offset[] | null {
  const variables = variablesNamed(code, name)
  const parameters = code.parameters.filter((each) => each.name === name)
  const scopes = [...parameters.map(() => code.span), ...variables.map((each) => scopeOf(code, each))]
  // Where one hides another, what is said of the name is said of two.
  const isHidden = scopes.some((one, at) =>
    scopes.some((other, index) => index > at && one.start < other.end && other.start < one.end),
  )
  if (scopes.length === 0 || isHidden || !code.hasParameters) return null
  if ([...variables, ...parameters].some(({ isReference, storage }) => isReference || storage !== '')) return null
  const changes = variables.map(({ nameSpan }) => nameSpan.start)
  const reader = new UseReader(model, file)
  for (const place of new LocalNames(model, file, code).places(name)) {
    const use = place === null || place.scope !== '' ? 'unknown' : reader.useOf(code, place)
    if (use === 'unknown') return null
    if (use === 'change') changes.push(place!.span.start)
  }
  return changes
}

/** Where a variable may be named: up to the end of the block, of whatever build, that it is declared in. */
function scopeOf(code: FunctionCode, { declaration }: DeclaredVariable): Span {
  const parents = parentsIn(code)
  let around = parents.get(declaration)
  while (around?.kind === 'branches') around = parents.get(around)
  return around === undefined || around.kind === 'variable' ? code.span : around.span
}

/** What becomes of a variable at a place; `unknown` also where its address is kept. */
type Use = 'read' | 'change' | 'unknown'

const rank = { read: 0, change: 1, unknown: 2 } as const
const worse = (one: Use, other: Use): Use => (rank[one] < rank[other] ? other : one)

/** Macros of CPython that set what they get. */
const setsOperand = /^_?P(?:y|ep)_(?:CLEAR|X?SETREF)$/
/** What people call that other headers define, and that only reads. */
const onlyReads = /^(?:assert|static_assert|likely|unlikely|__builtin_expect|__builtin_assume)$/
/** Macros that call macros are followed so far. */
const deepest = 4

class UseReader {
  private readonly isCxx: boolean

  constructor(
    private readonly model: ProjectModel,
    private readonly file: FileId,
  ) {
    this.isCxx = isCxxFile(model, file)
  }

  useOf(code: FunctionCode, place: NameValue, depth = 0): Use {
    const parents = parentsIn(code)
    for (let at = parents.get(place); at !== undefined; at = parents.get(at)) {
      if (at.kind === 'unknown' || (at.kind === 'code' && at.lambda !== null)) return 'unknown'
      const isHead = at.kind === 'loop' && at.loop === 'macro' && place.span.end <= at.body.span.start
      if (isHead) return 'change'
    }
    const taker = lvalueUse(code, place)
    if (taker?.kind === 'unary' && taker.operator === '&') return this.addressUse(code, taker)
    if (taker !== null) return taker.kind === 'variable' ? 'unknown' : 'change'
    const { whole, parent } = inCasts(code, place)
    if (parent?.kind === 'call' && parent.callee !== whole)
      return this.operandUse(parent, parent.operands.indexOf(whole), depth)
    return parent?.kind === 'braces' && this.isCxx ? 'unknown' : 'read'
  }

  /** CPython's own functions set what they get the address of, and do not keep it. */
  private addressUse(code: FunctionCode, address: Value): Use {
    const { parent } = inCasts(code, address)
    const name = parent?.kind === 'call' ? calleeName(parent) : null
    if (name === null) return 'unknown'
    const functions = functionsOf(this.model)
    return functions.isOfApi(this.file, name) && functions.macrosNamed(this.file, name).length === 0
      ? 'change'
      : 'unknown'
  }

  private operandUse(call: CallValue, index: number, depth: number): Use {
    const name = calleeName(call)
    const byUnknown = this.isCxx ? 'unknown' : 'read'
    if (name === null) return byUnknown
    if (setsOperand.test(name)) return 'change'
    const functions = functionsOf(this.model)
    const macros = functions.macrosNamed(this.file, name)
    if (macros.length > 0) return macros.map((each) => this.macroUse(each, index, depth)).reduce(worse)
    if (functions.isOfApi(this.file, name) || onlyReads.test(name)) return 'read'
    const bodies = functions.named(this.file, name)
    if (bodies.length > 0)
      return !this.isCxx || bodies.every((each) => this.isByValue(each, index)) ? 'read' : 'unknown'
    return byUnknown === 'read' && /^[A-Z][A-Z0-9_]*$/.test(name) ? 'unknown' : byUnknown
  }

  private isByValue({ file, code: { hasParameters, parameters, nameSpan, span } }: Body, index: number): boolean {
    const head = this.model.project.code(file).text.slice(nameSpan.end, span.start)
    return hasParameters && parameters[index] !== undefined && !head.includes('&')
  }

  private macroUse({ file, code }: Body, index: number, depth: number): Use {
    const name = code.parameters[index]?.name ?? ''
    if (name === '' || depth > deepest) return 'unknown'
    let use: Use = 'read'
    for (const { span, isField } of this.model.project.code(file).occurrencesIn(name, code.span)) {
      if (isField) continue
      const place = nameAt(code, span.start)
      use = worse(use, place === null ? 'unknown' : this.useOf(code, place, depth + 1))
    }
    return use
  }
}
