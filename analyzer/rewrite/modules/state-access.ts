import { aloneStatement, callsIn } from '../../code/placement.ts'
import type { CallValue, FunctionCode } from '../../code/tree.ts'
import { calleeName, nameOf } from '../../code/values.ts'
import { type FunctionRole, rolesOf } from '../../semantics/function-roles.ts'
import { capsuleOfFunction } from '../../semantics/table-functions.ts'
import { addTo } from '../../source/multimap.ts'
import type { FileId, Offset, Span } from '../../source/text.ts'
import type { CodeIn, Sources } from '../sources.ts'
import {
  aliasAt,
  aroundAt,
  callAt,
  directCalls,
  handsOnFirst,
  isIn,
  isKept,
  placesOf,
  prototypeAt,
  variableWith,
} from './call-places.ts'
import { entryAccess } from './entry-functions.ts'
import type { InitCode } from './init-code.ts'
import type { Obstacles } from './obstacles.ts'
import { type Access, accessIn, errorOf, handedOut, isGoing } from './role-access.ts'
import type { StateMember } from './state-members.ts'
import type { TypeMaking } from './type-makings.ts'

/** A function or a macro that uses the module's state, itself or by others. */
export interface StateUser {
  readonly file: string
  readonly code: FunctionCode
  readonly access: Access
  /** Whether it names the state itself, or calls what needs it handed over. */
  readonly needsState: boolean
  /** Where it does so, or uses the module; null for a place where it may not. */
  readonly uses: readonly (Offset | null)[]
}

/** A call that hands over the state, or the module. */
export interface HandingCall {
  readonly file: string
  readonly around: FunctionCode
  readonly call: CallValue
  readonly callee: FunctionCode
}

/** A declaration without a body. */
export interface Prototype {
  readonly file: string
  /** Where it begins, and where the name of the function stands. */
  readonly start: Offset
  readonly offset: Offset
  readonly code: FunctionCode
}

export interface StateAccess {
  readonly users: ReadonlyMap<FunctionCode, StateUser>
  readonly calls: readonly HandingCall[]
  /** Declarations of functions that get a new parameter. */
  readonly prototypes: readonly Prototype[]
  /** Assertions that need the state in functions that cannot have it, and go. */
  readonly asserts: readonly (Span & { readonly file: string; readonly around: FunctionCode })[]
}

/** Finds how all functions come by the state that name one of its members, or make a type. */
export function stateAccess(
  sources: Sources,
  init: InitCode,
  files: readonly FileId[],
  members: readonly StateMember[],
  makings: readonly TypeMaking[],
  obstacles: Obstacles,
): StateAccess {
  const finder = new AccessFinder(
    sources,
    init,
    new Set(files.map((each) => sources.model.files[each]!.file)),
    obstacles,
  )
  for (const { uses } of members)
    for (const { file, around, offset } of uses)
      if (around) finder.need({ file: sources.model.files[file]!.file, code: around }, 'state', offset)
  for (const { file, around, call } of makings) finder.need({ file, code: around }, 'module', call.span.start)
  return finder.done()
}

interface Found {
  readonly file: string
  readonly code: FunctionCode
  access: Access
  needsState: boolean
  readonly uses: (Offset | null)[]
}

/** What is found out step by step: what a step gives is found out before the next one. */
interface Steps extends Generator<Steps, void> {}

/** Does all steps, with no stack as deep as the chains in which functions call each other. */
function finish(steps: Steps): void {
  const open = [steps]
  for (let last = open.at(-1); last; last = open.at(-1)) {
    const { done, value } = last.next()
    if (done) open.pop()
    else open.push(value)
  }
}

const isSome = (list: readonly unknown[]): boolean => list.length > 0

/** The roles of a function, or of another one of its name where conditions choose that for the target. */
function rolesOfAny(sources: Sources, { file, code }: CodeIn): readonly FunctionRole[] {
  const variants = [code, ...sources.code(file).functionsNamed(code.name)]
  return variants.map((each) => rolesOf(sources.model, sources.body({ file, code: each }))).find(isSome) ?? []
}

