import type { FileCode } from '../code/file-code.ts'
import { valuesInCode } from '../code/statements.ts'
import type { FunctionCode, Value } from '../code/tree.ts'
import { bare, isNull } from '../code/values.ts'
import { variablesOf } from '../code/variables.ts'
import { visibleFrom } from '../project/includes.ts'
import type { ProjectModel } from '../project/model.ts'
import { NamesOfFiles } from '../project/names-of-files.ts'
import type { FileId } from '../source/text.ts'

/** A function or a macro of the project, read, with the file that it stands in. */
export interface Body {
  readonly file: FileId
  readonly code: FunctionCode
}

/** A value that a variable gets, and the function that gives it; null for its initialiser. */
export interface GivenValue {
  readonly value: Value
  readonly around: FunctionCode | null
}

const none: readonly Body[] = []

/** The functions and macros of a project that may be compiled for its model's target. */
export class Functions {
  private readonly functions = new NamesOfFiles<readonly Body[]>()
  private readonly macros = new NamesOfFiles<readonly Body[]>()
  private readonly statics = new Map<string, GivenValue | null>()

  constructor(readonly model: ProjectModel) {}

  code(file: FileId): FileCode {
    return this.model.project.code(file)
  }

  /**
   * The functions that a name means in a file: its own, else those of what it includes, else those of other files that
   * are not `static`. Several where conditions choose.
   */
  named(file: FileId, name: string): readonly Body[] {
    return this.functions.get(file, name) ?? this.functions.set(file, name, this.find(file, name))
  }

  /** Whether a name is one of the C API, and the project defines none of that name. */
  isOfApi(file: FileId, name: string): boolean {
    if (!/^_?Py/.test(name) || this.model.isProjectDefined(file, name) === 'yes') return false
    return this.model.api.fact(name) !== null || (name.startsWith('_') && this.named(file, name).length === 0)
  }

  private find(file: FileId, name: string): readonly Body[] {
    const own = this.bodiesIn(file, name)
    if (own.length > 0) return own
    const { declarations, graph } = this.model.project
    const files = new Set(
      declarations
        .value(name)
        .flatMap(({ file: where, fact }) => (fact.kind === 'function' && fact.defines ? [where] : [])),
    )
    const visible = visibleFrom(graph, file)
    const near = [...files].filter((each) => visible.has(each)).flatMap((each) => this.bodiesIn(each, name))
    if (near.length > 0) return near
    // A header may be included in a way that was not found out.
    const isSeen = (each: FileId, { code }: Body): boolean => code.storage !== 'static' || isHeader(this.model, each)
    return [...files].flatMap((each) => this.bodiesIn(each, name).filter((body) => isSeen(each, body)))
  }

  private bodiesIn(file: FileId, name: string): readonly Body[] {
    const code = this.code(file)
    const found = code.functionsNamed(name)
    if (found.length === 0) return none
    return found
      .filter((each) => this.model.active(file, code.regionAt(each.nameSpan.start)) !== 'no')
      .map((each) => ({ file, code: each }))
  }

  /**
   * What a `static` variable of a file is, where that is one value, `NULL` apart, that it gets by its initialiser or by
   * `=`; null for anything else, and for structs and arrays.
   */
  staticValue(file: FileId, name: string): GivenValue | null {
    const key = `${file}:${name}`
    let found = this.statics.get(key)
    if (found === undefined) {
      found = this.findStaticValue(this.code(file), name)
      this.statics.set(key, found)
    }
    return found
  }

  private findStaticValue(code: FileCode, name: string): GivenValue | null {
    const declared = code.variables.filter((each) => each.name === name && each.storage === 'static')
    if (declared.length === 0) return null
    const given: GivenValue[] = declared.flatMap(({ initialiser }) =>
      initialiser ? [{ value: initialiser, around: null }] : [],
    )
    for (const { span, before, behind, isField } of code.occurrences(name)) {
      if (isField || (before !== '&' && behind !== '=')) continue
      const around = code.functionAt(span.start)
      if (around === null || variablesOf(around).get(name)?.length === 0) continue
      // Whoever has its address may write into it.
      if (before === '&') return null
      for (const value of valuesInCode(around.body))
        if (value.kind === 'assign' && bare(value.target).span.start === span.start)
          given.push({ value: value.value, around })
    }
    const [only, ...others] = given.filter(({ value }) => !isNull(value))
    return only && others.length === 0 && only.value.kind !== 'braces' ? only : null
  }

  /** The macros that a name may stand for in a file: its own, else those of what it includes, else any. */
  macrosNamed(file: FileId, name: string): readonly Body[] {
    // Nearly no name is that of a macro.
    if (this.model.project.declarations.macro(name).length === 0) return none
    return this.macros.get(file, name) ?? this.macros.set(file, name, this.findMacros(file, name))
  }

  private findMacros(file: FileId, name: string): readonly Body[] {
    const { declarations, graph } = this.model.project
    const all = declarations
      .macro(name)
      .filter(({ file: where, fact }) => this.model.active(where, fact.region) !== 'no')
    if (all.length === 0) return none
    const visible = visibleFrom(graph, file)
    const own = all.filter((each) => each.file === file)
    const near = own.length > 0 ? own : all.filter((each) => visible.has(each.file))
    const chosen = near.length > 0 ? near : all
    return [...new Set(chosen.map((each) => each.file))].flatMap((where) => {
      const code = this.code(where)
      return code
        .macrosNamed(name)
        .filter((each) => this.model.active(where, code.regionAt(each.nameSpan.start)) !== 'no')
        .map((each) => ({ file: where, code: each }))
    })
  }
}

/** Whether a file is a header, by its name. */
export const isHeader = (model: ProjectModel, file: FileId): boolean => /\.h\w*$/.test(model.files[file]!.file)

/** Whether a file, or what includes it, is C++. */
export const isCxxFile = (model: ProjectModel, file: FileId): boolean =>
  [file, ...model.project.graph.roots(file)].some((each) => model.files[each]!.dialect === 'cpp')

const known = new WeakMap<ProjectModel, Functions>()

/** The functions of a project, as one target sees them. */
export function functionsOf(model: ProjectModel): Functions {
  let found = known.get(model)
  if (!found) {
    found = new Functions(model)
    known.set(model, found)
  }
  return found
}
