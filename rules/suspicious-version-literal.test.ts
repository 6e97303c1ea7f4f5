import { expect, test } from 'vitest'
import { parseTarget } from '../analyzer/knowledge/target.ts'
import { check } from '../fixtures/rules.ts'
import { suspiciousVersionLiteral } from './suspicious-version-literal.ts'

const found = async (condition: string): Promise<number> => {
  const text = `#include <Python.h>\n#if ${condition}\n#error "spam is not for this Python"\n#endif\n`
  return (await check({ 'spam.c': text }, [suspiciousVersionLiteral], [parseTarget('3.10')!])).length
}

test('who refuses newer Pythons means 3.16, who refuses older ones means 3.10', async () => {
  expect(await found('PY_VERSION_HEX >= 0x03100000')).toBe(0)
  expect(await found('0x03100000 <= PY_VERSION_HEX')).toBe(0)
  expect(await found('PY_VERSION_HEX < 0x03100000')).toBe(1)
})
