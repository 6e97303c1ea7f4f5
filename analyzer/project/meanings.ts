import type { Declaration, Expression, FileFacts, MacroFact } from '../facts/file-facts.ts'
import type { Api } from '../knowledge/api.ts'
import type { CType } from '../knowledge/ctype.ts'
import type { Verdict } from '../preprocess/condition.ts'
import { addTo } from '../source/multimap.ts'
import type { FileId } from '../source/text.ts'
import type { Conditional, Conditions } from './conditions.ts'
import { type IncludeGraph, visibleFrom } from './includes.ts'
import type { Meanings } from './typing.ts'

export interface Entry<T extends Conditional = Conditional> {
  readonly file: FileId
  readonly fact: T
}

/** A struct, union or class of the project. */
export interface ProjectStruct {
  /** The file that declares it. */
  readonly file: FileId
  /** What it is derived from. */
  readonly bases: readonly CType[]
  /** The types of its fields, by name, in their order; a struct within it that has no name goes by one with `@`. */
  readonly fields: ReadonlyMap<string, CType>
}

/** What is declared of most names that are asked for. */
const none: readonly never[] = []

/** Everything that the project declares, by name. Knows no target. */
export class Declarations {
  private readonly values = new Map<string, Entry<Declaration>[]>()
  private readonly typedefs = new Map<string, Entry<Declaration>[]>()
  private readonly macros = new Map<string, Entry<MacroFact>[]>()
  private readonly structs = new Map<string, Entry<FileFacts['structs'][number]>[]>()

  constructor(
    readonly files: readonly FileFacts[],
    readonly graph: IncludeGraph,
  ) {
    files.forEach((facts, file) => {
      for (const fact of facts.declarations) {
        addTo(fact.kind === 'typedef' ? this.typedefs : this.values, fact.name, { file, fact })
      }
      for (const fact of facts.macros) addTo(this.macros, fact.name, { file, fact })
      for (const fact of facts.structs)
        addTo(this.structs, fact.tag.includes('@') ? `${fact.tag}#${file}` : fact.tag, { file, fact })
    })
  }

  value(name: string): readonly Entry<Declaration>[] {
    return this.values.get(name) ?? none
  }
  typedef(name: string): readonly Entry<Declaration>[] {
    return this.typedefs.get(name) ?? none
  }
  macro(name: string): readonly Entry<MacroFact>[] {
    return this.macros.get(name) ?? none
  }
  struct(tag: string): readonly Entry<FileFacts['structs'][number]>[] {
    return this.structs.get(tag) ?? none
  }
}

/** What names mean in one file, for one target. */
export class FileMeanings implements Meanings {
  private readonly seen: ReadonlySet<number>

  constructor(
    private readonly file: FileId,
    private readonly declarations: Declarations,
    private readonly conditions: Conditions,
    private readonly api: Api,
  ) {
    this.seen = visibleFrom(declarations.graph, file)
  }

  /**
   * The entry that a compiler would see: of this file, else of what it includes.
   * @param elsewhere whether an entry of any other file will do at last, since its header may be generated or not found
   */
  private best<T extends Conditional>(
    entries: readonly Entry<T>[],
    accept: (fact: T) => boolean = () => true,
    elsewhere = false,
  ): Entry<T> | null {
    let found: Entry<T> | null = null
    let rank = 0
    for (const entry of entries) {
      const verdict: Verdict = this.conditions.verdictOf(entry.file, entry.fact)
      if (verdict === 'no' || !accept(entry.fact)) continue
      const own = entry.file === this.file ? 5 : this.seen.has(entry.file) ? 3 : elsewhere ? 1 : 0
      if (own === 0) continue
      const score = own + (verdict === 'yes' ? 1 : 0)
      if (score > rank) {
        rank = score
        found = entry
        if (rank === 6) break
      }
    }
    return found
  }

