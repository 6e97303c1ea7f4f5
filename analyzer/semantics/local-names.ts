import { nameAt, parentsIn } from '../code/placement.ts'
import type { FunctionCode, NameValue, Statement, Variable } from '../code/tree.ts'
import { variablesNamed } from '../code/variables.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset, Span } from '../source/text.ts'
import { isNamedByMacro } from './macro-names.ts'

/** Tells what names mean in a function. */
export class LocalNames {
  constructor(
    private readonly model: ProjectModel,
    private readonly file: FileId,
    private readonly code: FunctionCode,
  ) {}

  /**
   * The places where a name stands in the function, or in a macro that may be used there, with what it is read as;
   * null for one that is not understood.
   */
  places(name: string): readonly (NameValue | null)[] {
    const { span } = this.code
    const text = this.model.project.code(this.file)
    const own = text.occurrencesIn(name, span).flatMap(({ span: at, isField, isInDirective }): (NameValue | null)[] => {
      if (isField || isInDirective || this.declares(name, at.start)) return []
      return [nameAt(this.code, at.start)]
    })
    return isNamedByMacro(this.model, this.file, this.code, name) ? [...own, null] : own
  }

  private declares(name: string, offset: Offset): boolean {
    return variablesNamed(this.code, name).some((each) => each.nameSpan.start === offset)
  }

  /** The local variable that a name means at a place: that of the innermost block. */
  variableAt(name: string, offset: Offset): Variable | null {
    let found: { readonly variable: Variable; readonly start: Offset } | null = null
    for (const each of variablesNamed(this.code, name)) {
      const around = this.scopeOf(each.declaration)
      const isWithin = around.start <= offset && offset < around.end
      if (isWithin && (found === null || around.start > found.start)) found = { variable: each, start: around.start }
    }
    return found?.variable ?? null
  }

  private scopeOf(declaration: Statement): Span {
    const around = parentsIn(this.code).get(declaration)
    return around === undefined || around.kind === 'variable' ? this.code.span : around.span
  }
}
