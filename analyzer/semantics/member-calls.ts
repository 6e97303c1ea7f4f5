import { aloneStatement, callsIn, leadOf } from '../code/placement.ts'
import type { CallValue, FunctionCode } from '../code/tree.ts'
import { bare, calleeName } from '../code/values.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Span } from '../source/text.ts'
import type { Body } from './functions.ts'

/** Where calls of a macro for members of a struct can be added. */
export interface MemberCalls {
  /** The statement that they go behind. */
  readonly span: Span
  /** The blanks before each. */
  readonly lead: string
  /** What stands before the name of a member: `self->`. */
  readonly holder: string
}

/**
 * Where a function has calls of a macro for members of a struct, to which more can be added: behind the last of them;
 * null where it has none, or does not say how the struct is to be had.
 * @param struct the struct, as `ProjectModel.apiType` has it
 */
export function lastMemberCall(
  model: ProjectModel,
  { file, code }: Body,
  macro: string,
  struct: string,
): MemberCalls | null {
  const { text } = model.project.code(file)
  const region = model.project.code(file).regionAt(code.span.start)
  const calls = callsIn(code).flatMap((call) => {
    const at = calleeName(call) === macro ? aloneStatement(code, call) : null
    return at?.inBlock && model.project.code(file).regionAt(call.span.start) === region
      ? [{ holder: holderOf(text, call), span: at.statement.span }]
      : []
  })
  const last = calls.findLast(({ holder }) => holder !== null) ?? calls.at(-1)
  const holder = last?.holder ?? ownHolder(model, file, code, struct)
  return last && holder !== null ? { span: last.span, lead: leadOf(text, last.span), holder } : null
}

/** `self->` of a function whose first parameter points to the struct. */
function ownHolder(
  model: ProjectModel,
  file: FileId,
  { parameters: [first] }: FunctionCode,
  struct: string,
): string | null {
  if (!first || model.apiType(file, first.type) !== `${struct}*`) return null
  return /^[A-Za-z_]\w*$/.test(first.name) ? `${first.name}->` : null
}

/** `state->` of `Py_VISIT(state->type)` */
function holderOf(text: string, { operands: [operand] }: CallValue): string | null {
  const member = operand && bare(operand)
  if (member?.kind !== 'member' || bare(member.object).kind !== 'name') return null
  return text.slice(member.object.span.start, member.dot + (member.arrow ? 2 : 1))
}
