import { memberAt } from '../../code/placement.ts'
import type { FunctionCode, MemberValue, Value } from '../../code/tree.ts'
import type { ProjectModel } from '../../project/model.ts'
import { callsEverywhere } from '../../semantics/callers.ts'
import { typeOfValue } from '../../semantics/value-types.ts'
import type { FileId } from '../../source/text.ts'
import type { Sources } from '../sources.ts'
import { type InstanceStruct, plainType } from './instance-structs.ts'

/** A place where code asks for what an object holds: `self->items`. */
export interface Access {
  readonly file: string
  readonly code: FunctionCode
  readonly struct: InstanceStruct
  readonly member: MemberValue
}

/**
 * Finds where code asks for the fields of structs. What is not understood is an obstacle of all structs that have a
 * field of that name.
 */
export function accessesOf(sources: Sources, structs: readonly InstanceStruct[]): readonly Access[] {
  const { model } = sources
  const byField = new Map<string, InstanceStruct[]>()
  for (const struct of structs)
    for (const field of struct.fields) byField.set(field, [...(byField.get(field) ?? []), struct])
  const found: Access[] = []
  for (const [field, having] of byField)
    for (const id of model.project.filesWith(field)) {
      const { file } = model.files[id]!
      if (!sources.texts.has(file)) continue
      const code = sources.code(file)
      for (const { span, isField, before } of code.occurrences(field)) {
        if (!isField) continue
        const around = code.codeAt(span.start)
        const member = around && memberAt(around, span.end, field)
        const refuse = (text: string): void => {
          for (const each of having) each.obstacles.add(file, span.start, text)
        }
        if (!around || !member) {
          if (before === '->') refuse(`it is not understood what \`->${field}\` is asked of`)
          continue
        }
        const verdict = structOf(model, id, around, member, having)
        if (verdict === 'unknown') refuse(`it is not known what \`${field}\` is asked of`)
        else if (verdict !== 'other') found.push({ file, code: around, struct: verdict, member })
      }
    }
  return found
}

/** Which of some structs an access is to; `other` for none of them. */
function structOf(
  model: ProjectModel,
  file: FileId,
  code: FunctionCode,
  { object, arrow }: MemberValue,
  having: readonly InstanceStruct[],
): InstanceStruct | 'other' | 'unknown' {
  const types = typesOf(model, file, code, object)
  const found = new Set(
    types.map((type) => {
      if (type === null) return 'unknown'
      const pointed = type.replace(/(?:\*|\[\])$/, '')
      const struct = having.find((each) => each.plain === pointed)
      if (!struct) return 'other'
      return arrow ? struct : 'unknown'
    }),
  )
  return found.size === 1 ? [...found][0]! : found.size === 0 ? 'other' : 'unknown'
}

/** Macros within macros that are followed. */
const deepest = 6

/** The types that a value may have: that of a parameter of a macro is what calls of the macro pass. */
function typesOf(
  model: ProjectModel,
  file: FileId,
  code: FunctionCode,
  value: Value,
  depth = 0,
): readonly (string | null)[] {
  let inner = value
  while (inner.kind === 'group') inner = inner.inner
  if (code.kind === 'macro' && inner.kind === 'name') {
    const { name } = inner
    const at = code.parameters.findIndex((each) => each.name === name)
    if (at >= 0)
      return [...callsEverywhere(model, code.name)].flatMap(({ file: where, around, call }) => {
        const operand = call.operands[at]
        return operand && depth < deepest ? typesOf(model, where, around, operand, depth + 1) : [null]
      })
  }
  const type = typeOfValue(model, file, code, inner)
  return [type === null ? null : plainType(model, file, type)]
}
