import { describe, expect, test } from 'vitest'
import { slotStructs } from '../../analyzer/knowledge/slots.ts'
import { parseTarget } from '../../analyzer/knowledge/target.ts'
import { check } from '../../fixtures/rules.ts'
import { rules } from '../index.ts'
import { stateHeader, stateHeaderFile } from './header.ts'

const lines = stateHeader.split('\n')

/** Slots of functions, as fields of CPython's structs call them. */
const slots = Object.values(slotStructs)
  .flat()
  .filter((field) => /^(?:nb|sq|mp|am|bf)_/.test(field) && !/_reserved|was_/.test(field))

describe('the header with the state of a module', () => {
  test('has a macro for each slot that holds a function', () => {
    expect(slots.length).toBeGreaterThan(50)
    const others =
      'tp_alloc tp_call tp_clear tp_dealloc tp_del tp_descr_get tp_descr_set tp_finalize tp_free tp_getattr ' +
      'tp_getattro tp_hash tp_init tp_is_gc tp_iter tp_iternext tp_new tp_repr tp_richcompare tp_setattr tp_setattro ' +
      'tp_str tp_traverse tp_vectorcall'
    for (const slot of [...slots, ...others.split(' ')])
      expect(stateHeader, slot).toContain(`#define PepState_SLOT_${slot} PepState_`)
  })

  test('names no signature that it does not define', () => {
    for (const [, signature] of stateHeader.matchAll(/#define PepState_SLOT_\w+ (PepState_\w+)\n/g))
      expect(stateHeader, signature).toMatch(new RegExp(`^# *define ${signature}\\(State, name\\)`, 'm'))
  })

  test('is as wide as other sources, and guarded', () => {
    expect(lines.filter((line) => line.length > 120 || / $|\t/.test(line))).toEqual([])
    expect(lines.at(-2)).toBe('#endif')
    const opened = lines.filter((line) => /^# *if/.test(line)).length
    expect(opened).toBe(lines.filter((line) => /^# *endif/.test(line)).length)
  })

  test.each(['3.5', '3.9', '3.10', '3.12', '3.13', '3.15', 'abi3t'])('has no finding at %s', async (target) => {
    expect(await check({ [stateHeaderFile]: stateHeader }, rules, [parseTarget(target)!])).toEqual([])
  })
})