  /** Types of structs without a name hold the place of the struct; between files the file's number goes with it. */
  private qualified(type: CType, file: FileId): CType {
    return file !== this.file && type.includes('@') && !type.includes('#')
      ? type.replace(/@\d+/, (place) => `${place}#${file}`)
      : type
  }

  nameType(name: string): CType | null {
    const entry = this.best(this.declarations.value(name), (fact) => fact.type !== '', true)
    return entry ? this.qualified(entry.fact.type, entry.file) : this.api.nameType(name)
  }

  macroResult(name: string, place: number): Expression | undefined {
    const entries = this.declarations.macro(name)
    // The last word before the place counts.
    let found: Entry<MacroFact> | null = null
    let said = false
    for (let at = entries.length - 1; at >= 0; at--) {
      const entry = entries[at]!
      if (entry.file !== this.file || entry.fact.offset >= place) continue
      said = true
      const verdict = this.conditions.verdictOf(entry.file, entry.fact)
      if (verdict === 'unknown') found ??= entry
      if (verdict !== 'yes') continue
      found = entry
      break
    }
    return this.sure(name, said ? found : this.best(entries))?.fact.result
  }

  /** What the project defines only in some builds does not stand for what the C API has under that name. */
  private sure<T extends Conditional>(name: string, entry: Entry<T> | null): Entry<T> | null {
    if (entry === null || this.api.fact(name) === null) return entry
    return this.conditions.verdictOf(entry.file, entry.fact) === 'yes' ? entry : null
  }

  typedef(name: string): CType | null {
    const entry = this.sure(name, this.best(this.declarations.typedef(name)))
    if (entry) return this.qualified(entry.fact.type, entry.file)
    const macro = this.sure(name, this.best(this.declarations.macro(name)))
    if (macro?.fact.parameters === null && macro.fact.result?.[0] === 'name') return macro.fact.result[1]
    return this.api.typedef(name)
  }

  /** The tags that a struct may have: it is given by its tag or its typedef name. */
  private tagsOf(struct: string): readonly string[] {
    const key = struct.includes('@') && !struct.includes('#') ? `${struct}#${this.file}` : struct
    return key.includes(' ') ? [key] : [`struct ${key}`, `union ${key}`]
  }

  /** The types of the fields of a struct of the project, in their order, behind those that it is derived from. */
  fieldTypes(struct: string): readonly CType[] {
    const found = this.structOf(struct)
    return found === null ? [] : [...found.bases, ...found.fields.values()]
  }

  /** A struct of the project, by its tag or its typedef name; null for none. */
  structOf(struct: string): ProjectStruct | null {
    for (const tag of this.tagsOf(struct)) {
      const entry = this.best(this.declarations.struct(tag))
      if (!entry) continue
      const { file, fact } = entry
      const fields = Object.entries(fact.fields).map(([name, type]) => [name, this.qualified(type, file)] as const)
      return { file, bases: fact.bases, fields: new Map(fields) }
    }
    return null
  }

  field(struct: string, field: string, depth = 0): CType | null {
    const tags = this.tagsOf(struct)
    for (const tag of tags) {
      const entry = this.best(this.declarations.struct(tag), (fact) => Object.hasOwn(fact.fields, field))
      if (entry) return this.qualified(entry.fact.fields[field]!, entry.file)
    }
    if (depth < 5) {
      for (const tag of tags) {
        const entry = this.best(this.declarations.struct(tag))
        if (!entry) continue
        for (const [name, type] of Object.entries(entry.fact.fields)) {
          if (!name.includes('@')) continue
          const inner = this.field(this.qualified(type, entry.file), field, depth + 1)
          if (inner !== null) return inner
        }
        for (const base of entry.fact.bases) {
          const inner = this.field(base, field, depth + 1)
          if (inner !== null) return inner
        }
      }
    }
    const known = this.api.struct(struct)?.fields.get(field)
    return known === undefined ? null : known
  }
}
