import { inParentheses, memberAt } from '../../code/placement.ts'
import type { FunctionCode, MemberValue, Value } from '../../code/tree.ts'
import { typeOfValue } from '../../semantics/value-types.ts'
import type { EditList } from '../edit-list.ts'
import type { Sources } from '../sources.ts'
import { abi3tMacro, type InstanceStruct, knowsAbi3t, plainType } from './instance-structs.ts'

/**
 * What projects define for Pythons that lack it, by fields that abi3t hides. From level 3.14 on `Py_TYPE` is a
 * function, so that `#ifndef Py_TYPE` holds again.
 */
const accessors = ['Py_TYPE', 'Py_REFCNT', 'Py_SIZE', 'Py_SET_TYPE', 'Py_SET_REFCNT', 'Py_SET_SIZE']

/** Keeps from abi3t what a project defines in the place of functions that look into objects. */
export function emitOwnMacros(sources: Sources, edits: EditList): void {
  for (const name of accessors)
    for (const { file, code } of sources.macros(name)) {
      const region = sources.regionsAround({ file, offset: code.nameSpan.start }).at(-1)
      const directive = region ? sources.code(file).directiveBefore(region.start) : null
      const written = directive === null ? null : /^(#\s*)ifndef\s+(\w+)\s*$/.exec(directive.trim())
      if (!region || !written || written[2] !== name) continue
      const start = sources.text(file).lastIndexOf('#', region.start - 1)
      const end = start + directive!.trim().length
      edits.replace(file, { start, end }, `${written[1]}if !defined(${name}) && !defined(${abi3tMacro})`)
    }
}

/**
 * Lets `Py_TYPE` tell what code reads of the field: `o->ob_type` of a `PyObject *`, `self->ob_base.ob_type` of a struct
 * that is converted.
 */
export function emitTypeReads(sources: Sources, converted: readonly InstanceStruct[], edits: EditList): void {
  const { model } = sources
  for (const id of model.project.filesWith('ob_type')) {
    const { file } = model.files[id]!
    if (!sources.texts.has(file) || sources.settings.locked(file) !== null) continue
    const code = sources.code(file)
    for (const { span, isField } of code.occurrences('ob_type')) {
      const around = isField ? code.codeAt(span.start) : null
      const member = around && memberAt(around, span.end, 'ob_type')
      if (!around || !member || around.kind !== 'function' || knowsAbi3t(sources, file, span.start)) continue
      const base = member.arrow ? null : baseOf(member)
      const object = base ?? member.object
      const type = typeOfValue(model, id, around, object)
      if (type === null || (base === null && !member.arrow) || isChanged(around, member)) continue
      const isOne = base
        ? converted.some(({ plain }) => `${plain}*` === plainType(model, id, type))
        : model.apiType(id, type) === 'PyObject*'
      if (!isOne) continue
      // brackets around the base go with it
      const lead = { start: member.span.start, end: object.span.start }
      const written = base ? 'Py_TYPE((PyObject *)' : 'Py_TYPE('
      if (lead.start < lead.end) edits.replace(file, lead, written)
      else edits.insert(file, lead.start, written)
      edits.replace(file, { start: object.span.end, end: member.span.end }, ')')
    }
  }
}

/** `self` of a field of `self->ob_base`; null for another. */
function baseOf({ object }: MemberValue): Value | null {
  let inner = object
  while (inner.kind === 'group') inner = inner.inner
  return inner.kind === 'member' && inner.arrow && inner.name === 'ob_base' ? inner.object : null
}

/** Whether a field may be changed where code names it. */
function isChanged(code: FunctionCode, member: MemberValue): boolean {
  const { parent } = inParentheses(code, member)
  if (parent === undefined || !('kind' in parent)) return false
  return (
    (parent.kind === 'assign' &&
      parent.target.span.start <= member.span.start &&
      member.span.end <= parent.target.span.end) ||
    (parent.kind === 'unary' && /^(?:&|\+\+|--)$/.test(parent.operator))
  )
}
