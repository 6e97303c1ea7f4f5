import { callAt } from '../../code/placement.ts'
import type { CallValue, FunctionCode, Value } from '../../code/tree.ts'
import { bare, calleeName, isNull, plainText, pointedName } from '../../code/values.ts'
import { alternativesOf } from '../../code/variables.ts'
import { isStaticType } from '../../knowledge/object-functions.ts'
import { hasBase, heapTypes } from '../../semantics/heap-types.ts'
import { givenBases } from '../../semantics/type-bases.ts'
import type { HeapType } from '../../semantics/type-definition.ts'
import type { Sources } from '../sources.ts'

/** What a type is derived from: a type of the project, one of CPython's by its name, `object` for none. */
export type Base = HeapType | string

/** The shims that make types of specs. */
const shims = ['PepType_Ready', 'PepType_Make']

/** A call of a shim that makes a type. */
interface Making {
  readonly file: string
  readonly around: FunctionCode
  readonly call: CallValue
}

/** What types of a project are derived from. */
export class Bases {
  private readonly makings = new Map<HeapType, Making[]>()
  private readonly byVariable = new Map<string, Set<HeapType>>()
  private readonly known = new Map<HeapType, Base | null>()

  constructor(private readonly sources: Sources) {
    const types = heapTypes(sources.model)
    for (const name of shims)
      for (const { file, offset } of sources.references(name)) {
        const around = sources.code(file).functionAt(offset)
        const call = around && callAt(around, offset + name.length)
        const [variable, spec] = (call?.operands ?? []).map((each) => pointedName(each))
        if (!around || !call || !variable || !spec) continue
        const all = types.filter(({ spec: each }) => each.variable === spec)
        const own = all.filter((each) => sources.model.files[each.file]!.file === file)
        const [type] = own.length > 0 ? own : all
        if (!type) continue
        this.makings.set(type, [...(this.makings.get(type) ?? []), { file, around, call }])
        this.byVariable.set(variable, (this.byVariable.get(variable) ?? new Set()).add(type))
      }
  }

  /** What a type is derived from; null where that is not known, or not the same wherever it is made. */
  of(type: HeapType): Base | null {
    let found = this.known.get(type)
    if (found === undefined) {
      found = this.find(type)
      this.known.set(type, found)
    }
    return found
  }

  /** The types of the project that a type is derived from, the nearest first. */
  ownBases(type: HeapType): readonly HeapType[] {
    const found: HeapType[] = []
    for (let at = this.of(type); at !== null && typeof at !== 'string' && !found.includes(at); at = this.of(at))
      found.push(at)
    return found
  }

  private find(type: HeapType): Base | null {
    const makings = this.makings.get(type) ?? []
    const given = givenBases(this.sources.model).filter((each) => each.type === type)
    const slots = given.filter(({ together }) => together === null)
    if (slots.length > 0 || makings.length === 0) {
      if (given.length === 0) return hasBase(this.sources.model, type) === 'no' ? 'object' : null
      const all = new Set(given.map(({ base, text }) => base ?? this.named(text)))
      return all.size === 1 ? [...all][0]! : null
    }
    const all = new Set(makings.map((each) => this.ofMaking(each)))
    return all.size === 1 ? [...all][0]! : null
  }

  private ofMaking({ around, call }: Making): Base | null {
    const given = call.operands[2]
    if (!given) return null
    if (isNull(given)) return 'object'
    const [only, ...others] = alternativesOf(around, given).filter((each) => !isNull(each))
    return only && others.length === 0 ? this.ofValue(only) : null
  }

  private ofValue(value: Value): Base | null {
    const inner = bare(value)
    if (inner.kind === 'call') {
      const [made] = shims.includes(calleeName(inner) ?? '') ? inner.operands : []
      return made ? this.named(pointedName(made) ?? '') : null
    }
    return this.named(pointedName(inner) ?? plainText(inner))
  }

  private named(text: string): Base | null {
    const own = this.byVariable.get(text.replace(/^&/, ''))
    if (own) return own.size === 1 ? [...own][0]! : null
    if (text === 'PyBaseObject_Type') return 'object'
    return isStaticType(text) || /^PyExc_\w+$/.test(text) ? text : null
  }
}
