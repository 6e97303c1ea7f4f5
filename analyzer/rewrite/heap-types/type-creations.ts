import { addTo } from '../../source/multimap.ts'
import type { Offset } from '../../source/text.ts'
import type { EditList } from '../edit-list.ts'
import type { Conversion } from './conversion.ts'
import { besideAt, typeNameAt } from './qualified-names.ts'
import type { TypeFacts } from './type-facts.ts'
import type { TypeObject } from './type-objects.ts'
import type { TypeCreationCall } from './uses.ts'

/** Some types. */
type TypesMade = Pick<ReadonlySet<TypeObject>, 'has'>

/** Writes the C that makes types, and knows where specs are used by it. */
export class TypeCreations {
  private readonly conversions: ReadonlyMap<TypeObject, Conversion>
  /** Types that are being made as bases of others. */
  private readonly making = new Set<TypeObject>()
  private readonly specUses = new Map<TypeObject, { readonly file: string; readonly offset: Offset }[]>()

  constructor(
    private readonly facts: TypeFacts,
    conversions: readonly Conversion[],
    private readonly edits: EditList,
  ) {
    this.conversions = new Map(conversions.map((each) => [each.type, each]))
  }

  /** Whether a type is rewritten. */
  isConverted(type: TypeObject): boolean {
    return this.conversions.has(type)
  }

  /** Where the spec of a type is used, as far as its uses were written. */
  specUsesOf({ type }: Conversion): readonly { readonly file: string; readonly offset: Offset }[] {
    return this.specUses.get(type) ?? []
  }

  /**
   * `PepType_Make(&T, &T_spec, base)`
   * @param at where that is put
   * @param made the types that were made before, in the same function
   */
  make(conversion: Conversion, file: string, at: Offset, made: TypesMade = new Set()): string {
    this.edits.useShim(file, 'PepType_Make')
    return `PepType_Make(${this.operands(conversion, file, at, made)})`
  }

  /** `PepType_Ready(&T, &T_spec, base)` */
  ready(conversion: Conversion, file: string, at: Offset, made: TypesMade = new Set()): string {
    this.edits.useShim(file, 'PepType_Ready')
    return `PepType_Ready(${this.operands(conversion, file, at, made)})`
  }

  /** Remembers that the spec of a type is used at a place. */
  noteSpecUse({ type }: Conversion, file: string, offset: Offset): void {
    addTo(this.specUses, type, { file, offset })
  }

  /** What both get. @param address of the type, as it is written */
  operands(
    conversion: Conversion,
    file: string,
    at: Offset,
    made: TypesMade,
    address = `&${typeNameAt(this.facts.sources, conversion.type, file, at)}`,
  ): string {
    const { type, spec } = conversion
    this.noteSpecUse(conversion, file, at)
    const specName = besideAt(this.facts.sources, type, spec, file, at)
    return `${address}, &${specName}, ${this.base(type, file, at, made)}`
  }

  /** The C that gives the base of a type where it is made: `NULL` for none. */
  private base(type: TypeObject, file: string, at: Offset, made: TypesMade): string {
    const base = this.facts.base(type)
    if (base === null) return 'NULL'
    const other = base.type === null ? undefined : this.conversions.get(base.type)
    if (other === undefined) return base.text
    // A type that is its own base is made of what is written there.
    if (this.making.has(other.type)) return base.text
    if (made.has(other.type)) return typeNameAt(this.facts.sources, other.type, file, at)
    this.making.add(other.type)
    const text = this.make(other, file, at, made)
    this.making.delete(other.type)
    return text
  }

  /** The types that are made ready before a call, in the same function. */
  madeBefore({ around, operand: { call } }: TypeCreationCall): TypesMade {
    const has = (type: TypeObject): boolean =>
      this.conversions
        .get(type)
        ?.uses.creationCalls.some(
          (each) => each.how === 'ready' && each.around === around && each.operand.call.span.start < call.span.start,
        ) ?? false
    return { has }
  }
}
