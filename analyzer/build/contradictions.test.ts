import { expect, test } from 'vitest'
import type { BuildFile } from './build-file.ts'
import { contradictions } from './contradictions.ts'

const script = (text: string): BuildFile[] => [{ kind: 'setup.py', path: 'setup.py', text }]

/** What does not fit, with the level of the module; null for one that is named for one Python. */
const found = (text: string): unknown[] =>
  contradictions(script(text)).map(({ module, level, tag }) => [module, level, tag])

const head = 'from setuptools import Extension, setup\nlevel = "3.11"\nmajor, minor = map(int, level.split("."))\n'
const macros = 'macros = [("Py_LIMITED_API", f"0x{major:02X}{minor:02X}0000")]\n'
const setup = (more: string, tag: string): string =>
  `${head}${macros}setup(ext_modules=[\n    Extension("a", ["a.c"], define_macros=macros${more})],\n` +
  `      options={"bdist_wheel": {"py_limited_api": ${tag}}})\n`

test('a level that is computed, above the tag of the wheel', () => {
  expect(found(setup(', py_limited_api=True', '"cp39"'))).toEqual([['a', 11, 9]])
  expect(found(setup(', py_limited_api=True', 'f"cp3{minor}"'))).toEqual([])
})

test('a module that is named for one Python, in a wheel for many', () => {
  const text = setup('', '"cp311"')
  expect(found(text)).toEqual([['a', null, 11]])
  const [place] = contradictions(script(text))
  expect(text.slice(place!.start, place!.end)).toBe('Extension("a", ["a.c"], define_macros=macros)],')
  expect(found(setup(', py_limited_api=is_limited()', '"cp311"'))).toEqual([])
  expect(found(setup('', 'tag()'))).toEqual([])
})

test('what setuptools-rust names is not known', () => {
  const rust = (more: string): string =>
    'from setuptools import setup\nfrom setuptools_rust import RustExtension\n' +
    'setup(rust_extensions=[RustExtension("a"' +
    `${more})], options={"bdist_wheel": {"py_limited_api": "cp39"}})\n`
  expect(found(rust(''))).toEqual([])
  expect(found(rust(', py_limited_api="auto"'))).toEqual([])
})
