import { aloneStatement, callsIn, inCasts, nameAt, statementOf } from '../../code/placement.ts'
import type { CallValue, FunctionCode, Statement, Value } from '../../code/tree.ts'
import { bare, calleeName, isNull, nameOf, plainText } from '../../code/values.ts'
import { isParameter, variablesOf } from '../../code/variables.ts'
import { operandReference, resultOf } from '../../knowledge/references.ts'
import type { ProjectModel } from '../../project/model.ts'
import { effectsOf } from '../../semantics/effects.ts'
import { functionsOf } from '../../semantics/functions.ts'
import type { GlobalUse } from '../../semantics/global-uses.ts'
import { greatest } from '../../source/lists.ts'
import { addTo } from '../../source/multimap.ts'
import type { Span } from '../../source/text.ts'
import { failsBehind } from './failing-ends.ts'

/**
 * Whether a variable owns a reference to its object. Only what is proved is given back by the state: what is not costs
 * a reference for each module, and giving back one too many would cost the process.
 */
export interface Ownership {
  readonly owns: boolean
  /** The call that takes over its only reference, and is to take one of its own. */
  readonly stealing: { readonly use: GlobalUse; readonly callee: Value } | null
  /** Statements that take a reference which nobody takes over. */
  readonly surplus: readonly (Span & { readonly use: GlobalUse })[]
  /** Calls that give the reference back where a function fails: they have to say that the state has none any more. */
  readonly releases: readonly { readonly use: GlobalUse; readonly callee: Value }[]
}

/** Nobody gives anything back. */
export const noOwnership: Ownership = { owns: false, stealing: null, surplus: [], releases: [] }

/** What a use does to references. `given`: the variable gets one of its own; `reset`: it gets `NULL`. */
type Effect =
  | 'given'
  | 'reset'
  | 'taken'
  | 'stolen'
  | 'returned'
  | 'dropped'
  | 'released'
  | 'copied'
  | 'none'
  | 'unknown'

interface EffectOfUse {
  readonly what: Effect
  readonly use: GlobalUse
  readonly call: CallValue | null
}

/** @param isType whether it points to a type, whose references nobody takes over but by name */
export function ownershipOf(model: ProjectModel, uses: readonly GlobalUse[], isType: boolean): Ownership {
  const found = uses.map((use) => new UseReader(model, use, isType).read())
  if (found.some(({ what }) => what === 'unknown') || !found.some(({ what }) => what === 'given')) return noOwnership
  const byFunction = new Map<FunctionCode, EffectOfUse[]>()
  for (const each of found) addTo(byFunction, each.use.around!, each)
  let stealing: EffectOfUse | null = null
  const surplus: (Span & { use: GlobalUse })[] = []
  for (const own of byFunction.values()) {
    const of = (what: Effect): readonly EffectOfUse[] => own.filter((each) => each.what === what)
    const last = greatest([-1, ...[...of('given'), ...of('reset')].map(({ use }) => use.offset)])
    const isSetAnew = (before: readonly EffectOfUse[]): boolean => before.length === 1 && before[0]!.use.offset < last
    // What is copied goes on to others where the variable gets something else then.
    if (of('copied').length > 0 && !isSetAnew(of('copied'))) return noOwnership
    const isReplaced = isSetAnew(of('dropped'))
    const lost = of('stolen').length + of('returned').length + (isReplaced ? 0 : of('dropped').length)
    const rest = of('taken').length - lost
    if (rest === -1 && of('taken').length === 0 && of('stolen').length === 1 && stealing === null)
      [stealing = null] = of('stolen')
    else if (rest < 0) return noOwnership
    if (lost === 0 && rest > 0 && of('given').length > 0 && of('copied').length === 0)
      for (const { call, use } of of('taken')) {
        const alone = call && aloneStatement(use.around!, call)
        if (alone?.inBlock) surplus.push({ use, ...alone.statement.span })
      }
  }
  const all = found.filter(({ what }) => what === 'taken').length
  if (stealing !== null && (all > 0 || calleeName(stealing.call!) !== 'PyModule_AddObject')) return noOwnership
  return {
    owns: true,
    stealing: stealing && { use: stealing.use, callee: stealing.call!.callee },
    surplus,
    releases: found.flatMap(({ what, use, call }) => (what === 'released' ? [{ use, callee: call!.callee }] : [])),
  }
}

