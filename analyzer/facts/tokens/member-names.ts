import type { Vocabulary } from '../../knowledge/vocabulary.ts'
import type { Offset } from '../../source/text.ts'
import type { CollectContext } from '../context.ts'
import type { Use } from '../file-facts.ts'
import type { Interest } from './interest.ts'
import type { OpenCalls } from './open-calls.ts'

/** Names of fields after `.` and `->`, as far as structs of the C API have such. */
export class MemberNames {
  /** Of fields: the macro calls around them. */
  readonly within = new Map<Offset, Use['within']>()
  private readonly vocabulary: Vocabulary
  /** Structs that the file or its headers name, or that names in it lead to. */
  private readonly named: Set<string>
  /** Fields with names that anybody gives, and whose they are; they count only where one of those structs is named. */
  private readonly plain: { offset: Offset; owners: readonly string[]; macro: number }[] = []

  constructor(
    { vocabulary, namedStructs }: CollectContext,
    private readonly interest: Interest,
    private readonly calls: OpenCalls,
  ) {
    this.vocabulary = vocabulary
    this.named = new Set(namedStructs)
  }

  /** Takes down a name after `.` or `->`. @param macro the index of the macro in whose body it stands, or -1 */
  add(name: string, offset: Offset, macro: number): void {
    const { vocabulary } = this
    if (vocabulary.fields.has(name)) this.interest.add(offset, macro)
    else {
      const owners = vocabulary.plainFields.get(name)
      if (owners === undefined) return
      this.plain.push({ offset, owners, macro })
    }
    if (!this.calls.isEmpty) this.within.set(offset, this.calls.around())
  }

  /** Takes down that a name stands in the file which leads to structs. */
  leadTo(name: string): void {
    for (const struct of this.vocabulary.leadsTo.get(name) ?? []) this.named.add(struct)
  }

  /** Makes those of interest that can be told only at the end. */
  finish(): void {
    for (const { offset, owners, macro } of this.plain)
      if (owners.some((owner) => this.named.has(owner))) this.interest.add(offset, macro)
  }
}
