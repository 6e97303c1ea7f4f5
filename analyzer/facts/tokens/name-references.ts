import type { RegionId } from '../../source/text.ts'
import type { FileFacts, NameReference } from '../file-facts.ts'
import type { Mention } from './mention.ts'

/** Where each macro of the project, and each name of the C library, is used: see `FileFacts.names`. */
export class NameReferences {
  // Without a prototype: `constructor` is a name like any other.
  readonly byName = Object.create(null) as Record<string, NameReference[]> & FileFacts['names']

  add({ name, offset, macro }: Mention, region: RegionId): void {
    this.byName[name] ??= []
    const references = this.byName[name]
    if (!references.some((each) => each.region === region && each.macro === macro))
      references.push({ offset, region, macro })
  }
}
