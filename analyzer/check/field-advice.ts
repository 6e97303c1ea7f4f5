import { offsetMembers, slotFields, slotStructs, subTables } from '../knowledge/slots.ts'
import { fieldUse } from '../semantics/field-uses.ts'
import type { FileId } from '../source/text.ts'
import type { CheckContext } from './rule.ts'

/** Advice on fields of types and of their tables, by what is done with them. */

/** The fields of a spec, by those of a type. */
const specFields: Readonly<Record<string, string>> = {
  tp_name: 'name',
  tp_basicsize: 'basicsize',
  tp_itemsize: 'itemsize',
  tp_flags: 'flags',
}

/**
 * The advice on a field: what is set is no call to be replaced, and of what is only looked at no more is asked than
 * what it is.
 * @param struct the name of the struct that the field is of
 */
export function fieldAdvice(
  context: CheckContext,
  { file, start, field }: { readonly file: FileId; readonly start: number; readonly field: string },
  struct: string,
): string {
  const plain = context.advice(`${struct}.${field}`)
  if (!Object.hasOwn(slotStructs, struct)) return plain
  const use = fieldUse(context.model, file, start, field)
  if (use === 'set') return adviceOnSetting(context, field) ?? plain
  return use === 'read' && struct !== 'PyTypeObject' && context.model.declares(`Py_${field}`)
    ? `use \`PyType_GetSlot(tp, Py_${field})\`; of a type \`tp\`, as \`Py_TYPE(o)\`; gives NULL without an exception ` +
        'where there is none; static types raise SystemError on runtimes before 3.10'
    : plain
}

/** The advice on the address of a table of slots: what it points to belongs to a type, which is asked. */
export function tablePointerAdvice(context: CheckContext, struct: string): string | null {
  const field = Object.keys(subTables).find((each) => subTables[each] === struct)
  return field === undefined ? null : context.advice(`PyTypeObject.${field}`)
}

/** What is written instead of an assignment to a field; null where nothing special is. */
function adviceOnSetting(context: CheckContext, field: string): string | null {
  const late = 'before the type is made, which nothing changes afterwards'
  const sub = subTables[field]
  if (sub !== undefined) return context.advice(sub)
  if (field === 'tp_base') return `use \`PyType_FromSpecWithBases(&spec, bases)\`; the base goes with the spec, ${late}`
  const part = specFields[field]
  if (part !== undefined) return `use \`spec.${part}\`; a field of the PyType_Spec, set ${late}`
  if (slotFields.has(field) && context.model.declares(`Py_${field}`))
    return `use \`{Py_${field}, (void *)value}\`; an entry of the slots of the PyType_Spec, set ${late}`
  const member = offsetMembers[field]
  return member === undefined ? null : `use a member \`${member}\`; an entry of Py_tp_members, read from Python 3.9 on`
}
