import type { FileCode } from '../code/file-code.ts'
import { valuesOf } from '../code/statements.ts'
import type { FunctionCode, Statement, Value } from '../code/tree.ts'
import { bare, calleeName, nameOf, plainText, slotName } from '../code/values.ts'
import type { ProjectModel } from '../project/model.ts'
import { addAll } from '../source/lists.ts'
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

/** A value that a macro makes, with what its parameters stand for put in their places. */
export interface MadeValue {
  readonly value: Value
  /** Its text, where `##` makes it of several: `Py_tp_##name`; null for one that is written. */
  readonly pasted: string | null
}

/**
 * The fields of the entries that a macro of the same file makes, in order: `SLOT(tp_repr, repr)` of
 * `#define SLOT(slot, f) {Py_##slot, (void *)f},`. Macros that call what they are given are followed.
 * @param value the macro's name, or a call of it
 * @returns null where the body is anything else
 */
export function madeEntries(file: FileCode, value: Value, depth = 0): readonly (readonly MadeValue[])[] | null {
  const name = value.kind === 'call' ? calleeName(value) : nameOf(value)
  const operands = value.kind === 'call' ? value.operands : []
  const macros = name === null || depth > deepest ? [] : file.macrosNamed(name)
  if (macros.length !== 1) return null
  const { body, parameters } = macros[0]!
  const given = (each: string | null): Value | undefined => operands[parameters.findIndex((one) => one.name === each)]
  const passed = (each: Value): Value => given(nameOf(each)) ?? each
  const made = (each: Value): MadeValue => {
    const parts = (slotName(each) ?? '').split('##')
    if (parts.length < 2) return { value: given(slotName(each)) ?? each, pasted: null }
    const texts = parts.map((part) => {
      const operand = given(part)
      return operand ? plainText(operand) : part
    })
    return { value: each, pasted: texts.join('') }
  }
  const found: (readonly MadeValue[])[] = []
  for (const part of body.filter(isPart)) {
    const fields = valuesBetween(part)
    if (fields !== null) {
      found.push(fields.map(made))
      continue
    }
    if (part.kind === 'block') return null
    for (const each of valuesOf(part).flatMap(commaParts)) {
      const inner =
        each.kind === 'call'
          ? { ...each, callee: passed(each.callee), operands: each.operands.map(passed) }
          : each.kind === 'name'
            ? passed(each)
            : null
      const more = inner && madeEntries(file, inner, depth + 1)
      if (!more) return null
      addAll(found, more)
    }
  }
  return found
}

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
