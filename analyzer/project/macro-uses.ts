import type { FileFacts } from '../facts/file-facts.ts'
import { addTo } from '../source/multimap.ts'
import type { FileId, Offset, RegionId } from '../source/text.ts'
import { type IncludeGraph, visibleFrom } from './includes.ts'

interface Mention {
  readonly name: string
  readonly file: FileId
  readonly offset: Offset
}

/** Which macros the code that is compiled uses, by way of others or not. */
export class MacroUses {
  /** By macro: of each file that uses it the first place. */
  private readonly places = new Map<string, Map<FileId, Offset>>()

  /** @param isCompiled whether a region of a file may be compiled */
  constructor(files: readonly FileFacts[], isCompiled: (file: FileId, region: RegionId) => boolean) {
    const reached: string[] = []
    const reach = ({ name, file, offset }: Mention): void => {
      let found = this.places.get(name)
      if (!found) {
        found = new Map()
        this.places.set(name, found)
        reached.push(name)
      }
      if (!found.has(file)) found.set(file, offset)
    }
    // What the bodies mention, by the names of the macros.
    const bodies = new Map<string, Mention[]>()
    files.forEach(({ names, macros }, file) => {
      for (const [name, references] of Object.entries(names)) {
        for (const { offset, region, macro } of references) {
          if (!isCompiled(file, region)) continue
          if (macro < 0) reach({ name, file, offset })
          else addTo(bodies, macros[macro]!.name, { name, file, offset })
        }
      }
    })
    for (let name = reached.pop(); name !== undefined; name = reached.pop())
      for (const mention of bodies.get(name) ?? []) reach(mention)
  }

  /** One place where a macro is used: in its own file, else in what that sees, else anywhere; null for none. */
  placeOf(name: string, file: FileId, graph: IncludeGraph): { readonly file: FileId; readonly offset: Offset } | null {
    const places = this.places.get(name)
    if (!places) return null
    const seen = visibleFrom(graph, file)
    const users = [...places.keys()]
    const where = places.has(file) ? file : (users.find((each) => seen.has(each)) ?? users[0]!)
    return { file: where, offset: places.get(where)! }
  }
}
