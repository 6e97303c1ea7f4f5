import { bodyValue } from '../code/statements.ts'
import type { CallValue, FunctionCode, Value } from '../code/tree.ts'
import { bare, calleeName, fieldValues, itemsOf, nameOf, plainText, slotName } from '../code/values.ts'
import { variablesOfTypes } from '../code/variables.ts'
import { methodFlag } from '../knowledge/calling-conventions.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Span } from '../source/text.ts'
import { compiledAt } from './calls.ts'
import { type Body, functionsOf } from './functions.ts'
import { isNullFor } from './null-values.ts'
import { bracedValues } from './table-macros.ts'

/** A `PyMethodDef` that the target may compile, with the functions that it may mean. */
export interface MethodDef {
  readonly file: FileId
  /** The variable that it is, or stands in. */
  readonly table: string
  /** The functions of the project that its name means, several where conditions or overloads choose. */
  readonly functions: readonly Body[]
  readonly flags: Value
  /** Its name and its function as they are written; null where a macro makes the entry. */
  readonly written: { readonly name: Value; readonly called: Value } | null
  /** Where they are said: of an entry that a macro makes the call of that. */
  readonly span: Span
  /** Their value; null where it cannot be told. */
  readonly flagBits: number | null
}

/** In the order of their declaration (Include/methodobject.h). */
const fields = ['ml_name', 'ml_meth', 'ml_flags', 'ml_doc']

const known = new WeakMap<ProjectModel, readonly MethodDef[]>()

/** The methods and functions that a project defines by `PyMethodDef`, alone or in tables. */
export function methodDefs(model: ProjectModel): readonly MethodDef[] {
  let found = known.get(model)
  if (!found) {
    found = [...model.files.keys()].flatMap((file) => defsIn(model, file))
    known.set(model, found)
  }
  return found
}

function defsIn(model: ProjectModel, file: FileId): MethodDef[] {
  const code = model.project.code(file)
  if (!code.text.includes('PyMethodDef')) return []
  return [...variablesOfTypes(code, ['PyMethodDef'])].flatMap(({ name, type, initialiser }) => {
    if (initialiser?.kind !== 'braces') return []
    const all = type.endsWith('[]') ? [...itemsOf(initialiser.entries ?? [])].map(({ value }) => value) : [initialiser]
    return all.flatMap((each) => {
      const def = compiledAt(model, file, each.span.start) === 'no' ? null : methodDef(model, file, each)
      return def === null ? [] : [{ ...def, table: name }]
    })
  })
}

function methodDef(model: ProjectModel, file: FileId, value: Value): Omit<MethodDef, 'table'> | null {
  if (value.kind === 'call') return ofMacro(model, file, value)
  if (value.kind !== 'braces' || value.entries === null) return null
  const values = fieldValues(fields, value.entries)
  const only = (field: string): Value | null => (values.get(field)?.length === 1 ? values.get(field)![0]! : null)
  const [name, called, flags] = [only('ml_name'), only('ml_meth'), only('ml_flags')]
  if (!called || !flags || isNullFor(model, called)) return null
  return {
    file,
    functions: functionsIn(model, file, called),
    flags,
    written: name && { name, called },
    span: flags.span,
    flagBits: flagsOf(model, file, flags),
  }
}

/** `METHOD(draw, METH_O)`, where `#define METHOD(name, flags) {#name, spam_##name, flags, NULL}` */
function ofMacro(model: ProjectModel, file: FileId, call: CallValue): ReturnType<typeof methodDef> {
  const name = calleeName(call)
  const macros = name === null ? [] : functionsOf(model).macrosNamed(file, name)
  const values = macros.length === 1 ? bracedValues(macros[0]!.code) : null
  if (values === null || values.length < 3) return null
  const { parameters } = macros[0]!.code
  const given = (each: string): Value | undefined => call.operands[parameters.findIndex((one) => one.name === each)]
  const [called, flags] = [values[1]!, values[2]!]
  const made = slotName(called)
  const operand = made === null ? undefined : given(made)
  // `METHOD(NULL, NULL, 0)` ends a table.
  if (isNullFor(model, called) || (operand && isNullFor(model, operand))) return null
  // What `##` makes of parameters.
  const parts = (made ?? '').split('##').map((part) => {
    const one = given(part)
    return one ? plainText(one) : part
  })
  const functions = operand ? functionsIn(model, file, operand) : functionsOf(model).named(file, parts.join(''))
  const flag = given(nameOf(flags) ?? '') ?? flags
  return { file, functions, flags: flag, written: null, span: call.span, flagBits: flagsOf(model, file, flag) }
}

function functionsIn(model: ProjectModel, file: FileId, called: Value): readonly Body[] {
  const lambda = lambdaOf(called)
  if (lambda !== null) return [{ file, code: lambda }]
  const name = slotName(called)
  return name === null ? [] : functionsOf(model).named(file, name)
}

/** `+[](PyObject *self, PyObject *args) { ... }` */
function lambdaOf(value: Value): FunctionCode | null {
  const inner = bare(value)
  if (inner.kind === 'unary' && inner.operator === '+') return lambdaOf(inner.operand)
  return inner.kind === 'code' ? inner.lambda : null
}

/** The value of flags that are written by name or number, also in macros without parameters; null for others. */
function flagsOf(model: ProjectModel, file: FileId, value: Value, depth = 0): number | null {
  const inner = bare(value)
  if (inner.kind === 'literal') return /^(?:0x[\da-f]+|\d+)$/i.test(inner.text) ? Number(inner.text) : null
  if (inner.kind === 'binary' && (inner.operator === '|' || inner.operator === '+')) {
    const [left, right] = [flagsOf(model, file, inner.left, depth), flagsOf(model, file, inner.right, depth)]
    return left === null || right === null ? null : left | right
  }
  if (inner.kind !== 'name' || depth > deepest) return null
  const macros = functionsOf(model).macrosNamed(file, inner.name)
  if (macros.length === 0) return methodFlag(inner.name)
  const [macro, ...others] = macros
  const body = others.length === 0 && macro!.code.parameters.length === 0 ? bodyValue(macro!.code) : null
  return body === null ? null : flagsOf(model, macro!.file, body, depth + 1)
}

/** Macros within macros that are followed. */
const deepest = 8