class AccessFinder {
  private readonly users = new Map<FunctionCode, Found>()
  private readonly calls: HandingCall[] = []
  private readonly callsTo = new Map<FunctionCode, HandingCall[]>()
  private readonly prototypes: Prototype[] = []
  private readonly asserts: StateAccess['asserts'][number][] = []
  private readonly handed = new Set<FunctionCode>()

  constructor(
    private readonly sources: Sources,
    private readonly init: InitCode,
    private readonly files: ReadonlySet<string>,
    private readonly obstacles: Obstacles,
  ) {}

  done(): StateAccess {
    const { users, calls, prototypes, asserts } = this
    return { users, calls, prototypes, asserts }
  }

  /** A function uses the state, or makes a type with the module. @param at where; null for where it may not */
  need(place: CodeIn, what: 'state' | 'module', at: Offset | null): void {
    finish(this.needing(place, what, at))
  }

  private *needing(place: CodeIn, what: 'state' | 'module', at: Offset | null): Steps {
    const { file, code } = place
    if (this.isAsserted(place, at)) return
    let found = this.users.get(code)
    if (!found) {
      found = { file, code, access: this.accessOf(place), needsState: false, uses: [] }
      this.users.set(code, found)
      if (['parameter', 'method', 'entry', 'macro'].includes(found.access.by)) yield this.handOver(place, found.access)
    }
    found.uses.push(at)
    if (what === 'state') found.needsState = true
    else if (found.access.by === 'parameter') yield this.needModule(found)
    else if (found.access.by !== 'module' && found.access.by !== 'none')
      this.refuse(place, `\`${code.name}\` makes a type, and does not know the module`)
  }

  /** Whether the state is only needed by an assertion, in a function that is called when the module may be gone. */
  private isAsserted({ file, code }: CodeIn, at: Offset | null): boolean {
    if (
      at === null ||
      code.kind !== 'function' ||
      !isGoing(rolesOf(this.sources.model, this.sources.body({ file, code })))
    )
      return false
    const call = callsIn(code).find((each) => calleeName(each) === 'assert' && isIn(at, each.span))
    const alone = call && aloneStatement(code, call)
    if (!alone?.inBlock) return false
    this.asserts.push({ ...alone.statement.span, file, around: code })
    return true
  }

  /** A helper makes a type: its callers hand over the module, and not the state. */
  private *needModule(found: Found): Steps {
    if (found.access.by !== 'parameter' || found.access.what === 'module') return
    found.access = { by: 'parameter', what: 'module' }
    for (const { file, around, call } of this.callsTo.get(found.code) ?? [])
      yield this.needing({ file, code: around }, 'module', call.span.start)
  }

  private refuse({ file, code }: CodeIn, text: string, offset = code.nameSpan.start): void {
    this.obstacles.add(file, offset, text)
  }

