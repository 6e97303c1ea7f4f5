import { offsetMembers, slotFields } from '../../knowledge/slots.ts'

/** Whether a field becomes a slot, or a member that says an offset. */
export const hasSlot = (field: string): boolean => slotFields.has(field) || Object.hasOwn(offsetMembers, field)

/** Whether a field is a part of the spec itself. */
export const isSpecField = (field: string): boolean => specFields.has(field)

/** The fields that are a part of the spec itself, in its order. */
export const specFields: ReadonlySet<string> = new Set(['tp_name', 'tp_basicsize', 'tp_itemsize', 'tp_flags'])
