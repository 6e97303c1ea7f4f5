import { FileCode } from '../code/file-code.ts'
import { WordIndex } from '../code/word-filter.ts'
import { mapLeaves } from '../facts/expressions.ts'
import type { Expression, FileFacts } from '../facts/file-facts.ts'
import type { Api } from '../knowledge/api.ts'
import type { CType } from '../knowledge/ctype.ts'
import { isInternalHeader } from '../knowledge/python-headers.ts'
import type { StructFact } from '../knowledge/table.ts'
import type { Target } from '../knowledge/target.ts'
import type { Verdict } from '../preprocess/condition.ts'
import { addTo } from '../source/multimap.ts'
import type { FileId, Offset, RegionId } from '../source/text.ts'
import { type BuildOptions, noOptions } from './build-options.ts'
import { type Conditional, Conditions } from './conditions.ts'
import { withPastedFacts } from './expansions.ts'
import { type IncludeGraph, includeGraph } from './includes.ts'
import { MacroArguments } from './macro-arguments.ts'
import { MacroUses } from './macro-uses.ts'
import { Declarations, FileMeanings, type ProjectStruct } from './meanings.ts'
import { OwnNames } from './own-names.ts'
import { type Steps, stepsOf } from './steps.ts'
import { expanded, structBehind, typeOf } from './typing.ts'

type MacroCall = FileFacts['macroCalls'][number] & { readonly file: FileId }

/** The project as a whole: all facts, linked. Read-only, and made anew in every run. */
export interface Project {
  readonly files: readonly FileFacts[]
  readonly graph: IncludeGraph
  readonly steps: Steps
  readonly options: BuildOptions
  /** The libraries whose headers are included and were not read, as far as names tell: `cairo` of `<cairo-ft.h>`. */
  readonly libraries: ReadonlySet<string>
  readonly declarations: Declarations
  /** Of each macro of the project that reads fields of its arguments: the calls, with the file they stand in. */
  readonly macroCalls: ReadonlyMap<string, readonly MacroCall[]>
  /** The code of a file, of which functions are read on demand. */
  code(file: FileId): FileCode
  /** The files whose texts may hold a word, in ascending order: all that do, and few others. */
  filesWith(word: string): Uint32Array
}

/** The code of files by their facts, which are the same objects as long as the text is the same. */
const codeOf = new WeakMap<FileFacts, FileCode>()

/**
 * Links what was collected.
 * @param options what is known of how it is compiled
 * @param texts of the files, one character per byte; without its text a file has no code
 */
export function linkProject(
  collected: readonly FileFacts[],
  options: BuildOptions = noOptions,
  texts: ReadonlyMap<string, string> = new Map(),
): Project {
  const graph = includeGraph(collected, options)
  const files = withPastedFacts(collected, graph)
  const macroCalls = new Map<string, MacroCall[]>()
  files.forEach((facts, file) => {
    for (const call of facts.macroCalls) {
      addTo(macroCalls, call.name, { ...call, file })
    }
  })
  const declarations = new Declarations(files, graph)
  const isType = (name: string): boolean => declarations.typedef(name).length > 0
  const code = (file: FileId): FileCode => {
    const facts = collected[file]!
    let known = codeOf.get(facts)
    if (!known) {
      known = new FileCode(texts.get(facts.file) ?? '', facts.dialect === 'cpp', isType)
      codeOf.set(facts, known)
    }
    return known
  }
  let words: WordIndex | null = null
  return {
    files,
    graph,
    steps: stepsOf(files, graph),
    options,
    libraries: librariesOf(files, graph),
    declarations,
    macroCalls,
    code,
    filesWith(word) {
      words ??= new WordIndex(files.map((_, file) => code(file).words))
      return words.withWord(word)
    },
  }
}

