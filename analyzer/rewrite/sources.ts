import type { FileCode } from '../code/file-code.ts'
import type { BracesValue, FunctionCode, Variable } from '../code/tree.ts'
import { variablesIn } from '../code/variables.ts'
import type { Minor } from '../knowledge/version.ts'
import type { Verdict } from '../preprocess/condition.ts'
import type { Directives, Region } from '../preprocess/directives.ts'
import { visibleFrom } from '../project/includes.ts'
import { linkedUnits } from '../project/linked-units.ts'
import type { ProjectModel } from '../project/model.ts'
import type { VersionCoverage } from '../project/version-coverage.ts'
import type { Body } from '../semantics/functions.ts'
import { structAliasesOf } from '../semantics/type-fields.ts'
import type { FileId, Offset, RegionId, Span } from '../source/text.ts'

/** What the rewriting of types has to know besides the texts. */
export interface RewriteSettings {
  /** The lowest level of the Limited API that is built for. */
  readonly level: Minor
  /** For which versions of Python a branch is compiled, by the offset where it begins. */
  coverageOf(file: string, branch: Offset): VersionCoverage
  /** The files that a file includes or is included by, itself too, at any depth. */
  related(file: string): ReadonlySet<string>
  /** Why a file may not be edited; null where it may. */
  locked(file: string): string | null
  /** Why it cannot be said what others use a type for that a file defines; null where it can. */
  unseen(file: string): string | null
  /** Whether a comment suppresses what a rule finds there: that stays as it is. */
  isSuppressed(rule: string, file: string, offset: Offset): boolean
  /** Whether there is a file of that name. */
  isThere(file: string): boolean
  /** Whether a file is C++, where a function needs a cast to go into a `void *`. */
  isCxx(file: string): boolean
  /** Whether code in a region of a file is compiled for the target. */
  isCompiled(file: string, region: RegionId): boolean
}

/** A place in a file. */
export interface PlaceIn {
  readonly file: string
  readonly offset: Offset
}

/** A function or a macro, read, with its file. */
export interface CodeIn {
  readonly file: string
  readonly code: FunctionCode
}

/**
 * The texts of a project, as far as a rewrite has to read them: each is looked at once, and only if something wanted
 * stands in it.
 */
export class Sources {
  private readonly ids: ReadonlyMap<string, FileId>
  private readonly byWord = new Map<string, readonly PlaceIn[]>()
  private readonly macroTable = new Map<string, readonly CodeIn[]>()
  private readonly functionTable = new Map<string, readonly CodeIn[]>()
  private linked: readonly ReadonlySet<FileId>[] | null = null

  /**
   * @param texts by file, one character per byte
   * @param model the project that they are, of which all are files
   */
  constructor(
    readonly texts: ReadonlyMap<string, string>,
    readonly model: ProjectModel,
    readonly settings: RewriteSettings,
  ) {
    this.ids = new Map(model.files.map(({ file }, index) => [file, index]))
  }

  /** The index of a file of the project among those of the model. */
  idOf(file: string): FileId {
    return this.ids.get(file)!
  }

  code(file: string): FileCode {
    return this.model.project.code(this.idOf(file))
  }

  text(file: string): string {
    return this.texts.get(file)!
  }

  /** What stands at a span of a file. */
  written(file: string, { start, end }: Span): string {
    return this.text(file).slice(start, end)
  }

  /** The identifiers at a span of a file. */
  namesIn(file: string, span: Span): readonly string[] {
    return this.code(file)
      .namesIn(span)
      .map(({ name }) => name)
  }

  /** A function as what effects are asked of. */
  body({ file, code }: CodeIn): Body {
    return { file: this.idOf(file), code }
  }

  /** Whether a file includes, by way of others too, a header of the project that was not read: its build makes it. */
  includesUnread(file: string): boolean {
    const { files, project } = this.model
    const id = this.idOf(file)
    for (const each of [id, ...visibleFrom(project.graph, id)]) {
      const isUnread = files[each]!.includes.some(
        ({ quoted, path }, index) => quoted && !/config/i.test(path) && project.graph.targets[each]![index] === null,
      )
      if (isUnread) return true
    }
    return false
  }

  /** The files of the project that a file includes itself, and where. */
  includesIn(file: string): readonly { readonly target: string; readonly offset: Offset }[] {
    const { files, project } = this.model
    const id = this.idOf(file)
    return files[id]!.includes.flatMap(({ offset }, index) => {
      const target = project.graph.targets[id]![index]
      return target === null || target === undefined ? [] : [{ target: files[target]!.file, offset }]
    })
  }

  /** Whether a file is another one or includes it, by way of others too. */
  includes(file: string, other: string): boolean {
    return file === other || this.model.project.graph.closure(this.idOf(file)).has(this.ids.get(other)!)
  }

  /** The translation units that a file is part of, or what is as good as one. */
  unitsOf(file: string): readonly string[] {
    const { files, project } = this.model
    return project.graph.roots(this.idOf(file)).map((root) => files[root]!.file)
  }

  /** The files that are linked into one library with a file, as far as headers say; empty where they do not. */
  linkedWith(file: string): readonly string[] {
    const { files, project } = this.model
    const unit = project.graph.roots(this.idOf(file))[0]!
    this.linked ??= linkedUnits(project)
    return [...(this.linked.find((each) => each.has(unit)) ?? [])].map((each) => files[each]!.file)
  }

