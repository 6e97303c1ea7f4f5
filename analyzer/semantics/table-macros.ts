import { valuesOf } from '../code/statements.ts'
import type { FunctionCode, Statement, Value } from '../code/tree.ts'
import { bare, calleeName, nameOf } from '../code/values.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId } from '../source/text.ts'
import { functionsOf } from './functions.ts'

/** Entries of tables that macros make. */

/** The values between the braces that the body of a macro is; null for another body. */
export function bracedValues({ body }: FunctionCode): readonly Value[] | null {
  const [only, ...others] = body.filter(isPart)
  return only && others.length === 0 ? valuesBetween(only) : null
}

/** `{#name, spam_##name, flags}`; null for another statement. */
function valuesBetween(statement: Statement): readonly Value[] | null {
  const inner = statement.kind === 'block' ? statement.statements : []
  const all = inner.flatMap((each) => (each.kind === 'unknown' ? each.values : valuesOf(each)))
  return all.length === 0 ? null : all.flatMap(commaParts)
}

/** Commas between entries, and behind the last one, are none. */
const isPart = (statement: Statement): boolean =>
  statement.kind === 'unknown'
    ? statement.values.length > 0
    : statement.kind !== 'expression' || statement.value !== null

const commaParts = (value: Value): readonly Value[] =>
  value.kind === 'binary' && value.operator === ',' ? [...commaParts(value.left), ...commaParts(value.right)] : [value]

/** How far macros are followed. */
const deepest = 8

/** The last entry of those that a macro makes. */
export interface LastMade {
  /** Whether it begins with a text: `#name`, `name` for a text, `"draw"`. */
  readonly hasText: boolean
  /** Whether the macro makes a comma behind it. */
  readonly hasComma: boolean
}

/**
 * The last entry of a table that a macro makes; null where it is not understood. Macros that call what they are given
 * (`#define FIELDS(X) X(a) X(b)`) are followed.
 * @param value the macro's name, or a call of it
 */
export function lastMade(model: ProjectModel, file: FileId, value: Value, depth = 0): LastMade | null {
  const name = value.kind === 'call' ? calleeName(value) : nameOf(value)
  const operands = value.kind === 'call' ? value.operands : []
  const macros = name === null || depth > deepest ? [] : functionsOf(model).macrosNamed(file, name)
  const last = macros.length === 1 ? macros[0]!.code.body.filter(isPart).at(-1) : undefined
  if (!last) return null
  const { file: from, code } = macros[0]!
  const { text } = model.project.code(from)
  const hasComma = text[code.body.at(-1)!.span.end - 1] === ','
  const given = (each: Value): Value => operands[code.parameters.findIndex((one) => one.name === nameOf(each))] ?? each
  const [first] = valuesBetween(last) ?? []
  if (first) {
    const field = bare(given(first))
    const isMade = /#\s*$/.test(text.slice(last.span.start, first.span.start))
    return { hasText: isMade || (field.kind === 'literal' && field.literal === 'string'), hasComma }
  }
  const called = valuesOf(last).flatMap(commaParts).at(-1)
  if (called?.kind !== 'call' && called?.kind !== 'name') return null
  const passed =
    called.kind === 'call'
      ? { ...called, callee: given(called.callee), operands: called.operands.map(given) }
      : given(called)
  const made = lastMade(model, file, passed, depth + 1)
  return made && { ...made, hasComma: hasComma || made.hasComma }
}
