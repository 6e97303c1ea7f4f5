import { expect, test } from 'vitest'
import { examplesOf } from '../analyzer/check/examples.ts'
import { parseTarget } from '../analyzer/knowledge/target.ts'
import { check } from '../fixtures/rules.ts'
import { incompleteVectorcallType } from './incomplete-vectorcall-type.ts'

const found = async (text: string): Promise<number> =>
  (await check({ 'spam.c': text }, [incompleteVectorcallType], [parseTarget('3.12')!])).length

const spam = examplesOf(incompleteVectorcallType)[0]!.code
const place = 'void place(PyTypeObject *type) { type->tp_vectorcall_offset = offsetof(Spam, call); }\n'

test('an offset that is set in the type itself, as builds with the full API can, needs no member', async () => {
  expect(await found(spam)).toBe(1)
  expect(await found(`${spam}\n${place}`)).toBe(0)
  expect(await found(`${spam}\n#ifndef Py_LIMITED_API\n${place}#endif\n`)).toBe(1)
})
