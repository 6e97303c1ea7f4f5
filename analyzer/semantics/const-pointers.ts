import type { Expression } from '../facts/file-facts.ts'
import type { ProjectModel } from '../project/model.ts'
import { structBehind } from '../project/typing.ts'
import type { FileId, Offset } from '../source/text.ts'

/**
 * Whether an expression points to what must not be changed, as far as declarations of the project say: a field, a
 * variable at file level, the result of a function or a method. Types as `CType` do not tell.
 * @param start where it stands, in bytes
 * @param macro the macro whose body holds it, -1 for none
 */
export function pointsToConst(
  model: ProjectModel,
  file: FileId,
  expression: Expression,
  start: Offset,
  macro: number,
): boolean {
  const of = (inner: Expression): boolean => pointsToConst(model, file, inner, start, macro)
  switch (expression?.[0]) {
    case 'type': {
      const name = /^\w+/.exec(expression[1])?.[0] ?? ''
      return model.project.declarations.typedef(name).some(({ fact }) => fact.isConst === true)
    }
    case 'name':
      return model.project.declarations.value(expression[1]).some(({ fact }) => fact.isConst === true)
    case 'member': {
      const [, object, field] = expression
      for (const each of model.typesOf(file, object, start, macro)) {
        const struct = structBehind(model.apiType(file, each))
        if (struct !== null && model.isConstField(struct, field)) return true
      }
      return false
    }
    case 'call':
    case 'deref':
    case 'address':
      return of(expression[1])
    case 'either':
      return of(expression[1]) || of(expression[2])
    default:
      return false
  }
}
