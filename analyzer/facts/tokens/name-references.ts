import type { RegionId } from '../../source/text.ts'
import type { FileFacts, NameReference } from '../file-facts.ts'
import type { Mention } from './mention.ts'

/** Where each macro of the project, and each name of the C library, is used: see `FileFacts.names`. */
export class NameReferences {
  // Without a prototype: `constructor` is a name like any other.
  readonly byName = Object.create(null) as Record<string, NameReference[]> & FileFacts['names']

  /** Of each name that is used a lot, in which regions and macros. */
  private readonly known = new Map<string, Set<string>>()

  add({ name, offset, macro }: Mention, region: RegionId): void {
    this.byName[name] ??= []
    const references = this.byName[name]
    if (this.isKnown(name, references, region, macro)) return
    references.push({ offset, region, macro })
    this.known.get(name)?.add(`${region} ${macro}`)
  }

  private isKnown(name: string, references: readonly NameReference[], region: RegionId, macro: number): boolean {
    if (references.length < many) return references.some((each) => each.region === region && each.macro === macro)
    let known = this.known.get(name)
    if (!known) {
      known = new Set(references.map((each) => `${each.region} ${each.macro}`))
      this.known.set(name, known)
    }
    return known.has(`${region} ${macro}`)
  }
}

/** More references of a name are not looked through one by one. */
const many = 16