function librariesOf(files: readonly FileFacts[], graph: IncludeGraph): ReadonlySet<string> {
  const libraries = new Set<string>()
  files.forEach(({ includes }, file) => {
    includes.forEach(({ path }, index) => {
      // Headers of C++ have no suffix.
      if (graph.targets[file]![index] !== null || !path.includes('.')) return
      for (const [, word] of path.toLowerCase().matchAll(/(?:^|\/)(?:lib)?([a-z0-9]{2}[a-z0-9]*)/g))
        libraries.add(word!)
    })
  })
  return libraries
}

/**
 * What one call of a macro means for types: those of its arguments, and of the local variables that the body
 * mentions.
 */
interface MacroInstantiation {
  readonly operands: readonly (CType | null)[]
  readonly locals: Readonly<Record<string, Expression>>
}

const none: readonly CType[] = []

const mostWays = 100
const deepestCalls = 50

/** Macros of compilers, systems and CPython's `pyconfig.h`: defined somewhere without any option. */
const ofSystem = /^(?:_|HAVE_|MS_WIN|(?:WIN32|WIN64|linux|unix|NDEBUG)$)/

/** An expression in the body of a macro with what the names in it are where the macro is called. */
const withLocals = (expression: Expression, locals: MacroInstantiation['locals']): Expression =>
  mapLeaves(expression, (leaf) => (leaf[0] === 'name' && Object.hasOwn(locals, leaf[1]) ? locals[leaf[1]]! : leaf))

/** The project as one target sees it. */
export class ProjectModel {
  readonly conditions: Conditions
  /** The same for a build without options, to settle what else would stay in doubt. */
  private readonly plainConditions: Conditions
  /** The same for a build on any system, with the options that its files may set and no others. */
  private readonly usualConditions: Conditions
  /** The same for a build with no options but those that its files may set, whatever the system defines. */
  private readonly unitConditions: Conditions
  private readonly meanings = new Map<number, FileMeanings>()
  private readonly own: OwnNames
  private readonly macroArguments: MacroArguments
  private readonly internals = new Map<number, boolean>()
  private readonly ways = new Map<string, readonly MacroInstantiation[]>()
  /** How many macros are being asked how they are called, each on behalf of the one before. */
  private asking = 0
  private macroUses: { readonly usual: MacroUses; readonly all: MacroUses } | null = null

  constructor(
    readonly project: Project,
    readonly api: Api,
    readonly target: Target,
    /** The words of the build's files: what a macro may be defined by. */
    buildWords: ReadonlySet<string> = new Set(),
    /** The translation units that have the target, by the names of their first files; null for all. */
    units: ReadonlySet<string> | null = null,
  ) {
    const isRead = (root: FileId): boolean => units === null || units.has(project.files[root]!.file)
    const conditions = (absent: (name: string) => boolean): Conditions =>
      new Conditions(project, api, target, absent, isRead)
    this.conditions = conditions(() => false)
    this.plainConditions = conditions((name) => !name.startsWith('__'))
    const isFromLibrary = (name: string): boolean =>
      project.libraries.has(/^(?:lib)?([a-z0-9]*)/.exec(name.toLowerCase())![1]!)
    this.own = new OwnNames(project, api, this.conditions, this.plainConditions)
    this.macroArguments = new MacroArguments(project, this.conditions, this.plainConditions)
    this.unitConditions = conditions((name) => !name.startsWith('__') && !buildWords.has(name))
    this.usualConditions = conditions(
      (name) =>
        !ofSystem.test(name) && !buildWords.has(name) && !project.steps.compared.has(name) && !isFromLibrary(name),
    )
  }

  get files(): readonly FileFacts[] {
    return this.project.files
  }

  /** Whether code in a region of a file is compiled for the target. */
  active(file: FileId, region: RegionId): Verdict {
    return this.conditions.verdict(file, region)
  }

  /** Whether a fact of a file is compiled: the region that it stands in, and what makes it. */
  activeFact(file: FileId, fact: Conditional): Verdict {
    return this.conditions.verdictOf(file, fact)
  }

