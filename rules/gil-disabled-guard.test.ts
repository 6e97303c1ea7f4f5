import { expect, test } from 'vitest'
import { parseTarget } from '../analyzer/knowledge/target.ts'
import { check } from '../fixtures/rules.ts'
import { gilDisabledGuard } from './gil-disabled-guard.ts'

const found = async (texts: Readonly<Record<string, string>>): Promise<number> =>
  (await check(texts, [gilDisabledGuard], [parseTarget('abi3t')!])).length

const spam = '#include <Python.h>\n#if Py_GIL_DISABLED\nint spam(void);\n#endif\n'

test('a build or a header that defines Py_GIL_DISABLED gives it a value', async () => {
  const setup = (macro: string): string => `from setuptools import Extension, setup
setup(ext_modules=[Extension('spam', ['spam.c'], define_macros=[('${macro}', '1')])])`
  expect(await found({ 'spam.c': spam })).toBe(1)
  expect(await found({ 'spam.c': spam, 'setup.py': setup('SPAM') })).toBe(1)
  expect(await found({ 'spam.c': spam, 'setup.py': setup('Py_GIL_DISABLED') })).toBe(0)
  expect(await found({ 'spam.c': `#include "config.h"\n${spam}`, 'config.h': '#define Py_GIL_DISABLED 1\n' })).toBe(0)
})

test('what no preprocessor looks at is not found', async () => {
  expect(await found({ 'spam.c': `#include <Python.h>\n#if 0\n${spam}#endif\n` })).toBe(0)
  expect(await found({ 'spam.c': spam.replace('#if ', '#if 1\n#elif ') })).toBe(0)
})

test('a header that a unit includes before Python.h asks too early', async () => {
  const header = '#ifdef Py_GIL_DISABLED\n#define SPAM_LOCKS 1\n#endif\n'
  const unit = (first: string, second: string): string => `#include ${first}\n#include ${second}\nint spam(void);\n`
  expect(await found({ 'spam.h': header, 'spam.c': unit('"spam.h"', '<Python.h>') })).toBe(1)
  expect(await found({ 'spam.h': header, 'spam.c': unit('<Python.h>', '"spam.h"') })).toBe(0)
  expect(await found({ 'spam.h': `#include <Python.h>\n${header}`, 'spam.c': unit('"spam.h"', '<stdio.h>') })).toBe(0)
  expect(await found({ 'spam.h': header, 'spam.c': unit('"spam.h"', '<stdio.h>') })).toBe(0)
})