  private accessOf(place: CodeIn): Access {
    const { file, code } = place
    if (code.kind === 'macro') return { by: 'macro' }
    if (code === this.init.maker) return { by: 'module', module: this.init.variable ?? '' }
    if (code.kind !== 'function' || this.sources.code(file).isMember(code.nameSpan.start)) {
      this.refuse(place, `${code.name === '' ? 'a lambda' : `\`${code.name}\``} cannot be given the state`)
      return { by: 'none' }
    }
    const roles = rolesOfAny(this.sources, place)
    const capsule = roles.length === 0 ? capsuleOfFunction(this.sources.model, this.sources.body(place)) : null
    if (capsule !== null) {
      this.refuse(place, handedOut(code, capsule))
      return { by: 'none' }
    }
    if (roles.length === 0) return this.moduleParameter(place) ?? { by: 'parameter', what: 'state' }
    const holder = variableWith(this.sources, place)
    if (holder !== null) this.refuse(place, `\`${code.name}\` is in \`${holder}\`, and who calls it there is not known`)
    const isPlain = roles.every(({ kind }) => kind === 'method')
    const ways = roles.flatMap((role): Access[] => {
      const way = accessIn(this.sources, place, role, isPlain)
      if (!('why' in way)) return [way]
      this.refuse(place, way.why)
      return []
    })
    if (roles.some(({ kind }) => kind === 'module function') && !this.getsModule(place))
      this.refuse(place, `\`${code.name}\` is called without the module`)
    const isByType = ways.some(({ by }) => by === 'type' || by === 'operands')
    if (isByType && errorOf(code) === null)
      this.refuse(place, `what \`${code.name}\` returns for an error is not known`)
    const [first] = ways
    if (first === undefined || ways.length < roles.length) return { by: 'none' }
    const either = ways.find((each) => each.by === 'operands') ?? first
    if (ways.some((each) => each.by !== either.by && !(either.by === 'operands' && each.by === 'type'))) {
      this.refuse(place, `\`${code.name}\` is called in several ways, which come by the state differently`)
      return { by: 'none' }
    }
    return this.isOnlyCalledWithOwn(place) ? either : this.apart(place, either)
  }

  /** How a function comes by the state that others call by its name, maybe with objects of others. */
  private apart(place: CodeIn, way: Access): Access {
    if (way.by !== 'type' && way.by !== 'operands') return way
    const entry = entryAccess(this.sources, place, way)
    if (entry !== null) return entry
    this.refuse(place, `\`${place.code.name}\` is called by its name, maybe with objects of others`)
    return { by: 'none' }
  }

  /** Whether functions that call another one hand over what they themselves got first. */
  private isOnlyCalledWithOwn(place: CodeIn): boolean {
    const { file, code } = place
    return this.sources.references(code.name).every((each) => {
      if (each.file !== file) return this.sources.code(each.file).functionAt(each.offset) === null
      const found = callAt(this.sources, each, code.name)
      if (!found || this.sources.isHistory(each)) return true
      const roles = rolesOf(this.sources.model, this.sources.body({ file, code: found.around }))
      const isObject = roles.length > 0 && roles.every(({ kind }) => /^(?:method|slot|getter|setter)$/.test(kind))
      return isObject && handsOnFirst(this.sources, file, found)
    })
  }

  /** A parameter that gets the module in all calls; null where there is none. */
  private moduleParameter({ file, code }: CodeIn): Access | null {
    const calls = directCalls(this.sources, { file, code })
    if (calls === null || calls.length === 0) return null
    const index = code.parameters.findIndex(
      ({ name, type }, at) =>
        name !== '' &&
        type === 'PyObject*' &&
        calls.every(({ file: where, around, call }) => {
          const given = call.operands[at]
          const module = this.knownModule(around)
          if (given === undefined || module === null || nameOf(given) !== module) return false
          return around === this.init.maker || isKept(this.sources, where, around, module)
        }),
    )
    return index < 0 ? null : { by: 'module', module: code.parameters[index]!.name }
  }

  /** What the module is called in a function that has it without being given it; null for others. */
  private knownModule(code: FunctionCode): string | null {
    if (code === this.init.maker) return this.init.variable
    const known = this.users.get(code)
    return known?.access.by === 'module' ? known.access.module : null
  }

  /** Whether code that calls a module's function itself hands over the module. */
  private getsModule({ file, code }: CodeIn): boolean {
    const own = this.sources.code(file).references(code.name)
    return own.every((offset) => {
      const found = callAt(this.sources, { file, offset }, code.name)
      if (!found) return true
      const { around, call } = found
      const roles = rolesOf(this.sources.model, this.sources.body({ file, code: around }))
      const isFunction = roles.length > 0 && roles.every(({ kind }) => kind === 'module function')
      return around === this.init.maker
        ? call.operands[0] !== undefined && nameOf(call.operands[0]) === this.init.variable
        : isFunction && handsOnFirst(this.sources, file, found)
    })
  }

