import type { FunctionCode, Storage } from '../../code/tree.ts'
import { isNull } from '../../code/values.ts'
import type { Offset } from '../../source/text.ts'
import type { Conversion } from './conversion.ts'
import type { Sources } from './sources.ts'
import type { TypeCreations } from './type-creations.ts'
import type { TypeFacts } from './type-facts.ts'
import type { DeclaredIn } from './type-objects.ts'
import type { FieldAssignment } from './uses.ts'

/** Where the spec of a type stands, and by what it is seen from where it is used. */
export class SpecPlacement {
  /** Where the spec goes, if what is assigned later is declared behind the type; null for the place of the type. */
  readonly offset: Offset | null
  private readonly sources: Sources
  private readonly uses: readonly { readonly file: string; readonly offset: Offset }[]

  constructor(
    facts: TypeFacts,
    private readonly conversion: Conversion,
    creations: TypeCreations,
  ) {
    this.sources = facts.sources
    this.uses = creations.specUsesOf(conversion)
    this.offset = this.ownPlace()
  }

  private ownPlace(): Offset | null {
    const { definitions } = this.conversion.type
    const assignments = this.conversion.uses.fieldAssignments
    const [first] = assignments
    if (!first) return null
    const home = definitions.find(({ file }) => file === first.file)
    const counting = assignments.filter(({ field, value }) => field !== 'tp_base' && !isNull(value))
    if (home === undefined && definitions.length > 0) {
      // The type stands in another file, and so does its spec: at its end, if what is assigned is declared below it.
      const [where] = definitions
      const isBelow = counting.some((each) => this.namesBehind(each, where!.file, where!.span.start).length > 0)
      return isBelow ? this.sources.text(where!.file).length : null
    }
    const isOwn = (name: string): boolean => this.isDefinedIn(name, first.file)
    const needsLater =
      home === undefined || counting.some((each) => this.namesBehind(each, first.file, home.span.start).some(isOwn))
    return needsLater ? this.functionStart(first) : null
  }

  /** The names in what is assigned that a file mentions first behind an offset. */
  private namesBehind(assignment: FieldAssignment, file: string, offset: Offset): readonly string[] {
    return this.sources.namesIn(assignment.file, assignment.value.span).filter((name) => {
      const [seen] = this.sources.referencesIn([file], name)
      return seen !== undefined && seen.offset > offset
    })
  }

  private isDefinedIn(name: string, file: string): boolean {
    return (
      this.sources.functions(name, file).some((each) => each.file === file) ||
      new RegExp(`\\b${name}\\s*(?:\\[[^\\]]*\\])?\\s*=`).test(this.sources.text(file))
    )
  }

  /** Above a function, with the comment that stands before it. */
  private functionStart({ file, around }: { readonly file: string; readonly around: FunctionCode }): Offset {
    const text = this.sources.text(file)
    const lineStart = text.lastIndexOf('\n', around.headStart - 1) + 1
    const comment = /(?:^|\n)([ \t]*\/\*(?:(?!\*\/)[\s\S])*\*\/[ \t]*\r?\n|(?:[ \t]*\/\/[^\n]*\n)+)$/.exec(
      text.slice(0, lineStart),
    )
    return comment ? lineStart - comment[1]!.length : lineStart
  }

  /** `static ` for a spec that only its file uses; nothing for one that others do. */
  linkage({ file, variable }: DeclaredIn): string {
    const isStatic = variable.storage === 'static' || !this.isShared()
    // C++ has no declarations of what is static and defined later.
    return isStatic && !(this.sources.settings.isCxx(file) && this.isUsedEarly(file)) ? 'static ' : ''
  }

  /** How the spec is declared beside a declaration of the type; null for not at all. */
  declarationOfSpec(file: string, storage: Storage): 'extern' | 'static' | null {
    if (storage === 'extern' && this.isShared()) return 'extern'
    const isHome = this.conversion.type.definitions.some((each) => each.file === file)
    if (!isHome || !this.isUsedEarly(file)) return null
    return this.sources.settings.isCxx(file) ? 'extern' : 'static'
  }

  /** Whether the spec of a type that is not static is used where only its declaration is seen. */
  private isShared(): boolean {
    const { definitions, declarations } = this.conversion.type
    const homes = definitions.map(({ file }) => file)
    return (
      this.uses.some(({ file }) => !homes.includes(file)) ||
      (declarations.some(({ variable }) => variable.storage === 'extern') &&
        homes.some((file) => this.isUsedEarly(file)))
    )
  }

  /** Whether the spec is used above the place where it stands. */
  private isUsedEarly(file: string): boolean {
    const home = this.conversion.type.definitions.find((each) => each.file === file)
    const place = this.offset ?? home?.span.start ?? 0
    return this.uses.some((each) => each.file === file && each.offset < place)
  }
}
