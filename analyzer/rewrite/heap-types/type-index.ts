import { addTo } from '../../source/multimap.ts'
import type { PlaceIn } from './sources.ts'
import type { TypeObject } from './type-objects.ts'

/** The type objects of a project, by their names. */
export class TypeIndex {
  private readonly byName = new Map<string, TypeObject[]>()
  private readonly files = new Map<TypeObject, ReadonlySet<string>>()

  constructor(readonly types: readonly TypeObject[]) {
    for (const type of types) {
      addTo(this.byName, type.name, type)
      this.files.set(type, new Set(type.references.map(({ file }) => file)))
    }
  }

  get names(): Iterable<string> {
    return this.byName.keys()
  }

  /** The types of a name: several where files have their own. */
  all(name: string): readonly TypeObject[] {
    return this.byName.get(name) ?? []
  }

  /** The type that a name means in a file. */
  named(name: string, file: string): TypeObject | null {
    return this.all(name).find((type) => this.files.get(type)!.has(file)) ?? null
  }

  /** The type in whose initialiser a place stands; null for none. */
  definedAround({ file, offset }: PlaceIn): TypeObject | null {
    const holds = (type: TypeObject): boolean =>
      type.definitions.some((each) => each.file === file && each.braces.start < offset && offset < each.braces.end)
    return this.types.find(holds) ?? null
  }
}
