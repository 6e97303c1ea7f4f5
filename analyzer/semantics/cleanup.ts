import { callsIn } from '../code/placement.ts'
import type { DeclarationStatement } from '../code/tree.ts'
import { calleeName, nameOf } from '../code/values.ts'
import type { FileId } from '../source/text.ts'
import type { Functions } from './functions.ts'

/**
 * The function that is called for the variables of a declaration where they go out of scope, by gcc's attribute
 * `cleanup`, which may stand in a macro; null for none.
 */
export function cleanupOf(functions: Functions, file: FileId, { span }: DeclarationStatement): string | null {
  const names = functions.code(file).namesIn(span)
  const at = names.findIndex(({ name }) => isCleanup(name))
  if (at >= 0) return names[at + 1]?.name ?? null
  for (const { name } of names)
    for (const { code } of functions.macrosNamed(file, name))
      for (const call of callsIn(code))
        if (isCleanup(calleeName(call) ?? '') && call.operands[0]) return nameOf(call.operands[0])
  return null
}

const isCleanup = (name: string): boolean => name === 'cleanup' || name === '__cleanup__'
