import { inParentheses, nameAt } from '../../code/placement.ts'
import type { FunctionCode, Value } from '../../code/tree.ts'
import { bare, calleeName } from '../../code/values.ts'
import { allUsesOf } from '../../semantics/global-uses.ts'
import { globalVariables } from '../../semantics/global-variables.ts'
import { heldBy } from '../../semantics/object-holders.ts'
import type { FileId } from '../../source/text.ts'
import type { Sources } from '../sources.ts'
import type { Obstacles } from './obstacles.ts'

/** Types of variables that may hold the address of an object without saying so. */
const silent = /^(?:void\*|u?intptr_t|Py_u?intptr_t)$/

/**
 * Refuses variables that hold an object by another type, which would stay for the process while each module object
 * makes that object anew: `static void *last`, of which code makes `(PyObject *)last`.
 */
export function refuseHiddenObjects(sources: Sources, files: readonly FileId[], obstacles: Obstacles): void {
  const { model } = sources
  for (const variable of globalVariables(model, files)) {
    if (!silent.test(variable.type)) continue
    for (const { file, offset, around } of allUsesOf(model, variable)) {
      const { file: where } = model.files[file]!
      const value = around && nameAt(around, offset)
      if (!around || !value || sources.isHistory({ file: where, offset })) continue
      if (isObject(sources, file, around, value))
        obstacles.add(
          where,
          offset,
          `\`${variable.name}\` holds an object there, and is declared as \`${variable.type}\``,
        )
    }
  }
}

/** Whether code takes a value for an object, or puts a new one into it. */
function isObject({ model }: Sources, file: FileId, around: FunctionCode, value: Value): boolean {
  let { whole, parent } = inParentheses(around, value)
  while (parent?.kind === 'cast') {
    if (heldBy(model, file, parent.type) !== 'data') return true
    ;({ whole, parent } = inParentheses(around, parent))
  }
  if (parent?.kind !== 'assign' || parent.target !== whole) return false
  const given = bare(parent.value)
  const callee = given.kind === 'call' ? calleeName(given) : null
  return callee !== null && /^PyObject\*\(/.test(model.api.nameType(callee) ?? '')
}
