import { libraryNames } from './c-library.ts'
import type { CType } from './ctype.ts'
import { type ApiFact, readFact, readStruct, type StoredTable, type StructFact } from './table.ts'
import type { Target } from './target.ts'
import type { Minor } from './version.ts'
import type { Vocabulary } from './vocabulary.ts'

/**
 * The line of a name that is declared by all headers at all levels and for abi3t, and exported all along: there is
 * nothing to say about it, ever.
 */
const harmless = /^\d\|2-15\|2\+\|a[^|o]*(?:\|(?:-|2)(?:\||$)|$)/

/** The table of the C API, read entry by entry when somebody asks. */
export class Api {
  private readonly facts = new Map<string, ApiFact>()
  private readonly structFacts = new Map<string, StructFact>()
  private readonly byTag = new Map<string, string>()
  /** The header sets of the table, oldest first. */
  readonly headerSets: readonly Minor[]

  constructor(private readonly table: StoredTable) {
    this.headerSets = Object.keys(table.headers).map(Number)
    for (const [name, line] of Object.entries(table.structs)) this.byTag.set(line.slice(0, line.indexOf('|')), name)
  }

  /** All names, sorted. */
  names(): string[] {
    return Object.keys(this.table.names)
  }

  structNames(): string[] {
    return Object.keys(this.table.structs)
  }

  /** What is known of a name; null where it is none of the C API. */
  fact(name: string): ApiFact | null {
    const known = this.facts.get(name)
    if (known !== undefined) return known
    // Of all the other names that sources have nothing is remembered.
    if (!Object.hasOwn(this.table.names, name)) return null
    const fact = readFact(name, this.table.names[name]!, this.headerSets)
    this.facts.set(name, fact)
    return fact
  }

  /** A struct by its typedef name or its tag (`struct _ts`); null where it is none of the C API. */
  struct(nameOrTag: string): StructFact | null {
    const name = this.byTag.get(nameOrTag) ?? nameOrTag
    const known = this.structFacts.get(name)
    if (known !== undefined) return known
    if (!Object.hasOwn(this.table.structs, name)) return null
    const fact = readStruct(name, this.table.structs[name]!, this.headerSets)
    this.structFacts.set(name, fact)
    return fact
  }

  /** The index of the header set that stands for a version: the version's own, else the next newer one. */
  private setFor(headers: Minor): number {
    const index = this.headerSets.findIndex((each) => each >= headers)
    return index < 0 ? this.headerSets.length - 1 : index
  }

  /** The levels at which the headers of a version declare a name; null where they do at none. */
  levels(fact: ApiFact, headers: Minor): { readonly first: Minor; readonly last: Minor } | null {
    const span = fact.levels[this.setFor(headers)] ?? null
    if (span === null || this.headerSets.includes(headers)) return span
    // The set is newer than the headers asked for: what came after them is not there yet.
    if (span.first > headers) return null
    // Of macros, constants and types nobody has written down whether they are older than the oldest headers that were
    // read.
    const isOldest = fact.exported === null && fact.full?.first === this.headerSets[0]
    return fact.full && this.firstHeaders(fact.full.first, span.first, fact.exported) > headers && !isOldest
      ? null
      : span
  }

  /**
   * The first headers with a name: those of a version that nobody has read where a level, or what libraries export,
   * says so, `PYGEN_NEXT` those of 3.10.
   */
  private firstHeaders(read: Minor, level: Minor, exported: Minor | null): Minor {
    const said = exported !== null && exported > level ? exported : level
    const before = this.headerSets.findLast((each) => each < read) ?? read
    return before < said && said < read ? said : read
  }

  /** Whether the headers of a target declare a name at its level. */
  declared(fact: ApiFact, target: Target): boolean {
    if (target.abi3t) return fact.abi3t
    const span = this.levels(fact, target.headers)
    return span !== null && span.first <= target.level && target.level <= span.last
  }

  /** Whether a target offers a name: its headers declare it and its oldest Python exports it. */
  offers(name: string, target: Target): boolean {
    const fact = this.fact(name)
    if (fact === null || !this.declared(fact, target)) return false
    return (
      fact.inline ||
      fact.exported === null ||
      fact.exported <= target.level ||
      fact.entity === 'constant' ||
      fact.entity === 'type'
    )
  }

  /** Whether the headers of a version declare a name for extensions that are not limited. */
  inFullApi(fact: ApiFact, headers: Minor): boolean {
    return fact.full !== null && fact.full.first <= headers && headers <= fact.full.last
  }