  /** The places where other files include a file themselves. */
  includersOf(file: string): readonly PlaceIn[] {
    const { files, project } = this.model
    const includers = new Set(project.graph.includers[this.idOf(file)]!.map((each) => files[each.file]!.file))
    return [...includers].flatMap((each) =>
      this.includesIn(each).flatMap(({ target, offset }) => (target === file ? [{ file: each, offset }] : [])),
    )
  }

  directives(file: string): Directives {
    return this.code(file).directives
  }

  /** All places where a name stands, but for fields (`x.name`, `x->name`). */
  references(name: string): readonly PlaceIn[] {
    let known = this.byWord.get(name)
    if (!known) {
      const { files, project } = this.model
      known = [...project.filesWith(name)].flatMap((id) => referencesIn(this, files[id]!.file, name))
      this.byWord.set(name, known)
    }
    return known
  }

  /** Some files, in the order of the project. */
  inOrder(files: ReadonlySet<string>): readonly string[] {
    return [...files].sort((a, b) => this.ids.get(a)! - this.ids.get(b)!)
  }

  /** The places in some files where a name stands, but for fields; in the order of the project. */
  referencesIn(files: ReadonlySet<string>, name: string): readonly PlaceIn[] {
    const { files: all, project } = this.model
    const holding = project.filesWith(name)
    // Some names, as those of tables, stand in nearly all files.
    const asked =
      files.size < holding.length
        ? this.inOrder(files)
        : [...holding].flatMap((id) => (files.has(all[id]!.file) ? [all[id]!.file] : []))
    return asked.flatMap((file) => referencesIn(this, file, name))
  }

  /**
   * The initialiser of an array in a file; null where there is none.
   * @param around the function that names it; null for one that is not known
   */
  array(file: string, name: string, around: FunctionCode | null): BracesValue | null {
    const isArray = (each: Variable): boolean =>
      each.name === name && each.type.endsWith('[]') && each.initialiser?.kind === 'braces'
    const own = around === null ? undefined : variablesIn(around).find(isArray)
    const found = own ?? this.code(file).variables.find(isArray) ?? this.localArray(file, name, isArray)
    return found?.initialiser?.kind === 'braces' ? found.initialiser : null
  }

  private localArray(file: string, name: string, isArray: (each: Variable) => boolean): Variable | undefined {
    for (const offset of this.code(file).references(name)) {
      const around = this.code(file).codeAt(offset)
      const found = around ? [...variablesIn(around)].find(isArray) : undefined
      if (found) return found
    }
    return undefined
  }

  /** The definitions of a macro, read. */
  macros(name: string): readonly CodeIn[] {
    let known = this.macroTable.get(name)
    if (!known) {
      const files = new Set(this.model.project.declarations.macro(name).map(({ file }) => this.model.files[file]!.file))
      known = [...files].flatMap((file) =>
        this.code(file)
          .macrosNamed(name)
          .map((code) => ({ file, code })),
      )
      this.macroTable.set(name, known)
    }
    return known
  }

  /** Other names that macros and typedefs of the project give to the structs that types are written down with. */
  get structAliases(): ReadonlyMap<string, string> {
    return structAliasesOf(this.model.project)
  }

  /** Whether a function, a variable, a constant or a macro of the project has a name. */
  declares(name: string): boolean {
    const { declarations } = this.model.project
    return declarations.value(name).length > 0 || declarations.macro(name).length > 0
  }

  /** Whether a typedef or a struct of the project has a name. */
  isType(name: string): boolean {
    const { declarations } = this.model.project
    return declarations.typedef(name).length > 0 || declarations.struct(`struct ${name}`).length > 0
  }

  /** The functions of a name that have a body: in the file itself where it has one, else anywhere. */
  functions(name: string, file: string): readonly CodeIn[] {
    const own = this.functionsIn(file, name)
    if (own.length > 0) return own
    let known = this.functionTable.get(name)
    if (!known) {
      const files = this.model.project.declarations
        .value(name)
        .flatMap(({ file: where, fact }) => (fact.kind === 'function' && fact.defines ? [where] : []))
      known = [...new Set(files)].flatMap((where) => this.functionsIn(this.model.files[where]!.file, name))
      this.functionTable.set(name, known)
    }
    return known
  }

  private functionsIn(file: string, name: string): CodeIn[] {
    return this.code(file)
      .functionsNamed(name)
      .map((code) => ({ file, code }))
  }

  /** Whether the translation units that a file is part of see a macro: all, none, or some of them and perhaps. */
  seesMacro(file: string, macro: CodeIn): Verdict {
    const [id, where] = [this.idOf(file), this.ids.get(macro.file)!]
    const region = this.code(macro.file).regionAt(macro.code.nameSpan.start)
    const verdicts = new Set(
      this.model.project.graph.roots(id).map((root) => this.model.compilesIn(root, where, region)),
    )
    return verdicts.size === 1 ? [...verdicts][0]! : 'unknown'
  }

  /** The conditions that code stands under, from the outside in. */
  regionsAround({ file, offset }: PlaceIn): Region[] {
    const { regions } = this.directives(file)
    const found: Region[] = []
    for (let at = this.code(file).regionAt(offset); at > 0; at = regions[at]!.parent) found.unshift(regions[at]!)
    return found
  }

  /** Whether code is for no version of Python that anybody uses. */
  isHistory(place: PlaceIn): boolean {
    return this.regionsAround(place).some(({ start }) => this.settings.coverageOf(place.file, start) === 'never')
  }
}

const referencesIn = (sources: Sources, file: string, name: string): readonly PlaceIn[] =>
  sources
    .code(file)
    .references(name)
    .map((offset) => ({ file, offset }))
