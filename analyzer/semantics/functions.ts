import type { FileCode } from '../code/file-code.ts'
import type { FunctionCode } from '../code/tree.ts'
import { visibleFrom } from '../project/includes.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId } from '../source/text.ts'

/** A function or a macro of the project, read, with the file that it stands in. */
export interface Body {
  readonly file: FileId
  readonly code: FunctionCode
}

/** The functions and macros of a project that may be compiled for its model's target. */
export class Functions {
  private readonly functions = new Map<string, readonly Body[]>()
  private readonly macros = new Map<string, readonly Body[]>()

  constructor(readonly model: ProjectModel) {}

  code(file: FileId): FileCode {
    return this.model.project.code(file)
  }

  /**
   * The functions that a name means in a file: its own, else those of what it includes, else those of other files that
   * are not `static`. Several where conditions choose.
   */
  named(file: FileId, name: string): readonly Body[] {
    const key = `${file}:${name}`
    let found = this.functions.get(key)
    if (!found) {
      found = this.find(file, name)
      this.functions.set(key, found)
    }
    return found
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
    return [...files].flatMap((each) => this.bodiesIn(each, name).filter(({ code }) => code.storage !== 'static'))
  }

  private bodiesIn(file: FileId, name: string): Body[] {
    const code = this.code(file)
    return code
      .functionsNamed(name)
      .filter((each) => this.model.active(file, code.regionAt(each.nameSpan.start)) !== 'no')
      .map((each) => ({ file, code: each }))
  }

  /** The macros that a name may stand for in a file: its own, else those of what it includes, else any. */
  macrosNamed(file: FileId, name: string): readonly Body[] {
    const key = `${file}:${name}`
    let found = this.macros.get(key)
    if (!found) {
      found = this.findMacros(file, name)
      this.macros.set(key, found)
    }
    return found
  }

  private findMacros(file: FileId, name: string): readonly Body[] {
    const { declarations, graph } = this.model.project
    const all = declarations.macro(name).filter(({ file: where, region }) => this.model.active(where, region) !== 'no')
    if (all.length === 0) return []
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
