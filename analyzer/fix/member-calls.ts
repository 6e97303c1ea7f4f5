import type { ProjectModel } from '../project/model.ts'
import type { Body } from '../semantics/functions.ts'
import { lastMemberCall } from '../semantics/member-calls.ts'
import type { Fix } from './fix.ts'

/**
 * A fix that adds calls of `Py_VISIT` or `Py_CLEAR` for more members of a struct behind those that a function has
 * already; null where it has none, or does not say how the struct is to be had.
 * @param struct the struct, as `ProjectModel.apiType` has it
 */
export function callsForMembers(
  model: ProjectModel,
  body: Body,
  macro: 'Py_VISIT' | 'Py_CLEAR',
  members: readonly string[],
  struct: string,
): Fix | null {
  const last = lastMemberCall(model, body, macro, struct)
  if (last === null) return null
  const { span, lead, holder } = last
  return {
    title: `\`${macro}\` of what is missing`,
    safety: macro === 'Py_VISIT' ? 'safe' : 'unsafe',
    reason: macro === 'Py_VISIT' ? '' : 'a reference that is given back elsewhere would be given back twice',
    includes: [],
    shims: [],
    kind: 'file',
    rewrites: [{ ...span, pieces: [span, ...members.map((name) => `${lead}${macro}(${holder}${name});`)] }],
  }
}
