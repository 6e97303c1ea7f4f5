import { isNull } from '../../code/values.ts'
import type { Offset } from '../../source/text.ts'
import { aboveFunction } from '../places.ts'
import type { Sources } from '../sources.ts'
import type { Conversion } from './conversion.ts'
import { isDeclaredBefore, namesOf } from './declared-before.ts'
import { functionPlace } from './function-place.ts'
import { latePlace } from './late-tables.ts'
import type { TypeCreations } from './type-creations.ts'
import type { TypeFacts } from './type-facts.ts'
import type { DeclaredIn } from './type-objects.ts'
import type { FieldAssignment } from './uses.ts'

/** Where the spec of a type stands, and by what it is seen from where it is used. */
export class SpecPlacement {
  /**
   * Where the spec goes, if what its tables hold or what is assigned later is declared behind the type; null for the
   * place of the type.
   */
  readonly offset: Offset | null
  /** Whether that is in the function that makes the type, at the end of a line. */
  readonly isInFunction: boolean
  private readonly sources: Sources
  private readonly uses: readonly { readonly file: string; readonly offset: Offset }[]

  constructor(
    facts: TypeFacts,
    private readonly conversion: Conversion,
    creations: TypeCreations,
  ) {
    this.sources = facts.sources
    this.uses = creations.specUsesOf(conversion)
    const place = functionPlace(facts, conversion.uses)
    this.isInFunction = place !== null && 'offset' in place
    this.offset = place !== null && 'offset' in place ? place.offset : this.ownPlace()
  }

  /** Behind all that it names. */
  private ownPlace(): Offset | null {
    const late = latePlace(this.sources, this.conversion.uses)
    const assigned = this.placeOfAssigned()
    if (late === null || !('offset' in late)) return assigned
    return Math.max(late.offset, assigned ?? 0)
  }

  /** Where all that is assigned is declared. */
  private placeOfAssigned(): Offset | null {
    const { definitions } = this.conversion.type
    const assignments = this.conversion.uses.fieldAssignments
    const [first] = assignments
    if (!first) return null
    const home = definitions.find(({ file }) => file === first.file)
    const counting = assignments.filter(({ field, value }) => field !== 'tp_base' && !isNull(value))
    if (home === undefined && definitions.length > 0) {
      // The type stands in another file, and so does its spec: at its end, if what is assigned is declared below it.
      const [where] = definitions
      const isBelow = counting.some((each) => this.namesLater(each, where!.file, where!.span.start))
      return isBelow ? this.sources.text(where!.file).length : null
    }
    const needsLater = home === undefined || counting.some((each) => this.namesLater(each, first.file, home.span.start))
    return needsLater ? aboveFunction(this.sources.text(first.file), first.around) : null
  }

  /** Whether what is assigned names what is not declared at a place. */
  private namesLater({ file: where, value }: FieldAssignment, file: string, offset: Offset): boolean {
    return namesOf(this.sources, where, value).some((name) => !isDeclaredBefore(this.sources, name, { file, offset }))
  }

  /** `static ` for a spec that only its file uses; nothing for one that others do. */
  linkage({ file, variable }: DeclaredIn): string {
    const isStatic = variable.storage === 'static' || this.isInFunction || !this.isShared()
    // C++ has no declarations of what is static and defined later.
    return isStatic && !(this.sources.settings.isCxx(file) && this.isUsedEarly(file)) ? 'static ' : ''
  }

  /** How the spec is declared beside a declaration of the type; null for not at all. */
  declarationOfSpec(declared: DeclaredIn): 'extern' | 'static' | null {
    if (this.isInFunction) return null
    if (this.isForOthers(declared) && this.isShared()) return 'extern'
    return this.isHome(declared.file) ? this.earlyDeclaration(declared.file) : null
  }

  /** Whether a declaration tells files of a type in another one: `extern`, or without a value in a header. */
  private isForOthers({ file, variable: { storage } }: DeclaredIn): boolean {
    const { definitions } = this.conversion.type
    return storage === 'extern' || (storage !== 'static' && definitions.length > 0 && !this.isHome(file))
  }

  private isHome(file: string): boolean {
    return this.conversion.type.definitions.some((each) => each.file === file)
  }

  /** How the spec is declared beside the type's definition, above the place where it stands; null for not at all. */
  declarationAtHome(file: string): 'extern' | 'static' | null {
    return this.conversion.type.declarations.some((each) => each.file === file) ? null : this.earlyDeclaration(file)
  }

  private earlyDeclaration(file: string): 'extern' | 'static' | null {
    if (this.isInFunction || !this.isUsedEarly(file)) return null
    const isStatic = this.conversion.type.definitions.every((each) => this.linkage(each) !== '')
    return isStatic ? 'static' : 'extern'
  }

  /** Whether the spec of a type that is not static is used where only its declaration is seen. */
  private isShared(): boolean {
    const { definitions, declarations } = this.conversion.type
    const homes = definitions.map(({ file }) => file)
    return (
      this.uses.some(({ file }) => !homes.includes(file)) ||
      (declarations.some((each) => this.isForOthers(each)) && homes.some((file) => this.isUsedEarly(file)))
    )
  }

  /** Whether the spec is used above the place where it stands. */
  private isUsedEarly(file: string): boolean {
    const home = this.conversion.type.definitions.find((each) => each.file === file)
    const place = this.offset ?? home?.span.start ?? 0
    return this.uses.some((each) => each.file === file && each.offset < place)
  }
}
