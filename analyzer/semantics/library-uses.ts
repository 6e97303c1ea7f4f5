import type { FileCode } from '../code/file-code.ts'
import { type Language, libraryNames, namesGivenBy, namesOfPython, namesOfStd } from '../knowledge/c-library.ts'
import type { Target } from '../knowledge/target.ts'
import type { ProjectModel } from '../project/model.ts'
import { addAll, least } from '../source/lists.ts'
import type { FileId, Offset } from '../source/text.ts'
import { buildDoubts } from './calls.ts'
import { bareName, keyOf, NamesOfOthers } from './names-of-others.ts'
import { type OutsideInclude, UnitIncludes } from './unit-includes.ts'

/** A use of a name of the C library in a translation unit where no header before it declares the name. */
export interface LibraryUse {
  readonly file: FileId
  /** Of the name without its `std::`. */
  readonly offset: Offset
  /** `free`, `std::free` */
  readonly name: string
  /** The macro that stands there and uses the name; null where the name itself stands there. */
  readonly by: string | null
  /** The macro of the file in whose body it stands, -1 for none. */
  readonly macro: number
  readonly language: Language
  /** Why a compiler may not object after all; empty for no doubt. */
  readonly doubts: readonly string[]
}

/** Uses of the names that `Python.h` does not give at the target: of each name the first in each file. */
export function undeclaredLibraryUses(model: ProjectModel, target: Target): Iterable<LibraryUse> {
  const found = new Map<string, LibraryUse>()
  const readers: Partial<Record<Language, LibraryReader>> = {}
  for (const [root, facts] of model.files.entries()) {
    if (!/\.(?:c|cc|cpp|cxx|c\+\+)$/i.test(facts.file) || model.project.graph.includers[root]!.length > 0) continue
    readers[facts.dialect] ??= new LibraryReader(model, target, facts.dialect)
    const reader = readers[facts.dialect]!
    if (reader.missing.size === 0) continue
    for (const use of reader.usesIn(root, found)) {
      const key = keyOf(use.file, use.name)
      const known = found.get(key)
      if (!known || use.doubts.length < known.doubts.length) found.set(key, use)
    }
  }
  return found.values()
}

/** What includes of headers outside say of the names that are given, each by its number in the order of the unit. */
class GivenNames {
  /** The first that brings `Python.h`, and the first that does in every build; infinite for none. */
  readonly python: number
  readonly surePython: number
  /** The first of what is not known; infinite for none. */
  readonly strange: number
  private readonly first = new Map<string, number>()
  private readonly sets: readonly (readonly [number, ReadonlySet<string>])[]

  constructor(
    readonly includes: readonly OutsideInclude[],
    language: Language,
  ) {
    const numbers = includes.map((include, index) => ({ ...include, index }))
    const indexOf = ({ index }: { readonly index: number }): number => index
    this.python = least(numbers.filter(({ isPython }) => isPython).map(indexOf))
    this.surePython = least(numbers.filter(({ isPython, isSure }) => isPython && isSure).map(indexOf))
    const others = numbers.filter(({ path }) => !/(?:^|\/)Python\.h$/.test(path))
    // What headers of C++ include of C differs from one library to the next: `vector`, but not `cstdio`.
    const isStrange = ({ path }: OutsideInclude): boolean =>
      namesGivenBy(path, language) === null || /^[abd-z]\w*$/.test(path)
    this.strange = least(others.filter(isStrange).map(indexOf))
    const sets = new Map<ReadonlySet<string>, number>()
    for (const { path, index } of others) {
      const given = namesGivenBy(path, language)
      if (given !== null && !sets.has(given)) sets.set(given, index)
    }
    this.sets = [...sets].map(([given, index]) => [index, given])
  }

  /** The first that gives a name; infinite for none. */
  firstWith(name: string): number {
    let known = this.first.get(name)
    if (known === undefined) {
      known = this.sets.find(([, given]) => given.has(name))?.[0] ?? Number.POSITIVE_INFINITY
      this.first.set(name, known)
    }
    return known
  }
}

/** A translation unit, with the names that are given in it. */
class Unit extends UnitIncludes {
  readonly given: GivenNames

  constructor(model: ProjectModel, root: FileId, language: Language) {
    super(model, root)
    this.given = new GivenNames(this.outside, language)
  }
}

class LibraryReader {
  /** The names that `Python.h` does not give. */
  readonly missing: ReadonlySet<string>
  private readonly namesByFile = new Map<FileId, readonly string[]>()

  private readonly names: NamesOfOthers

  constructor(
    private readonly model: ProjectModel,
    target: Target,
    private readonly language: Language,
  ) {
    this.names = new NamesOfOthers(model)
    const given = namesOfPython(target.headers, target.level, language)
    const names = [...libraryNames, ...(language === 'cpp' ? namesOfStd : [])]
    this.missing = new Set(names.filter((name) => !given.has(name)))
  }

