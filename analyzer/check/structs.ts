import type { CType } from '../facts/file-facts.ts'
import type { StructFact } from '../knowledge/table.ts'
import { structBehind } from '../project/typing.ts'
import type { CheckContext } from './rule.ts'

/**
 * The struct of the C API that a type is or points to, if the target hides it: its name may be declared, but not what is
 * in it. Null for all other types, and for structs of that name that the project defines itself.
 */
export function hiddenStruct({ model, target }: CheckContext, file: number, type: CType): StructFact | null {
  const name = structBehind(model.apiType(file, type))
  const struct = name === null ? null : model.api.struct(name)
  if (struct === null || model.api.complete(struct, target)) return null
  return model.isOwn(file, struct.name) === 'yes' ? null : struct
}
