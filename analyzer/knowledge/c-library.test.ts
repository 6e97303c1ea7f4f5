import { expect, test } from 'vitest'
import { headerOf, lastLevel, libraryNames, namesGivenBy, namesOfPython, pythonHeaders } from './c-library.ts'

test.each([
  ['stdio.h', 15, 10, 'c', true],
  ['stdio.h', 15, 11, 'c', false],
  ['stdlib.h', 15, 11, 'c', false],
  // By way of `math.h`, which is that of C++.
  ['stdlib.h', 15, 11, 'cpp', true],
  ['string.h', 14, 11, 'c', false],
  ['string.h', 15, 11, 'c', true],
  ['unistd.h', 13, 12, 'c', true],
  ['unistd.h', 13, 13, 'c', false],
  ['time.h', 11, 11, 'c', true],
  ['time.h', 13, 9, 'c', false],
  // Nobody asked the headers of 3.12: they have what those of 3.11 or those of 3.13 have.
  ['time.h', 12, 11, 'c', true],
  ['string.h', 12, 11, 'c', false],
] as const)('Python.h brings %s: headers %d, level %d, %s: %s', (header, headers, level, language, is) => {
  expect(pythonHeaders(headers, level, language).has(header)).toBe(is)
})

test.each([
  ['errno', 'errno.h'],
  ['ENOMEM', 'errno.h'],
  ['EOF', 'stdio.h'],
  ['puts', 'stdio.h'],
  ['free', 'stdlib.h'],
  ['EXIT_FAILURE', 'stdlib.h'],
  ['memcpy', 'string.h'],
  ['strcasecmp', 'strings.h'],
  ['isdigit', 'ctype.h'],
  ['_exit', 'unistd.h'],
  ['getopt', 'unistd.h'],
  ['SEEK_SET', 'stdio.h'],
  ['WEXITSTATUS', 'sys/wait.h'],
  ['localtime', 'time.h'],
  ['gettimeofday', 'sys/time.h'],
])('%s is at home in %s', (name, header) => {
  expect(headerOf(name)).toBe(header)
  expect(namesGivenBy(header, 'c')!.has(name)).toBe(true)
})

test('names that every Python.h gives, and that none does, depend on no target', () => {
  for (const name of ['size_t', 'NULL', 'FILE', 'INT_MAX', 'assert', 'sin', 'socket', 'dlopen'])
    expect(libraryNames.has(name), name).toBe(false)
})

test('what headers give', () => {
  expect(namesGivenBy('cstdio', 'cpp')!.has('printf')).toBe(true)
  expect(namesGivenBy('string', 'cpp')!.has('printf')).toBe(true)
  expect(namesGivenBy('math.h', 'c')!.has('free')).toBe(false)
  expect(namesGivenBy('pythread.h', 'c')!.size).toBe(0)
  expect(namesGivenBy('other/library.h', 'c')).toBeNull()
  expect(namesOfPython(15, 10, 'c').has('errno')).toBe(true)
  expect(lastLevel('errno', 15, 15, 'c')).toBe(10)
  expect(lastLevel('time', 15, 15, 'c')).toBeNull()
})
