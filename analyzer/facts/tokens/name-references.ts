import type { RegionId } from '../../source/text.ts'
import type { FileFacts, NameReference } from '../file-facts.ts'
import type { Mention } from './mention.ts'

/** Where each macro of the project, and each name of the C library, is used: see `FileFacts.names`. */
export class NameReferences {
  // Without a prototype: `constructor` is a name like any other.
  readonly byName = Object.create(null) as Record<string, NameReference[]> & FileFacts['names']

  /** @param isCall whether it is a name of the C library that is called */
  add({ name, offset, macro }: Mention, region: RegionId, isCall: boolean): void {
    this.byName[name] ??= []
    const references = this.byName[name]
    const before = references.findIndex((each) => each.region === region && each.macro === macro)
    const reference = isCall ? ({ offset, region, macro, called: true } as const) : { offset, region, macro }
    if (before < 0) references.push(reference)
    // A call says more than a mention.
    else if (isCall && !references[before]!.called) references[before] = reference
  }
}
