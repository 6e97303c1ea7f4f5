import { expect, test } from 'vitest'
import { buildWords } from './build-text.ts'

test('a macro may be defined by what a build file says, not by what a module of CMake offers', () => {
  const words = buildWords([
    {
      kind: 'CMakeLists.txt',
      path: 'CMakeLists.txt',
      text: 'include(cmake/spam.cmake)\nadd_definitions(-DHAVE_SPAM)\n',
    },
    {
      kind: 'CMakeLists.txt',
      path: 'cmake/spam.cmake',
      text: 'if(SPAM_EGGS)\nadd_definitions(-DHAVE_EGGS)\nendif()\n',
    },
    { kind: 'Cargo.toml', path: 'Cargo.toml', text: '[features]\nextension-module = ["pyo3"]\n' },
  ])
  expect(words.has('HAVE_SPAM')).toBe(true)
  for (const word of ['HAVE_EGGS', 'SPAM_EGGS', 'pyo3']) expect(words.has(word)).toBe(false)
})
