import type { FileCode } from '../code/file-code.ts'
import type { Occurrence } from '../code/name-index.ts'
import { inParentheses, nameAt, parentsIn } from '../code/placement.ts'
import type { FunctionCode, Statement, Variable } from '../code/tree.ts'
import { nameOf } from '../code/values.ts'
import { declaresName, variablesIn } from '../code/variables.ts'
import type { ProjectModel } from '../project/model.ts'
import { Nesting } from '../source/nesting.ts'
import type { FileId, Span } from '../source/text.ts'
import { type HiddenName, isAskedFor } from './hidden-names.ts'

/** Where names are used that the target leaves out. */

export interface HiddenUse {
  readonly around: FunctionCode
  readonly span: Span
  /** The name that is not declared; of a struct the field, or the name by which its size is asked for. */
  readonly name: string
  readonly isField: boolean
}

/** Where a file uses a name that is not declared. */
export function* usesOfName(model: ProjectModel, file: FileId, hidden: HiddenName): Iterable<HiddenUse> {
  const { name, kind } = hidden
  if (hidden.isTag && model.files[file]!.dialect !== 'cpp') return
  const code = model.project.code(file)
  for (const place of code.occurrences(name)) {
    const { span, before, isField } = place
    if (isField || /^(?:struct|union|enum|class|#|##|goto)$/.test(before)) continue
    if (before === '::' && scopeBefore(code, span) !== hidden.scope) continue
    const around = code.codeAt(span.start) ?? (kind === 'type' ? code.headAt(span.start) : null)
    if (around === null || isDeclaredIn(around, name)) continue
    if (isAskedFor(model, file, span.start, name)) continue
    const isUsed = kind === 'type' ? isType(model, around, place) : isValue(around, place, kind === 'macro')
    if (isUsed) yield { around, span, name, isField: false }
  }
}

/** The name before the `::` before a name; empty for none. */
const scopeBefore = ({ text }: FileCode, { start }: Span): string =>
  /(\w*)\s*::\s*$/.exec(text.slice(Math.max(0, start - longestScope), start))?.[1] ?? ''

/** Characters. */
const longestScope = 200

/** Whether a name is a variable or a parameter where code stands. */
const isDeclaredIn = (code: FunctionCode, name: string): boolean => declaresName(code, name)

/** Whether a name stands for a value; of a macro with parameters, for its call. */
function isValue(code: FunctionCode, { span, before, behind }: Occurrence, isCalled: boolean): boolean {
  // The size of an array is no value that is read.
  if (before === '[' && behind === ']') return true
  const value = nameAt(code, span.start)
  if (value === null) return false
  const parent = parentsIn(code).get(value)
  return !isCalled || (parent?.kind === 'call' && parent.callee === value)
}

/** Whether a name stands for a type: of a variable, a parameter, a result, a field, or what is cast or measured. */
function isType(model: ProjectModel, code: FunctionCode, place: Occurrence): boolean {
  const { span, before, behind } = place
  const { start, end } = span
  if (start < code.span.start) return start !== code.nameSpan.start && !isNameOf(code.parameters, span)
  // `vector<Spam>`, `Spam::eggs`, `Spam{}`
  if ((before === '<' && behind === '>') || behind === '::' || behind === '{') return true
  if (code.kind === 'file' && code.body.some((each) => isTypeInDeclaration(each, place))) return true
  const value = nameAt(code, start)
  const user = value ? inParentheses(code, value).parent : undefined
  if (user?.kind === 'unary' && user.operator === 'sizeof') return true
  if (user?.kind === 'call' && user.callee !== value) return takesType(model, nameOf(user.callee) ?? '')
  return [...typePlacesIn(code).at(start)].some((each) => end <= each.end)
}

const typePlaces = new WeakMap<FunctionCode, Nesting<Span>>()

/** Where types stand in a function: in casts, as operands, and before the names of variables. */
function typePlacesIn(code: FunctionCode): Nesting<Span> {
  let known = typePlaces.get(code)
  if (!known) {
    const found: Span[] = []
    for (const each of parentsIn(code).keys()) {
      if (each.kind === 'cast') found.push({ start: each.span.start + 1, end: each.operand.span.start - 1 })
      if (each.kind === 'type') found.push(each.span)
    }
    for (const { declaration, nameSpan } of variablesIn(code))
      if (nameSpan.end <= declaration.span.end) found.push({ start: declaration.span.start, end: nameSpan.start })
    known = new Nesting(found)
    typePlaces.set(code, known)
  }
  return known
}

const isNameOf = (variables: readonly Variable[], { start }: Span): boolean =>
  variables.some(({ nameSpan, name }) => name !== '' && nameSpan.start === start)

/** Whether a macro takes types: `offsetof`, `va_arg`, `PyObject_New`. */
const takesType = (model: ProjectModel, macro: string): boolean =>
  /^(?:offsetof|va_arg|alignof|_Alignof)$/.test(macro) || model.api.fact(macro) !== null

/** Whether a name stands for a type in a prototype, a typedef, or the fields of a struct. */
function isTypeInDeclaration(statement: Statement, { before, behind }: Occurrence): boolean {
  if (statement.kind !== 'declaration') return false
  const { types, prototypes, struct } = statement
  if (struct?.tag.startsWith('enum') || (struct === null && types.length + prototypes.length === 0)) return false
  const isBeforeName = /^(?:[A-Za-z_]\w*|[*&]|&&)$/.test(behind)
  const isWholeParameter = prototypes.length > 0 && /^(?:[(,]|const)$/.test(before) && /^[,)]$/.test(behind)
  return isBeforeName || isWholeParameter
}