  /**
   * Whether a fact may be compiled, but on no system without a macro that neither the project, its build's files nor a
   * library seem to define.
   */
  needsOption(file: FileId, fact: Conditional): boolean {
    return this.activeFact(file, fact) === 'unknown' && this.usualConditions.verdictOf(file, fact) === 'no'
  }

  /**
   * Whether a translation unit compiles a region of a file, where what nothing defines in the files read is taken for
   * not defined.
   * @param root the unit's first file
   */
  compilesIn(root: FileId, file: FileId, region: RegionId): Verdict {
    const verdict = this.conditions.verdictIn(root, file, region)
    return verdict === 'unknown' ? this.unitConditions.verdictIn(root, file, region) : verdict
  }

  /**
   * Whether the project itself defines a name, where a file sees it; `unknown` if only a build with some options does
   * not, or if that cannot be told.
   * @param place where it is used, in bytes: a macro that is defined only behind it is not meant
   */
  isProjectDefined(file: FileId, name: string, place: Offset | null = null): Verdict {
    return this.own.defines(file, name, place)
  }

  /** Whether the project itself says what is in a struct of the C API, where a file sees it; `unknown` as above. */
  definesStruct(file: FileId, struct: StructFact): Verdict {
    return this.own.definesStruct(file, struct)
  }

  /**
   * Whether an argument of a call of a project macro is compiled: `no` if the macro drops it, or hands it to one that
   * does, `unknown` if it does so in a build without options.
   */
  keepsArgument(file: FileId, macro: string, argument: number): Verdict {
    return this.macroArguments.kept(file, macro, argument)
  }

  private meaningsOf(file: FileId): FileMeanings {
    let meanings = this.meanings.get(file)
    if (!meanings) {
      meanings = new FileMeanings(file, this.project.declarations, this.conditions, this.api)
      this.meanings.set(file, meanings)
    }
    return meanings
  }

  /**
   * The type of an expression in a file; null where it cannot be known. In a macro's body the first that a call of it
   * gives.
   * @param place where it stands, in bytes
   * @param macro the macro whose body holds the expression, -1 for none; its parameters then have the types of what
   * it is called with
   */
  typeOf(file: FileId, expression: Expression, place: number, macro = -1): CType | null {
    if (macro < 0) return typeOf(expression, this.meaningsOf(file), place)
    for (const type of this.typesOf(file, expression, place, macro)) return type
    return null
  }

  /**
   * All types that an expression has, as different calls of the macro give it different ones; at most one outside of
   * macros.
   */
  typesOf(file: FileId, expression: Expression, place: number, macro: number): Iterable<CType> {
    if (macro >= 0) return this.typesInMacro(file, expression, place, macro)
    const own = typeOf(expression, this.meaningsOf(file), place)
    return own === null ? none : [own]
  }

  private *typesInMacro(file: FileId, expression: Expression, place: number, macro: number): Iterable<CType> {
    const meanings = this.meaningsOf(file)
    const own = typeOf(expression, meanings, place)
    if (own !== null) yield own
    const seen = new Set<CType | null>([own])
    for (const { operands, locals } of this.waysOf(this.files[file]!.macros[macro]!.name)) {
      const type = typeOf(withLocals(expression, locals), meanings, place, operands)
      if (type === null || seen.has(type)) continue
      seen.add(type)
      yield type
    }
  }

  /** Whether the struct that a type is, or points to, is known with its fields. */
  knowsStruct(file: FileId, type: CType): boolean {
    const name = structBehind(this.apiType(file, type))
    if (name === null) return false
    const { declarations } = this.project
    return (
      this.api.struct(name) !== null ||
      name.includes('@') ||
      [name, `struct ${name}`, `union ${name}`].some((tag) => declarations.struct(tag).length > 0)
    )
  }