/** Functions of CPython's that take a format, in which `N` takes a reference over. */
const withFormat = /^_?Py(?:_BuildValue|_VaBuildValue|Object_Call(?:Function|Method)|Eval_Call)/

const counting = /^(?:Py_X?INCREF|Py_IncRef|Py_X?NewRef)$/
const releasing = /^Py_(?:X?DECREF|DecRef)$/

/** Functions of CPython's that give a new reference, besides those that the table has. */
const makers = /^(?:PyType_From\w+|PyObject_(?:GC_)?New\w*|PyErr_NewException\w*)$/

class UseReader {
  private readonly around: FunctionCode

  constructor(
    private readonly model: ProjectModel,
    private readonly use: GlobalUse,
    private readonly isType: boolean,
  ) {
    this.around = use.around!
  }

  read(): EffectOfUse {
    const value = nameAt(this.around, this.use.offset)
    if (!value || this.around.kind !== 'function') return this.macroUse(value)
    return this.of(value)
  }

  private as(what: Effect, call: CallValue | null = null): EffectOfUse {
    return { what, use: this.use, call }
  }

  /** In the body of a macro it may only be looked at. */
  private macroUse(value: Value | null): EffectOfUse {
    const parent = value ? inCasts(this.around, value).parent : undefined
    const isCompared = parent?.kind === 'binary'
    const isPassed = parent?.kind === 'call' && this.isApi(parent) && !counting.test(calleeName(parent)!)
    const isTaken =
      parent?.kind === 'call' &&
      (operandReference(calleeName(parent)!, indexIn(parent, this.use)) === 'stolen' ||
        releasing.test(calleeName(parent)!))
    return this.as((isCompared || isPassed) && !isTaken ? 'none' : 'unknown')
  }

  private isApi = (call: CallValue): boolean => {
    const name = calleeName(call)
    return name !== null && functionsOf(this.model).isOfApi(this.use.file, name)
  }

  private of(value: Value): EffectOfUse {
    const { whole, parent } = inCasts(this.around, value)
    switch (parent?.kind) {
      case 'assign':
        return parent.target === whole
          ? this.as(parent.operator === '=' ? this.given(parent.value) : 'unknown')
          : this.as('copied')
      case 'variable':
        return this.as('copied')
      case 'return':
        return this.as('returned')
      case 'conditional':
        return parent.condition === whole ? this.as('none') : this.inConditional(parent)
      case 'unary':
        return parent.operator === '&'
          ? this.address(parent)
          : this.as(parent.operator === '!' || parent.operator === '*' ? 'none' : 'unknown')
      case 'binary':
        return this.as(parent.operator === ',' ? 'unknown' : 'none')
      case 'member':
      case 'if':
      case 'loop':
      case 'switch':
        return this.as('none')
      case 'call':
        return this.called(parent)
      default:
        return this.as('unknown')
    }
  }

  /** Either of two values goes to a function, and to nothing else. */
  private inConditional(value: Value): EffectOfUse {
    const { parent } = inCasts(this.around, value)
    return parent?.kind === 'call' ? this.called(parent) : this.as('unknown')
  }

  private address(value: Value): EffectOfUse {
    const { parent } = inCasts(this.around, value)
    const isMade = parent?.kind === 'call' && /^PepType_(?:Ready|Make)(?:In)?$/.test(calleeName(parent) ?? '')
    return this.as(isMade ? 'given' : 'unknown')
  }

  private given(value: Value): Effect {
    const inner = bare(value)
    if (isNull(inner)) return 'reset'
    if (inner.kind === 'assign') return this.given(inner.value)
    if (inner.kind === 'call') return this.isNew(inner) ? 'given' : 'unknown'
    return inner.kind === 'name' && this.countOf(inner.name) > 0 ? 'given' : 'unknown'
  }

  /** What `Py_SETREF(variable, value)` does: it gives the former reference back itself. */
  private replaced({ operands: [, value] }: CallValue): Effect {
    const what = value ? this.given(value) : 'unknown'
    return what === 'unknown' ? 'none' : what
  }

  private isNew(call: CallValue): boolean {
    const name = calleeName(call) ?? ''
    if (/^Py_X?NewRef$|^PepType_Make(?:In)?$/.test(name)) return true
    return this.isApi(call) && (resultOf(name) === 'new' || makers.test(name))
  }

