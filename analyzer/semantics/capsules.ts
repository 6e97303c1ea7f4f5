import { assignedTo } from '../code/placement.ts'
import type { FunctionCode, Value, Variable } from '../code/tree.ts'
import { bare, isNull, nameOf } from '../code/values.ts'
import { variablesNamed } from '../code/variables.ts'
import type { CType } from '../knowledge/ctype.ts'
import type { ProjectModel } from '../project/model.ts'
import { addTo } from '../source/multimap.ts'
import { type CallIn, callsAndExpansionsOf } from './calls.ts'
import { type Goal, Goals } from './capsule-goals.ts'
import { type Body, functionsOf } from './functions.ts'
import { type Origin, PointerOrigins } from './pointer-origins.ts'
import { Texts } from './texts.ts'

/**
 * What a capsule is for. `table`: other modules get functions or data by it, as an attribute of the module. `protocol`:
 * others know its name, as those of DLPack and of Arrow. `handle`: it owns memory or something else. `private`: any
 * other, by which a module hands a pointer to itself.
 */
export type CapsuleKind = 'table' | 'protocol' | 'handle' | 'private'

/** A call of `PyCapsule_New`, and what is known of what it makes. */
export interface CapsuleMade extends CallIn {
  readonly kind: CapsuleKind
  /** What its name may be, empty for `NULL`; no item where that is not known. */
  readonly names: readonly string[]
  /** Where what its pointer points to may be. */
  readonly origins: readonly Origin[]
  /** The same of its name. */
  readonly nameOrigins: readonly Origin[]
  /** The type of what it points to, where that is a variable or a cast says it; empty for not known. */
  readonly type: CType
  /** `none` for `NULL`; `unknown` where it is not read. */
  readonly destructor: 'none' | 'unknown' | Body
  readonly goals: readonly Goal[]
}

/** A call of a function that asks for what a capsule holds. */
export interface CapsuleUsed extends CallIn {
  readonly called: 'PyCapsule_Import' | 'PyCapsule_GetPointer' | 'PyCapsule_IsValid'
  /** The operand of its name. */
  readonly nameOperand: Value | null
  /** What it asks for, empty for `NULL`; no item where that is not known. */
  readonly names: readonly string[]
  /** What the pointer is put into; null for nothing, or what is not read. */
  readonly target: Value | Variable | null
}

/** The capsules of a project. */
export interface Capsules {
  readonly made: readonly CapsuleMade[]
  readonly used: readonly CapsuleUsed[]
  /** Those by each name that they may have. */
  readonly madeNamed: ReadonlyMap<string, readonly CapsuleMade[]>
  readonly usedNamed: ReadonlyMap<string, readonly CapsuleUsed[]>
  /** Those of which it is not known what they ask for. */
  readonly usedUnnamed: readonly CapsuleUsed[]
  /** Those that have a destructor that is known, by that. */
  readonly destroyedBy: ReadonlyMap<FunctionCode, readonly CapsuleMade[]>
}

/**
 * The names that protocols give their capsules. Sources: the Python specification of DLPack, the capsules of Arrow, NEP
 * 49 of NumPy.
 */
const protocols = new RegExp(
  '^(?:(?:used_)?(?:dltensor(?:_versioned)?|dlpack_exchange_api)' +
    '|arrow_(?:schema|array|array_stream|device_array|device_array_stream)|mem_handler|tree_sitter\\.Language)$',
)

const known = new WeakMap<ProjectModel, Capsules>()

/** The capsules that a project makes and uses, as far as the target compiles that. */
export function capsulesOf(model: ProjectModel): Capsules {
  let found = known.get(model)
  if (!found) {
    found = new Reader(model).read()
    known.set(model, found)
  }
  return found
}

class Reader {
  private readonly texts: Texts
  private readonly origins: PointerOrigins
  private readonly goals: Goals

  constructor(private readonly model: ProjectModel) {
    this.texts = new Texts(model)
    this.origins = new PointerOrigins(model)
    this.goals = new Goals(model)
  }

