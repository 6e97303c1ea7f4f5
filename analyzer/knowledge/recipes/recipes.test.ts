import { expect, test } from 'vitest'
import { availabilityStatus } from '../../semantics/availability.ts'
import { Api } from '../api.ts'
import { functionFacts } from '../function-facts.ts'
import { recipe } from '../recipe.ts'
import table from '../table.json' with { type: 'json' }
import { parseTarget } from '../target.ts'
import { recipes } from './index.ts'

const api = new Api(table)
const targets = ['3.7', '3.8', '3.9', '3.10', '3.11', '3.12', '3.13', '3.14', '3.15', 'abi3t'].flatMap((level) =>
  [9, 11, 13, 14, 15].map((headers) => parseTarget(level, headers)!),
)
const all = [...recipes.values()].flat()

test('recipes are for names and fields of the C API that the Limited API lacks somewhere, or that are private', () => {
  for (const name of recipes.keys()) {
    const [struct, field] = name.split('.')
    const [object, member] = name.split('->')
    if (member !== undefined)
      expect(api.struct(api.nameType(object!)!.replace(/\*$/, ''))?.fields.has(member), name).toBe(true)
    else if (field !== undefined) expect([...api.struct(struct!)!.fields.keys()], name).toContain(field)
    else
      expect(
        name.startsWith('_Py') ||
          targets.some((target) => availabilityStatus(api.fact(name)!, target, api).kind !== 'available'),
        name,
      ).toBe(true)
  }
})

test('what a recipe writes is there at some target, but shims, and is not what it is for', () => {
  for (const { name, needs, shown, differs } of all) {
    expect(
      targets.some((target) =>
        needs.every(
          (each) => api.fact(each) === null || availabilityStatus(api.fact(each)!, target, api).kind === 'available',
        ),
      ),
      shown,
    ).toBe(true)
    for (const each of needs) if (/^_?Py[A-Z]\w*_/.test(each)) expect(api.fact(each), each).not.toBeNull()
    expect(needs).not.toContain(name)
    expect(differs).not.toMatch(/^[A-Z][a-z]|[.,;]$|\n/)
  }
})

test('every function whose facts are known is written by a recipe', () => {
  const written = new Set(all.flatMap(({ needs, shims }) => [...needs, ...shims]))
  expect(Object.keys(functionFacts).filter((name) => !written.has(name))).toEqual([])
})

test('what differs is told by the facts of what is written, unless a condition excludes it', () => {
  const setItem = 'PyList_SetItem((PyObject *)l, i, o)'
  expect(recipe('PyList_SET_ITEM(l, i, o)', setItem).differs).toBe(
    'an index outside of it raises IndexError, and the item is released, what was there before is released',
  )
  expect(recipe('PyList_SET_ITEM(l, i, o)', setItem, '', { fresh: true }).differs).toBe('')
  expect(recipe('PyList_SET_ITEM(l, i, o)', setItem, 'it is slow').differs).toBe('it is slow')
  expect(recipe('PyTypeObject.tp_free', 'PyType_GetSlot((PyTypeObject *)it, Py_tp_free)').conditions.sameFrom).toBe(10)
})

test('reads calls, fields and names', () => {
  expect(recipe('PyTuple_GET_ITEM(t, i)', 'PyTuple_GetItem((PyObject *)t, i)')).toMatchObject({
    parameters: ['t', 'i'],
    to: ['PyTuple_GetItem(', { index: 0, type: 'PyObject*' }, ', ', { index: 1, type: null }, ')'],
  })
  expect(recipe('PyMethodObject.im_self', 'PepMethod_GET_SELF((PyObject *)it)')).toMatchObject({
    parameters: ['it'],
    shims: ['PepMethod_GET_SELF'],
  })
  expect(recipe('Py_SETREF', 'Pep_SETREF')).toMatchObject({
    parameters: null,
    to: ['Pep_SETREF'],
    shims: ['Pep_SETREF'],
  })
  expect(recipe('PyTraceMalloc_Untrack(domain, p)', '')).toMatchObject({ parameters: ['domain', 'p'], to: [] })
  expect(
    recipe('PyBytes_Join(sep, items)', 'PyObject_CallMethod((PyObject *)&PyBytes_Type, "sep", "OO", sep, items)').needs,
  ).toEqual(['PyObject_CallMethod', 'PyObject', 'PyBytes_Type'])
  expect(() => recipe('no recipe', '').to).toThrow('no recipe')
})
