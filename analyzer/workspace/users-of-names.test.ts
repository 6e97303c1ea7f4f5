import { expect, test } from 'vitest'
import { sourcesNamedIn, usersOfNames } from './users-of-names.ts'

const users = (texts: Readonly<Record<string, string>>, ...others: string[]): string[] => [
  ...usersOfNames(
    new Set(['Spam_Type']),
    Object.keys(texts).filter((file) => !others.includes(file)),
    others,
    (file) => texts[file] ?? '',
  ),
]

test('files hold a name as a word', () => {
  const texts = {
    a: '&Spam_Type',
    b: 'Spam_Type_slots',
    c: '/* Spam_Type */',
    d: 'Spam_\\\nType',
    e: 'x.Spam_Type;',
    f: '',
  }
  expect(users(texts)).toEqual(['a', 'c', 'd', 'e'])
})

test.each([
  ['x##_Type', '(x)', true],
  ['Spam ## x', '(x)', true],
  ['Spam_##x', '(x)', true],
  ['x ## _ ## y', '(x, y)', true],
  ['x##y', '(x,y)', true],
  ['x %:%: _Type', '(x)', true],
  ['a##__VA_ARGS__', '(a, ...)', true],
  ['Spam##_Type', '', true],
  ['x##_Types', '(x)', false],
  ['Egg##x', '(x)', false],
  ['Spam##_Type##_slots', '', false],
  ['x##_Type##_slots', '(x)', false],
])('parts of a macro: %s %s', (body, parameters, makes) => {
  const texts = { h: `#define M${parameters} ${body}\n#define N(x) M(x)\n`, a: 'N(Spam)', b: 'M(Spam)', c: 'O(Spam)' }
  expect(users(texts, 'h')).toEqual(makes ? ['a', 'b'] : [])
})

test('sources that build files name', () => {
  const named = (kind: 'setup.py' | 'CMakeLists.txt', text: string): unknown =>
    sourcesNamedIn({ kind, path: `x/${kind}`, text }).map(({ file, definitions }) => [file, definitions.length])
  expect(named('setup.py', 'more = ["b.cpp"]  # c.c\nExtension("m", ["src/a.c", "*.c", "a.pyx", "a.cfg"])\n')).toEqual([
    ['x/b.cpp', 0],
    ['x/src/a.c', 1],
  ])
  expect(named('CMakeLists.txt', `python_add_library(m a.c $\{DIR}/b.cc)\n`)).toEqual([
    ['x/a.c', 1],
    ['x/b.cc', 1],
  ])
})