  /** What a class or struct of the project is derived from, by name and at once. @param name its name or tag */
  basesOf(name: string): readonly string[] {
    return [name, `struct ${name}`].flatMap((tag) =>
      this.project.declarations.struct(tag).flatMap(({ fact }) => fact.bases),
    )
  }

  /**
   * The types of the fields of a struct or class of the project, in their order, behind the classes that it is derived
   * from; empty where it is not known.
   * @param struct its tag, or a typedef's name
   */
  fieldTypes(file: FileId, struct: string): readonly CType[] {
    return this.meaningsOf(file).fieldTypes(struct)
  }

  /** A struct of the project, as a file names it: by its tag or its typedef name; null for none. */
  structOf(file: FileId, struct: string): ProjectStruct | null {
    return this.meaningsOf(file).structOf(struct)
  }

  /** Whether a field of a class or struct of the project points to what must not be changed. @param name as above */
  isConstField(name: string, field: string): boolean {
    return [name, `struct ${name}`]
      .flatMap((tag) => this.project.declarations.struct(tag))
      .some(({ fact }) => fact.constants?.includes(field) ?? false)
  }

  /** A type with the typedefs of the project taken away, down to the name that the C API gives it. */
  apiType(file: FileId, type: CType): CType {
    return expanded(type, this.meaningsOf(file))
  }

  /** Whether the target's headers declare a name of the C API. */
  declares(name: string): boolean {
    const fact = this.api.fact(name)
    return fact !== null && this.api.declared(fact, this.target)
  }

  /**
   * Whether a file sees headers of CPython's own making, which declare what no level has: `internal/pycore_frame.h`.
   */
  seesInternals(file: FileId): boolean {
    const { graph } = this.project
    let sees = this.internals.get(file)
    if (sees === undefined) {
      const includes = (each: number): boolean =>
        this.files[each]!.includes.some(
          ({ path, region }) => isInternalHeader(path) && this.active(each, region) !== 'no',
        )
      const units = [file, ...graph.roots(file)]
      sees = units.some((unit) => includes(unit) || [...graph.closure(unit)].some(includes))
      this.internals.set(file, sees)
    }
    return sees
  }

  /** The ways in which a macro is called, as far as types go: each differs from the others in some. */
  private waysOf(name: string): readonly MacroInstantiation[] {
    const known = this.ways.get(name)
    if (known) return known
    if (this.asking >= deepestCalls) return []
    const ways = new Map<string, MacroInstantiation>()
    // A macro that calls itself adds nothing.
    this.ways.set(name, [])
    this.asking++
    for (const call of this.project.macroCalls.get(name) ?? []) {
      const operands = call.operands.map((operand) => this.typeOf(call.file, operand, call.offset, call.macro))
      ways.set(JSON.stringify([operands, call.locals]), { operands, locals: call.locals })
      if (ways.size >= mostWays) break
    }
    this.asking--
    const found = [...ways.values()]
    this.ways.set(name, found)
    return found
  }

  /**
   * One place where code that is compiled uses a macro of the project, by way of other macros or not; in the macro's
   * own file, else in what that sees, else anywhere. Null where nothing in the files read does. `needsOption` as above
   * of all such places.
   */
  expansionOf(
    file: FileId,
    macro: number,
  ): { readonly file: FileId; readonly offset: Offset; readonly needsOption: boolean } | null {
    const mayBe = (each: FileId, region: RegionId): boolean => this.active(each, region) !== 'no'
    this.macroUses ??= {
      usual: new MacroUses(this.files, (each, region) => mayBe(each, region) && !this.needsOption(each, { region })),
      all: new MacroUses(this.files, mayBe),
    }
    const name = this.files[file]!.macros[macro]!.name
    const usual = this.macroUses.usual.placeOf(name, file, this.project.graph)
    const place = usual ?? this.macroUses.all.placeOf(name, file, this.project.graph)
    return place && { ...place, needsOption: usual === null }
  }
}