  read(): Capsules {
    const made = [...callsAndExpansionsOf(this.model, 'PyCapsule_New')].map((call) => this.made(call))
    const used = (['PyCapsule_Import', 'PyCapsule_GetPointer', 'PyCapsule_IsValid'] as const).flatMap((called) =>
      [...callsAndExpansionsOf(this.model, called)].map((call): CapsuleUsed => {
        const at = called === 'PyCapsule_Import' ? 0 : 1
        return {
          ...call,
          called,
          nameOperand: call.call.operands[at] ?? null,
          names: this.names(call, at),
          target: called === 'PyCapsule_IsValid' ? null : assignedTo(call.around, call.call),
        }
      }),
    )
    const destroyed = new Map<FunctionCode, CapsuleMade[]>()
    for (const each of made) if (typeof each.destructor === 'object') addTo(destroyed, each.destructor.code, each)
    return {
      made,
      used,
      madeNamed: byName(made),
      usedNamed: byName(used),
      usedUnnamed: used.filter(({ names }) => names.length === 0),
      destroyedBy: destroyed,
    }
  }

  private names(call: CallIn, at: number): readonly string[] {
    const operand = call.call.operands[at]
    if (!operand) return []
    return isNull(operand) ? [''] : [...new Set(this.texts.ofOperand(call, at).map(({ text }) => text))]
  }

  private made(call: CallIn): CapsuleMade {
    const names = this.names(call, 1)
    const origins = this.origins.ofOperand(call, 0)
    const nameOrigins = this.origins.ofOperand(call, 1)
    const goals = this.goals.of(call)
    const destructor = this.destructor(call)
    const type = this.typeOf(call, origins)
    return {
      ...call,
      names,
      origins,
      nameOrigins,
      goals,
      destructor,
      type,
      kind: kindOf(names, origins, goals, destructor),
    }
  }

  private destructor(call: CallIn): CapsuleMade['destructor'] {
    const operand = call.call.operands[2]
    if (!operand) return 'unknown'
    const [only, ...others] = this.origins.ofOperand(call, 2)
    if (!only) return 'none'
    const bodies = only.kind === 'function' ? functionsOf(this.model).named(only.file, only.name) : []
    return bodies.length === 1 && others.length === 0 ? bodies[0]! : 'unknown'
  }

  private typeOf({ file, around, call }: CallIn, origins: readonly Origin[]): CType {
    const [only, ...others] = origins
    const pointer = call.operands[0]
    const name = pointer ? nameOf(pointer) : null
    const declared = name === null ? [] : variablesNamed(around, name)
    if (only?.variable && others.length === 0) return only.variable.type
    const type = declared.length === 1 ? declared[0]!.type : ''
    if (!type.endsWith('*')) return ''
    const target = this.model.apiType(file, type.slice(0, -1))
    // A struct without a tag has no other name than that of the typedef.
    return target.includes('@') ? type.slice(0, -1) : target
  }
}

function byName<T extends { readonly names: readonly string[] }>(capsules: readonly T[]): ReadonlyMap<string, T[]> {
  const found = new Map<string, T[]>()
  for (const each of capsules) for (const name of each.names) addTo(found, name, each)
  return found
}

function kindOf(
  names: readonly string[],
  origins: readonly Origin[],
  goals: readonly Goal[],
  destructor: CapsuleMade['destructor'],
): CapsuleKind {
  if (names.some((name) => protocols.test(name))) return 'protocol'
  const isExported = goals.some(({ kind }) => kind === 'attribute')
  if (isExported && !origins.some(({ kind }) => kind === 'number')) return 'table'
  const isOwner = destructor !== 'none' || origins.some(({ kind }) => kind === 'heap')
  return isOwner ? 'handle' : 'private'
}

/** The capsule whose destructor a function is, as far as the project makes one; several where they share it. */
export const destroyedBy = (model: ProjectModel, { code }: Body): readonly CapsuleMade[] =>
  capsulesOf(model).destroyedBy.get(code) ?? []

/** Whether a value is the first parameter of a function: of a destructor the capsule. */
export const isFirstParameter = ({ code }: Body, value: Value | undefined): boolean =>
  value !== undefined && bare(value).kind === 'name' && nameOf(value) === code.parameters[0]?.name
