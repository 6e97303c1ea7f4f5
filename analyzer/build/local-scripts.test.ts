import { expect, test } from 'vitest'
import { localScripts } from './local-scripts.ts'

test('finds the scripts that one imports, but for those of Python 2', () => {
  const text = `import os, build_support.flags as flags
from . import x
from mine import (a,
    b)  # import no
"""
import neither
"""
if sys.version_info < (3, 0):
    import setup2
else:
    import setup3
import after
`
  expect(localScripts({ kind: 'setup.py', path: 'py/setup.py', text })).toEqual([
    'py/os.py',
    'py/build_support/flags.py',
    'py/mine.py',
    'py/setup3.py',
    'py/after.py',
  ])
})