  /** Those in a translation unit. @param known what was found in others: what is sure is not looked for again */
  *usesIn(root: FileId, known: ReadonlyMap<string, LibraryUse>): Iterable<LibraryUse> {
    if (!this.model.files[root]!.includes.length) return
    const unit = new Unit(this.model, root, this.language)
    for (const file of unit.files) {
      for (const name of this.namesIn(file)) {
        if (known.get(keyOf(file, name))?.doubts.length === 0) continue
        if (this.names.isDeclared(name, root, unit.files)) continue
        const inCode = this.inCode(name, file, root, unit)
        const inMacros = this.inMacros(name, file, root, unit, inCode?.offset ?? Number.POSITIVE_INFINITY)
        const use = inMacros === null || (inCode && inMacros.doubts.length > inCode.doubts.length) ? inCode : inMacros
        if (use !== null) yield use
      }
    }
  }

  private namesIn(file: FileId): readonly string[] {
    let found = this.namesByFile.get(file)
    if (!found) {
      const names = Object.keys(this.model.files[file]!.names)
      found = [...names, ...names.map((name) => `std::${name}`)].filter((name) => this.missing.has(name))
      this.namesByFile.set(file, found)
    }
    return found
  }

  private code(file: FileId): FileCode {
    return this.model.project.code(file)
  }

  /** The first use in code that no header before it declares. */
  private inCode(name: string, file: FileId, root: FileId, unit: Unit): LibraryUse | null {
    let first: LibraryUse | null = null
    const code = this.code(file)
    for (const { span, before, isField, isInDirective } of code.occurrences(bareName(name))) {
      if (isField || isInDirective) continue
      // Nearly all are declared: the function around the others alone is read.
      const doubts = this.doubtsAt(name, file, span.start, code.regionAt(span.start), root, unit)
      if (doubts === null) continue
      const around = code.codeAt(span.start)
      if (around === null || !this.names.isUse(file, around, name, span.start)) continue
      const isMethod =
        this.language === 'cpp' && before !== '::' && around.kind === 'function' && code.isMember(around.nameSpan.start)
      if (isMethod && unit.files.some((each) => this.names.hasMember(each, name))) continue
      if (isMethod && this.names.hasUnreadBase(unit.files))
        doubts.push(`\`${name}\` may be a member of a base class here`)
      const use = { file, offset: span.start, name, by: null, macro: -1, language: this.language, doubts }
      if (doubts.length === 0) return use
      first ??= use
    }
    return first
  }

  /**
   * A use in a macro's body, where the macro is expanded behind no header that declares the name: the first in the
   * macro's own file, else one in another.
   * @param end only what is expanded before that place of its own file counts
   */
  private inMacros(name: string, file: FileId, root: FileId, unit: Unit, end: Offset): LibraryUse | null {
    const facts = this.model.files[file]!
    let first: { readonly use: LibraryUse; readonly at: Offset } | null = null
    let elsewhere: LibraryUse | null = null
    for (const { macro, offset, region } of facts.names[bareName(name)]!) {
      const defined = this.model.conditions.verdictIn(root, file, region)
      if (defined === 'no') continue
      const body = macro < 0 ? null : this.code(file).macroAt(offset)
      if (body === null || !this.names.isUse(file, body, name, offset)) continue
      for (const place of this.expansions(facts.macros[macro]!.name, unit)) {
        const doubts = this.doubtsAt(name, place.file, place.offset, place.region, root, unit)
        if (doubts === null) continue
        if (defined === 'unknown' && doubts.length === 0) addAll(doubts, buildDoubts(defined))
        const base = { name, language: this.language, doubts }
        if (place.file !== file)
          elsewhere ??= { ...base, file: place.file, offset: place.offset, by: place.by, macro: -1 }
        else if (place.offset < (first?.at ?? end))
          first = { use: { ...base, file, offset, by: null, macro }, at: place.offset }
      }
    }
    return first?.use ?? (end === Number.POSITIVE_INFINITY ? elsewhere : null)
  }

  /** Where code of a translation unit expands a macro, by way of others or not: the first place in each region. */
  private *expansions(
    macro: string,
    unit: Unit,
  ): Iterable<{ readonly file: FileId; readonly offset: Offset; readonly region: number; readonly by: string }> {
    const macrosSoFar = new Set([macro])
    for (const by of macrosSoFar) {
      for (const file of unit.files) {
        const { names, macros } = this.model.files[file]!
        for (const mention of Object.hasOwn(names, by) ? names[by]! : []) {
          if (mention.macro < 0) yield { file, offset: mention.offset, region: mention.region, by }
          else macrosSoFar.add(macros[mention.macro]!.name)
        }
      }
    }
  }

  /** Why a name may be declared at a place after all; null where it is, or where that is no matter of `Python.h`. */
  private doubtsAt(
    name: string,
    file: FileId,
    offset: Offset,
    region: number,
    root: FileId,
    unit: Unit,
  ): string[] | null {
    const compiled = this.model.conditions.verdictIn(root, file, region)
    if (compiled === 'no') return null
    const { given } = unit
    const count = unit.countBefore(file, offset)
    if (given.python >= count || given.firstWith(name) < count) return null
    const strange = given.strange < count ? given.includes[given.strange]!.path : null
    const isSure = compiled === 'yes' && given.surePython < count
    return [
      ...(strange === null ? [] : [`\`${strange}\`, which was not read, may declare it`]),
      ...buildDoubts(isSure ? 'yes' : 'unknown'),
    ]
  }
}
