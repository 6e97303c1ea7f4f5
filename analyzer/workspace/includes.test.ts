import { expect, test } from 'vitest'
import { readAsset } from '../store/assets.ts'
import { memoryStore } from '../store/memory.ts'
import { openWorkspace } from './workspace.ts'

/** The files that are read where all of some are asked for. */
const read = async (files: Readonly<Record<string, string>>): Promise<readonly string[]> => {
  const names = Object.keys(files)
  return [...(await openWorkspace(memoryStore(new Map(Object.entries(files)), readAsset), names, {})).files].sort()
}

test('a copy of the headers of CPython is left to them, and what others call Python.h is read', async () => {
  const python = '#include <Python.h>\n'
  const files = {
    'a.c': `${python}#include "py/object.h"\n`,
    'py/Python.h': '#include "object.h"\n',
    'py/object.h': python,
    'py/internal/pycore_gc.h': python,
  }
  expect(await read(files)).toEqual(Object.keys(files).sort())
  expect(await read({ ...files, 'py/patchlevel.h': '' })).toEqual(['a.c'])
})
