import { nameAt, parentsIn, statementOf } from '../code/placement.ts'
import type { FunctionCode, NameValue, Value } from '../code/tree.ts'
import { eachValue } from '../code/values.ts'
import type { ProjectModel } from '../project/model.ts'
import type { FileId, Offset } from '../source/text.ts'

/**
 * Whether the id of a slot is not handed to every Python: it is compared with another one, or what asks for a version
 * chooses whether it is used.
 * @param offset where its name stands
 */
export function isGuardedSlot(model: ProjectModel, file: FileId, offset: Offset): boolean {
  const code = model.project.code(file).codeAt(offset)
  const name = code === null ? null : nameAt(code, offset)
  return code !== null && name !== null && (isCompared(code, name) || asksVersion(code, name))
}

/** `slot == Py_tp_new`, `case Py_tp_new:` */
function isCompared(code: FunctionCode, name: NameValue): boolean {
  const parent = parentsIn(code).get(name)
  if (parent?.kind === 'binary') return parent.operator === '==' || parent.operator === '!='
  return parent?.kind === 'label' && statementOf(code, name) === parent
}

function asksVersion(code: FunctionCode, name: NameValue): boolean {
  const parents = parentsIn(code)
  let inner = parents.get(name)
  for (let at = inner; at !== undefined; at = parents.get(at)) {
    if ((at.kind === 'if' || at.kind === 'conditional') && at.condition !== inner && namesVersion(at.condition))
      return true
    inner = at
  }
  return false
}

/** Whether a condition names a version that is known at run time. */
function namesVersion(condition: Value): boolean {
  for (const value of eachValue(condition)) {
    const name = value.kind === 'name' || value.kind === 'member' ? value.name : ''
    if (/version/i.test(name) && !/^PY_(?:VERSION_HEX|M\w+_VERSION)$/.test(name)) return true
  }
  return false
}
