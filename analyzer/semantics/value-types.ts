import type { FunctionCode, Value } from '../code/tree.ts'
import { declaredAt, variablesIn } from '../code/variables.ts'
import type { Expression } from '../facts/file-facts.ts'
import type { CType } from '../knowledge/ctype.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId } from '../source/text.ts'

/** The type of a value in a function; null where it cannot be known. */
export const typeOfValue = (model: ProjectModel, file: FileId, code: FunctionCode, value: Value): CType | null =>
  model.typeOf(file, expressionFor(code, value), value.span.start)

/** A value as far as its type goes: local names are replaced by their types, the rest is left to the project. */
function expressionFor(code: FunctionCode, value: Value): Expression {
  const of = (inner: Value): Expression => expressionFor(code, inner)
  switch (value.kind) {
    case 'name': {
      const declared = [...code.parameters, ...variablesIn(code)].filter(({ name }) => name === value.name)
      if (declared.length === 0) return ['name', value.name]
      // Several blocks may give one name to several things.
      const isOne = declared.every(({ type }) => type === declared[0]!.type)
      const type = (isOne ? declared[0] : declaredAt(code, value.name, value.span.start))?.type ?? ''
      return type === '' ? null : ['type', type]
    }
    case 'call':
      return value.callee.kind === 'name'
        ? ['call', of(value.callee), ...value.operands.map(of)]
        : ['call', of(value.callee)]
    case 'member':
      return ['member', of(value.object), value.name]
    case 'index':
      return ['deref', of(value.object)]
    case 'cast':
      return ['type', value.type]
    case 'assign':
      return of(value.target)
    case 'unary':
      return value.operator === '&'
        ? ['address', of(value.operand)]
        : value.operator === '*'
          ? ['deref', of(value.operand)]
          : null
    case 'conditional':
      return ['either', of(value.whenTrue), of(value.whenFalse)]
    case 'group':
      return of(value.inner)
    case 'type':
      return ['type', value.type]
    default:
      return null
  }
}
