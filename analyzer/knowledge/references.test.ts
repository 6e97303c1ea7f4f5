import { expect, test } from 'vitest'
import { readReferences } from '../../fixtures/knowledge/references.ts'
import { operandReference, resultOf } from './references.ts'

test('results are new references, borrowed ones, or none', () => {
  expect(['PyList_New', 'PyList_GetItem', 'PyErr_Format', 'PyList_Append', 'PyNo_SuchFunction'].map(resultOf)).toEqual([
    'new',
    'borrowed',
    'none',
    'none',
    null,
  ])
})

test.each([
  ['PyList_SetItem', [null, 'borrowed', null, 'stolen', null]],
  ['PyList_Append', [null, 'borrowed', 'kept', null]],
  ['PyErr_Restore', [null, 'stolen', 'stolen', 'stolen', null]],
  ['PyModule_AddObject', [null, 'borrowed', null, 'stolen', null]],
  ['PySet_Discard', [null, 'borrowed', 'borrowed', null]],
] as const)('operands: %s', (name, [, ...expected]) => {
  expect(expected.map((_, parameter) => operandReference(name, parameter))).toEqual(expected)
})

test('the file of CPython is read line by line, and what is no line of it is refused', () => {
  const text = '# comment\n\nf:PyObject*::+1:\nf:PyObject*:a:0:\nf:int:b::\nf:PyObject*:c:+1:kept\ng:void:::\n'
  expect(readReferences(text)).toEqual({ f: 'no.+', g: '.' })
  expect(() => readReferences('f:PyObject*')).toThrow('not understood: f:PyObject*')
})