  /** How many references a function has to what a local variable or a parameter is, as far as that is sure. */
  private countOf(name: string): number {
    let count = 0
    if (!isParameter(this.around, name)) {
      const values = (variablesOf(this.around).get(name) ?? []).filter((each) => !isNull(each))
      const [only, ...others] = values.map(bare)
      if (!only || others.length > 0 || only.kind !== 'call' || !this.isNew(only)) return 0
      count = 1
    }
    for (const call of callsIn(this.around)) {
      const at = call.operands.findIndex((each) => nameOf(each) === name)
      if (at < 0) continue
      const callee = calleeName(call) ?? ''
      if (counting.test(callee)) count++
      else if (operandReference(callee, at) === 'stolen') count--
      else if (releasing.test(callee) && !this.failsBehind(call)) count--
      else if (!this.isApi(call) || withFormat.test(callee)) return 0
    }
    return count
  }

  private called(call: CallValue): EffectOfUse {
    const name = calleeName(call) ?? ''
    const index = indexIn(call, this.use)
    // `((newfunc)PyType_GetSlot(T, Py_tp_new))(T, args, NULL)`
    if (index < 0 || (this.isType && calleeName(call) === null)) return this.as('none')
    if (counting.test(name))
      return this.as(
        aloneStatement(this.around, call) || name.endsWith('NewRef') ? takenBy(name, call, this.around) : 'unknown',
        call,
      )
    if (releasing.test(name)) return this.as(this.failsBehind(call) ? 'released' : 'dropped', call)
    if (operandReference(name, index) === 'stolen') return this.as('stolen', call)
    if (name === 'Py_CLEAR' || name === 'Py_VISIT') return this.as('none')
    if (/^Py_X?SETREF$/.test(name)) return this.as(index === 0 ? this.replaced(call) : 'unknown', call)
    if (withFormat.test(name))
      return this.as(call.operands.some((each) => /^"[^"]*N/.test(plainText(each))) ? 'unknown' : 'none')
    if (this.isApi(call) || /^Pep[A-Z]/.test(name)) return this.as('none')
    return this.as(this.isHarmless(name, index) ? 'none' : 'unknown')
  }

  /** Whether a function or a macro of the project leaves a reference as it is. */
  private isHarmless(name: string, index: number): boolean {
    const functions = functionsOf(this.model)
    const macros = functions.macrosNamed(this.use.file, name)
    const text = (file: number, { span }: FunctionCode): string =>
      this.model.project.code(file).text.slice(span.start, span.end)
    if (macros.length > 0)
      return macros.every(
        ({ file, code }) => !/INCREF|DECREF|CLEAR|SETREF|AddObject|SET_ITEM|SetItem|=[^=]/.test(text(file, code)),
      )
    const bodies = functions.named(this.use.file, name)
    const count = (what: string, body: (typeof bodies)[number]): number =>
      effectsOf(this.model, body, 'all').filter(
        (each) => each.what === what && each.on?.parameter === index && each.on.as === 'object',
      ).length
    return (
      bodies.length > 0 &&
      bodies.every((body) => {
        const others = this.isType ? 0 : count('store', body) + count('unknown', body) + count('call-slot', body)
        const [taken, stolen, given] = [count('incref', body), count('steal', body), count('decref', body)]
        return others === 0 && taken === stolen && given <= taken
      })
    )
  }

  /** Whether a function fails behind a call, whatever it does until then. */
  private failsBehind(call: CallValue): boolean {
    const statement = statementOf(this.around, call)
    return statement !== null && failsBehind(this.around, statement, endOf)
  }
}

/** `return Py_NewRef(x)` hands its reference on, be it on a condition; what else is made of one is not followed. */
function takenBy(name: string, call: CallValue, around: FunctionCode): Effect {
  if (!name.endsWith('NewRef')) return 'taken'
  let { whole, parent } = inCasts(around, call)
  while (parent?.kind === 'conditional' && parent.condition !== whole) ({ whole, parent } = inCasts(around, parent))
  return parent?.kind === 'return' ? 'none' : 'unknown'
}

const indexIn = (call: CallValue, { offset }: GlobalUse): number =>
  call.operands.findIndex(({ span }) => span.start <= offset && offset < span.end)

/** `return NULL`, `return -1` and the like. */
function endOf(statement: Statement): 'error' | 'other' | null {
  if (statement.kind !== 'return') return null
  const { value } = statement
  return value !== null && (isNull(value) || /^-\d/.test(plainText(value))) ? 'error' : 'other'
}