  /** Whether a struct's fields and size can be used. */
  complete(struct: StructFact, target: Target): boolean {
    if (target.abi3t) return struct.abi3t
    const level = struct.complete[this.setFor(target.headers)] ?? null
    return level !== null && level <= target.level
  }

  /** The level from which on the headers of a target show a struct to limited extensions; null for none. */
  completeFrom(struct: StructFact, target: Target): Minor | null {
    return target.abi3t ? null : (struct.complete[this.setFor(target.headers)] ?? null)
  }

  /** The type of a function (`T()`), of data or of a constant; null where it is not known. */
  nameType(name: string): CType | null {
    const fact = this.fact(name)
    if (fact === null || fact.type === '' || fact.entity === 'type') return null
    return fact.type
  }

  /** What a typedef of the C API stands for; null for structs, whose own name is as good. */
  typedef(name: string): CType | null {
    const fact = this.fact(name)
    if (fact === null || fact.entity !== 'type' || fact.type === '' || this.struct(name) !== null) return null
    return /^(?:struct|union|enum) /.test(fact.type) && this.struct(fact.type) === null ? null : fact.type
  }

  /**
   * @param hidden structs that some target hides
   * @param typed names with their types, in the order of the table
   */
  private leadsTo(
    hidden: ReadonlySet<string>,
    typed: Iterable<readonly [name: string, type: CType]>,
  ): ReadonlyMap<string, readonly string[]> {
    const targets = new Map<CType, string | null>()
    const targetOf = (type: CType): string | null => {
      const known = targets.get(type)
      if (known !== undefined) return known
      const struct = /^[^*[(]*/.exec(type)![0]
      const name = this.byTag.get(struct) ?? struct
      const target = hidden.has(name) ? name : null
      targets.set(type, target)
      return target
    }
    const leads = new Map<string, Set<string>>()
    const lead = (from: string, type: CType): void => {
      const name = targetOf(type)
      if (name !== null) leads.set(from, (leads.get(from) ?? new Set()).add(name))
    }
    for (const name of this.structNames()) {
      const { tag, fields } = this.struct(name)!
      lead(name, name)
      lead(tag.replace(/^\w+ /, ''), name)
      for (const type of fields.values()) lead(name, type)
    }
    const others = new Map<string, string>()
    for (const [name, type] of typed) {
      const target = targetOf(type)
      if (target !== null && leads.has(name)) lead(name, type)
      else if (target !== null) others.set(name, target)
    }
    // What they lead to leads on; objects lead everywhere, so they are no way.
    const isWay = (name: string): boolean => name !== 'PyObject' && name !== 'PyTypeObject'
    for (const set of leads.values())
      for (const name of set) if (isWay(name)) for (const next of leads.get(name) ?? []) set.add(next)
    const lists = new Map([...leads].map(([name, set]) => [name, [...set]]))
    for (const [name, target] of others) lists.set(name, isWay(target) ? lists.get(target)! : [target])
    return lists
  }

  /**
   * What facts are collected about: names that some target refuses, and the fields and structs that some target hides.
   * @param rewritable names that there is a recipe to rewrite
   */
  vocabulary(rewritable: ReadonlySet<string> = new Set()): Vocabulary {
    const names = new Set<string>()
    const typed: [name: string, type: CType][] = []
    // Four names share a line on average.
    const lines = new Map<string, { readonly isHarmless: boolean; readonly type: CType }>()
    for (const [name, line] of Object.entries(this.table.names)) {
      let read = lines.get(line)
      if (read === undefined) {
        read = { isHarmless: harmless.test(line), type: line.split('|', 6)[5] ?? '' }
        lines.set(line, read)
      }
      if (!read.isHarmless) names.add(name)
      if (read.type !== '') typed.push([name, read.type])
    }
    const fields = new Set<string>()
    const plainFields = new Map<string, string[]>()
    const structs = new Set<string>()
    for (const name of this.structNames()) {
      const struct = this.struct(name)!
      if (struct.abi3t && struct.complete.every((level) => level !== null && level <= 2)) continue
      structs.add(name)
      structs.add(struct.tag)
      for (const field of struct.fields.keys()) {
        if (/^_?[a-z]{1,4}_[a-z]/.test(field)) fields.add(field)
        else plainFields.set(field, [...(plainFields.get(field) ?? []), name])
      }
    }
    return {
      names,
      fields,
      plainFields,
      leadsTo: this.leadsTo(structs, typed),
      structs,
      rewritable,
      library: libraryNames,
    }
  }
}
