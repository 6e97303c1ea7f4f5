import { addTo } from '../../source/multimap.ts'
import { lastUpTo } from '../../source/search.ts'
import type { Offset, Span } from '../../source/text.ts'
import type { PlaceIn } from '../sources.ts'
import type { TypeObject } from './type-objects.ts'

interface Definitions {
  readonly starts: readonly Offset[]
  readonly definitions: readonly (Span & { readonly type: TypeObject })[]
}

/** The type objects of a project, by their names. */
export class TypeIndex {
  private readonly byName = new Map<string, TypeObject[]>()
  private readonly files = new Map<TypeObject, ReadonlySet<string>>()
  private readonly definitions = new Map<string, Definitions>()

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

  /** The initialisers of a file, in the order of the text; with the offsets of their first braces. */
  private definitionsIn(file: string): Definitions {
    let found = this.definitions.get(file)
    if (!found) {
      const definitions = this.types
        .flatMap((type) =>
          type.definitions.filter((each) => each.file === file).map(({ braces }) => ({ type, ...braces })),
        )
        .sort((a, b) => a.start - b.start)
      found = { starts: definitions.map(({ start }) => start), definitions }
      this.definitions.set(file, found)
    }
    return found
  }

  /** The type in whose initialiser a place stands; null for none. */
  definedAround({ file, offset }: PlaceIn): TypeObject | null {
    const { starts, definitions } = this.definitionsIn(file)
    const found = definitions[lastUpTo(starts, offset - 1)]
    return found !== undefined && offset < found.end ? found.type : null
  }
}