  /** All that call a function, or use a macro, hand over the state. */
  private *handOver(place: CodeIn, access: Access): Steps {
    const { file, code } = place
    if (this.handed.has(code)) return
    this.handed.add(code)
    if (code.kind === 'macro') {
      yield this.ofMacro(place)
      return
    }
    const head = this.sources.text(file).slice(code.nameSpan.end, code.span.start)
    if (!code.hasParameters || /;/.test(head))
      this.refuse(place, `the parameters of \`${code.name}\` are not understood`)
    this.giveVariants(place, access)
    for (const each of placesOf(this.sources, place)) {
      if (access.by === 'method' && each.file === file && isIn(each.offset, access.def.written!.called.span)) continue
      if (access.by === 'entry' && each.file === file && access.offsets.includes(each.offset)) continue
      if (!this.files.has(each.file)) {
        this.refuse(place, `\`${code.name}\` is used in ${each.file}, which is not of the module`)
        continue
      }
      const prototype = prototypeAt(this.sources, each.file, code.name, each.offset)
      if (prototype) {
        this.prototypes.push({ ...each, start: prototype.start, code })
        continue
      }
      const found = callAt(this.sources, each, code.name)
      const alias = found ? null : aliasAt(this.sources, each, code.name)
      if (alias !== null) yield this.ofAlias(place, alias)
      else if (!found)
        this.obstacles.add(each.file, each.offset, `\`${code.name}\` uses the state, and is not only called there`)
      else {
        const call = { file: each.file, ...found, callee: code }
        this.calls.push(call)
        addTo(this.callsTo, code, call)
        yield this.needing({ file: each.file, code: found.around }, 'state', each.offset)
      }
    }
  }

  /** What calls a function by another name hands over the state. */
  private *ofAlias({ code }: CodeIn, alias: string): Steps {
    for (const each of this.sources.references(alias)) {
      if (this.sources.isHistory(each) || this.sources.code(each.file).definesMacro(each.offset)) continue
      const found = callAt(this.sources, each, alias)
      if (found && this.files.has(each.file)) {
        const call = { file: each.file, ...found, callee: code }
        this.calls.push(call)
        addTo(this.callsTo, code, call)
        yield this.needing({ file: each.file, code: found.around }, 'state', each.offset)
      } else this.obstacles.add(each.file, each.offset, `\`${alias}\` uses the state, and is not only called there`)
    }
  }

  /** Other functions of the name, of which conditions choose one: they get the parameter, too. */
  private giveVariants(place: CodeIn, access: Access): void {
    const { file, code } = place
    for (const variant of this.sources.code(file).functionsNamed(code.name)) {
      if (variant === code || this.sources.isHistory({ file, offset: variant.nameSpan.start })) continue
      if (this.sources.settings.isCxx(file)) this.refuse(place, `there are several functions \`${code.name}\``)
      else if (!this.users.has(variant)) {
        this.users.set(variant, { file, code: variant, access, needsState: false, uses: [] })
        this.handed.add(variant)
      }
    }
  }

  private *ofMacro({ code }: CodeIn): Steps {
    // Another definition of the name may not use it.
    const isSure = this.sources.macros(code.name).length === 1
    for (const each of this.sources.references(code.name)) {
      if (this.sources.isHistory(each) || !this.files.has(each.file)) continue
      const text = this.sources.code(each.file)
      if (text.definesMacro(each.offset)) continue
      const around = aroundAt(this.sources, each)
      if (around) yield this.needing({ file: each.file, code: around }, 'state', isSure ? each.offset : null)
      else if (!text.isInDirective(each.offset))
        this.obstacles.add(each.file, each.offset, `\`${code.name}\` uses the state, and stands outside of functions`)
    }
  }
}
