import type { FileCode } from '../code/file-code.ts'
import type { Occurrence } from '../code/name-index.ts'
import { inParentheses, nameAt, parentsIn } from '../code/placement.ts'
import { eachStatement } from '../code/statements.ts'
import type { FunctionCode, MemberValue, Statement, Variable } from '../code/tree.ts'
import { itemsOf, nameOf } from '../code/values.ts'
import { declaresName, variablesIn } from '../code/variables.ts'
import type { CType } from '../knowledge/ctype.ts'
import type { ProjectModel } from '../project/model.ts'
import { structBehind } from '../project/typing.ts'
import type { FileId, Span } from '../source/text.ts'
import { declaredIn, type HiddenName, isAskedFor, isDeclaredFor } from './hidden-names.ts'
import { typeOfValue } from './value-types.ts'

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
  return (
    [...parentsIn(code).keys()].some(
      (each) =>
        (each.kind === 'cast' && each.span.start < start && end < each.operand.span.start) ||
        (each.kind === 'type' && each.span.start <= start && end <= each.span.end),
    ) ||
    [...variablesIn(code)].some(
      ({ declaration, nameSpan }) =>
        declaration.span.start <= start && end <= nameSpan.start && nameSpan.end <= declaration.span.end,
    )
  )
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

/** Where a file uses fields of a struct that has none of these names, or its size where it has no fields at all. */
export function* usesOfStruct(model: ProjectModel, file: FileId, hidden: HiddenName): Iterable<HiddenUse> {
  const isIt = (type: CType | null): boolean => type !== null && sameStruct(model, file, hidden, type)
  for (const name of new Set(hidden.fields.map((each) => each.name))) {
    if (isDeclaredFor(model, file, hidden, name)) continue
    for (const { span, before } of model.project.code(file).occurrences(name)) {
      const around = model.project.code(file).codeAt(span.start)
      if (around && isFieldOf(model, file, around, { span, before, name }, isIt))
        yield { around, span, name, isField: true }
    }
  }
  if (!isDeclaredFor(model, file, hidden, null)) yield* sizesOf(model, file, hidden, isIt)
}

/** Whether a type is the struct, or a pointer to it. */
function sameStruct(model: ProjectModel, file: FileId, { name, file: from }: HiddenName, type: CType): boolean {
  const struct = structBehind(model.apiType(file, type))
  if (struct === null || struct === name) return struct !== null
  const own = structBehind(model.apiType(from, name))
  return own !== null && (struct === own || (own.includes('@') && struct === `${own}#${from}`))
}

/** Whether a name is a field of the struct: `x->name`, `.name = 1`, `offsetof(Spam, name)`. */
function isFieldOf(
  model: ProjectModel,
  file: FileId,
  around: FunctionCode,
  { span, before, name }: { readonly span: Span; readonly before: string; readonly name: string },
  isIt: (type: CType | null) => boolean,
): boolean {
  const parents = parentsIn(around)
  if (before === '.' || before === '->') {
    const all = [...parents.keys()]
    const access = all.find(
      (each): each is MemberValue => each.kind === 'member' && each.span.end === span.end && each.name === name,
    )
    if (access) return isIt(typeOfValue(model, file, around, access.object))
    const braces = all.find(
      (each) =>
        each.kind === 'braces' &&
        [...itemsOf(each.entries ?? [])].some((item) => item.designator === name && holds(item.span, span)),
    )
    const holder = braces && parents.get(braces)
    return holder?.kind === 'variable' && isIt(holder.type)
  }
  const value = nameAt(around, span.start)
  const call = value ? parents.get(value) : undefined
  if (call?.kind !== 'call' || nameOf(call.callee) !== 'offsetof' || call.operands[1] !== value) return false
  const [of] = call.operands
  return of !== undefined && isIt(of.kind === 'type' ? of.type : nameOf(of))
}

const holds = (outer: Span, inner: Span): boolean => outer.start <= inner.start && inner.end <= outer.end

/** Where the size of a struct is needed: by `sizeof`, or for a variable. */
function* sizesOf(
  model: ProjectModel,
  file: FileId,
  hidden: HiddenName,
  isIt: (type: CType | null) => boolean,
): Iterable<HiddenUse> {
  const code = model.project.code(file)
  const tag = hidden.name.split(' ').at(-1)!
  const aliases = [...model.files.keys()].flatMap((each) =>
    declaredIn(model, each).flatMap(({ kind, name, isTag }) => (kind === 'type' && !isTag && isIt(name) ? [name] : [])),
  )
  for (const name of new Set([tag, ...aliases])) {
    for (const { span } of code.occurrences(name)) {
      const around = code.codeAt(span.start)
      if (around !== null && needsSize(around, span, isIt)) yield { around, span, name, isField: false }
    }
  }
}

function needsSize(code: FunctionCode, span: Span, isIt: (type: CType | null) => boolean): boolean {
  const isWhole = (type: CType): boolean => !/[*(]/.test(type) && isIt(type)
  for (const [value, parent] of parentsIn(code)) {
    if (value.kind !== 'type' || parent.kind !== 'unary' || parent.operator !== 'sizeof') continue
    if (holds(value.span, span)) return isWhole(value.type)
  }
  for (const statement of eachStatement(code.body)) {
    if (statement.kind !== 'declaration' || !holds(statement.span, span)) continue
    for (const { type, storage, nameSpan } of statement.variables)
      if (span.end <= nameSpan.start && storage !== 'extern') return isWhole(type)
  }
  return false
}
