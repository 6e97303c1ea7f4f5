import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FileCode } from '../code/file-code.ts'
import { surroundingsAt } from '../code/statement-text.ts'
import { fingerprintOf } from './fingerprint.ts'

/** What stands around a mark in a text. */
const around = (marked: string) => {
  const offset = marked.indexOf('@')
  const { name, text } = surroundingsAt(new FileCode(marked.replace('@', ''), true), offset)
  return `${name}: ${text}`
}

test('a place is known by its function and its statement', () => {
  const found: readonly (readonly [string, string])[] = [
    ['void f(void) { g(); x = @PyTuple_GET_ITEM(a, 0); h(); }', 'f: x = PyTuple_GET_ITEM ( a , 0 )'],
    ['void f(void) {\n#if A\n  x =\n#endif\n    /* why */ @p(a); }', 'f: x = p ( a )'],
    ['void f(void) { if (a && @p(b)) { return; } }', 'f: if ( a && p ( b ) )'],
    ['void f(void) { for (i = 0; i < @n(b); i++) go(i); }', 'f: for ( i = 0 ; i < n ( b ) ; i ++ ) go ( i )'],
    ['static @PyTypeObject T = { 1 };', ': static PyTypeObject T ='],
    ['static PyTypeObject T = { a, (f)@b, c };', ': ( f ) b'],
    ['static M m[] = { { "a", @b }, { "c", d } };', ': b'],
    ['static T t = { .a = 1, .b = @c };', ': . b = c'],
    ['#define GET(o) \\\n  do { x(); y(@o->ob_type); } while (0)\nint a;', 'GET: y ( o -> ob_type )'],
    ['#include "a.h"\n#if @PY_VERSION_HEX > 1\nint a;\n#endif', ': if PY_VERSION_HEX > 1'],
    ['static int @f(PyFrameObject *o) { return 1; }', ': static int f ( PyFrameObject * o )'],
    ['@', ': '],
  ]
  for (const [text, expected] of found) expect(around(text), text).toBe(expected)
})

test('of a statement without end what is near counts', () => {
  const long = `int a[] = ${'('.repeat(5)}${'x + '.repeat(5000)}`
  expect(around(`${long}@p${' + y'.repeat(5000)};`).length).toBeLessThan(1000)
})

test('fingerprints tell rules, symbols, functions and statements apart', () => {
  const base = [
    { rule: 'a', symbol: 'b' },
    { name: 'c', text: 'd' },
  ] as const
  const prints = [
    fingerprintOf(...base),
    fingerprintOf({ ...base[0], rule: 'b' }, base[1]),
    fingerprintOf({ ...base[0], symbol: 'c' }, base[1]),
    fingerprintOf(base[0], { ...base[1], name: 'd' }),
    fingerprintOf(base[0], { ...base[1], text: 'e' }),
    fingerprintOf(base[0], { name: 'd', text: 'c' }),
  ]
  expect(new Set(prints).size).toBe(prints.length)
  expect(prints[0]).toBe('a46856a050f0e889')
})

test('different texts have different fingerprints', () => {
  const print = (text: string): string => fingerprintOf({ rule: '', symbol: '' }, { name: '', text })
  const seen = new Map<string, string>()
  for (let number = 0; number < 200_000; number++) {
    const text = `x${number} = y[${number % 7}]`
    expect(seen.has(print(text))).toBe(false)
    seen.set(print(text), text)
  }
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      expect(print(a)).toMatch(/^[0-9a-f]{16}$/)
      expect(print(a) === print(b)).toBe(a === b)
    }),
  )
})
