import type { FileFacts } from '../facts/file-facts.ts'
import type { Api } from '../knowledge/api.ts'
import type { CType } from '../knowledge/ctype.ts'
import type { StructFact } from '../knowledge/table.ts'
import type { Verdict } from '../preprocess/condition.ts'
import type { FileId, Offset } from '../source/text.ts'
import { better, type Conditions } from './conditions.ts'
import { isDefinedLater } from './definition-order.ts'
import type { Declarations, Entry } from './meanings.ts'
import { NamesOfFiles } from './names-of-files.ts'

/** Tells for one target which names are the project's own, where a file sees them. */
export class OwnNames {
  private readonly own = new NamesOfFiles<Verdict>()

  /** @param plainConditions of a build without options, to settle what else would stay in doubt */
  constructor(
    private readonly project: { readonly files: readonly FileFacts[]; readonly declarations: Declarations },
    private readonly api: Api,
    private readonly conditions: Conditions,
    private readonly plainConditions: Conditions,
  ) {}

  /**
   * Whether the project itself defines a name, where a file sees it; `unknown` if only a build with some options does
   * not, or if that cannot be told.
   * @param place where it is used, in bytes: a macro that is defined only behind it is not meant
   */
  defines(file: FileId, name: string, place: Offset | null = null): Verdict {
    if (place !== null && isDefinedLater(this.project.declarations, file, name, place)) return 'no'
    return this.own.get(file, name) ?? this.own.set(file, name, this.findOwn(file, name))
  }

  /** Whether the project itself says what is in a struct of the C API, where a file sees it; `unknown` as above. */
  definesStruct(file: FileId, { name, tag }: StructFact): Verdict {
    const known = this.own.get(file, tag)
    if (known !== undefined) return known
    const whole = this.ownVerdict(file, this.project.declarations.struct(tag))
    return this.own.set(file, tag, whole === 'yes' ? whole : better(whole, this.defines(file, name)))
  }

  private findOwn(file: FileId, name: string): Verdict {
    const { declarations } = this.project
    // `typedef struct _typeobject PyTypeObject;` says what CPython says.
    const repeats = (type: CType): boolean => {
      const struct = this.api.struct(type) ?? this.api.struct(`struct ${type}`)
      return struct?.name === name && declarations.struct(struct.tag).length === 0
    }
    const typedefs = declarations.typedef(name).filter(({ fact }) => !repeats(fact.type))
    // In C++ a tag is a name by itself.
    const tags = this.project.files[file]!.dialect === 'cpp' ? declarations.struct(`struct ${name}`) : []
    return this.ownVerdict(file, [...declarations.value(name), ...typedefs, ...tags, ...declarations.macro(name)])
  }

  /** Whether all who see a file have one of several entries. */
  private ownVerdict(file: FileId, entries: readonly Entry[]): Verdict {
    if (entries.length === 0) return 'no'
    // A header's use is the project's own only if all who include the header supply the name.
    let result: Verdict = 'yes'
    for (const root of this.conditions.rootsOf(file)) {
      let here: Verdict = 'no'
      for (const { file: where, fact } of entries) {
        const verdict = this.conditions.verdictOfIn(root, where, fact)
        if (verdict === 'yes') here = 'yes'
        else if (verdict === 'unknown' && here === 'no' && this.plainConditions.verdictOfIn(root, where, fact) !== 'no')
          here = 'unknown'
        if (here === 'yes') break
      }
      if (here === 'no') return 'no'
      if (here === 'unknown') result = 'unknown'
    }
    return result
  }
}
