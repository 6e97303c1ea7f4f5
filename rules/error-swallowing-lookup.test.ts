import { expect, test } from 'vitest'
import { parseTarget } from '../analyzer/knowledge/target.ts'
import { check } from '../fixtures/rules.ts'
import { errorSwallowingLookup } from './error-swallowing-lookup.ts'

const advice = async (target: string): Promise<readonly (string | null)[]> => {
  const text = '#include <Python.h>\nint spam(PyObject *o) { return PyMapping_HasKeyString(o, "spam"); }\n'
  return (await check({ 'spam.c': text }, [errorSwallowingLookup], [parseTarget(target)!])).map((each) => each.advice)
}

test('what is advised is there at the target: headers of 3.13 declare more at every level', async () => {
  expect(await advice('3.12')).toEqual(['Call `PyMapping_GetItemString`, and clear `KeyError` alone.'])
  expect(await advice('3.13')).toEqual(['Call `PyMapping_HasKeyStringWithError`, and look for an exception.'])
})
