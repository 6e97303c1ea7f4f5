import { describe, expect, test } from 'vitest'
import { shimHeader } from '../../rules/shims/header.ts'
import { isMadeShimHeader, withShims } from '../../rules/shims/made-header.ts'
import { parseTarget } from '../knowledge/target.ts'
import { asBytes, asByteText } from '../source/text.ts'
import { readAsset } from '../store/assets.ts'
import { memoryStore } from '../store/memory.ts'
import type { Settings } from './settings.ts'
import { type FixResult, openWorkspace, type Workspace } from './workspace.ts'

/** Headers of shims: where they stand, and what becomes of those that are there. */

const at = { targets: [parseTarget('3.12')!], unsafe: true }
const python = '#include <Python.h>\n'
const first = `${python}int f(PyObject *t) { return PyMethod_Check(t); }\n`
const second = `${python}PyObject *g(void) { return PyRun_String("1", Py_eval_input, 0, 0); }\n`

type Files = Readonly<Record<string, string>>

const open = (files: Files, asked = Object.keys(files), settings: Settings = {}): Promise<Workspace> =>
  openWorkspace(memoryStore(new Map(Object.entries(files)), readAsset), asked, settings)

const texts = ({ changes }: FixResult): Files =>
  Object.fromEntries([...changes].map(([file, bytes]) => [file, asByteText(bytes)]))

/** The files after fixes of some of them. */
async function fixed(files: Files, asked: readonly string[]): Promise<Files> {
  const around = (): readonly string[] => Object.keys(files)
  return { ...files, ...texts(await (await open(files, [...asked], { sourcesAround: around })).fix(at)) }
}

test.each([
  ['one directory', { 'src/a.c': first, 'src/b.c': second }],
  ['several', { 'src/one/a.c': first, 'src/two/b.c': second, 'other/c.c': 'int x;\n' }],
])('two runs on two files give what one run on both gives: %s', async (_, files) => {
  const [a, b] = Object.keys(files) as [string, string]
  const both = await fixed(files, [a, b])
  expect(both['src/pep_shims.h']).toMatch(/PepMethod_Check\([\s\S]*PepRun_String\(/)
  expect(await fixed(await fixed(files, [a]), [b])).toEqual(both)
  expect(await fixed(await fixed(files, [b]), [a])).toEqual(both)
})

const common = (...names: string[]): string => shimHeader(names, 12)
const includes = (text: string): string => text.replace(python, `${python}#include "pep_shims.h"\n`)
const calls = includes(`${python}int f(PyObject *o) { return PepMethod_Check(o); }\n`)

test('the header that a file includes is the one in use, wherever it is', async () => {
  const files = {
    'common/pep_shims.h': common('PepMethod_Check'),
    'pkg/a.c': includes(second),
    'pkg/b.c': includes(first),
    'pkg/c.c': second,
  }
  const around = (file: string): readonly string[] =>
    Object.keys(files).filter((each) => each.split('/')[0] === file.split('/')[0])
  const settings = { includeDirectories: ['common'], sourcesAround: around }
  const result = texts(await (await open(files, ['pkg/a.c', 'pkg/b.c', 'pkg/c.c'], settings)).fix(at))
  expect(Object.keys(result).sort()).toEqual(['common/pep_shims.h', 'pkg/a.c', 'pkg/b.c', 'pkg/c.c'])
  expect(result['common/pep_shims.h']).toBe(common('PepMethod_Check', 'PepRun_String'))
  expect(result['pkg/a.c']).toBe(files['pkg/a.c'].replace('PyRun_String', 'PepRun_String'))
  // One that includes none uses that of the others.
  expect(texts(await (await open(files, ['pkg/c.c'], settings)).fix(at))['pkg/c.c']).toContain('../common/pep_shims.h')
  const locked = (file: string): string | null => (file.startsWith('common') ? 'is outside' : null)
  const other = await (await open(files, ['pkg/a.c', 'pkg/b.c'], settings)).fix({ ...at, locked })
  expect([texts(other), other.left]).toEqual([{}, [{ file: 'common/pep_shims.h', why: 'is outside' }]])
})

test('the first header of shims that a compiler meets is the one in use', async () => {
  const files = {
    'src/pep_shims.h': common('PepMethod_Check'),
    'src/a.h': `${python}#include "pep_shims.h"\n`,
    'src/b/b.c': second.replace(python, `${python}#include "../a.h"\n`),
  }
  const settings = { sourcesAround: (): readonly string[] => ['src/b/b.c'] }
  const result = texts(await (await open(files, Object.keys(files), settings)).fix(at))
  expect(Object.keys(result)).toEqual(['src/pep_shims.h', 'src/b/b.c'])
})

test.each([
  ['the file itself', { 'a.c': `${calls}${second.slice(python.length)}` }, ['a.c'], 'includes'],
  ['another file of the package', { 'a.c': second, 'b.c': calls }, ['a.c'], 'b.c includes'],
  ['a file that includes it', { 'a.h': second, 'b.c': `${calls}#include "a.h"\n` }, ['a.h', 'b.c'], 'b.c includes'],
])('no second header is made where %s includes one that was not found', async (_, files, asked, why) => {
  const workspace = await open(files, [...asked], { sourcesAround: () => Object.keys(files) })
  const result = await workspace.fix(at)
  expect(texts(result)).toEqual({})
  expect(result.left).toEqual([{ file: asked[0], why: expect.stringContaining(`${why} \`pep_shims.h\`, which was`) }])
})

test('a header that abi3lint did not make is left alone, and fixes that need shims are not made', async () => {
  const files = {
    'a.c': `${first}PyObject *h(PyObject *t) { return PyTuple_GET_ITEM(t, 0); }\n`,
    'pep_shims.h': 'mine\n',
  }
  const result = await (await open(files, ['a.c'])).fix(at)
  expect(texts(result)).toEqual({ 'a.c': files['a.c'].replace('GET_ITEM', 'GetItem') })
  expect(result.run.problems).toEqual([
    { file: 'pep_shims.h', message: expect.stringContaining('not made by abi3lint') as string, severity: 'error' },
  ])
})

test('what is there by the time of writing keeps its shims, and gets those of the run', async () => {
  const { shared } = await (await open({ 'a.c': first })).fix(at)
  const remake = shared.get('pep_shims.h')!
  const other = asBytes(shimHeader(['PepRun_String'], 12))
  expect(asByteText(remake(other)!)).toBe(shimHeader(['PepMethod_Check', 'PepRun_String'], 12))
  expect(remake(asBytes('mine\n'))).toBe(null)
})

test('the header of shims is put into MANIFEST.in, unless that may not be edited', async () => {
  const files = { 'a.c': first, 'setup.py': 'setup()', 'MANIFEST.in': 'include LICENSE\n' }
  const workspace = await open(files)
  const result = await workspace.fix(at)
  expect(texts(result)['MANIFEST.in']).toBe('include LICENSE\ninclude pep_shims.h\n')
  expect([workspace.manifests, workspace.read('MANIFEST.in')]).toEqual([['MANIFEST.in'], asBytes(files['MANIFEST.in'])])
  const now = asByteText(result.shared.get('MANIFEST.in')!(asBytes('graft docs\n'))!)
  expect(now).toBe('graft docs\ninclude pep_shims.h\n')
  const locked = (file: string): string | null => (file === 'MANIFEST.in' ? 'is locked' : null)
  const other = await workspace.fix({ ...at, locked })
  expect([...other.changes.keys()]).toEqual(['pep_shims.h', 'a.c'])
  expect(other.left).toEqual([{ file: 'MANIFEST.in', why: 'is locked' }])
})

test.each([
  ['no header was read that may define it', `${python}#include <stdio.h>\n`, 'error safe'],
  ['one was not read', `${python}#include <mine/shims.h>\n`, 'warning none'],
  ['the file defines it', `${python}static int PepMethod_Check(PyObject *o) { return 1; }\n`, 'undefined none'],
  ['the header of shims was not read', `${python}#include "pep_shims.h"\n`, 'warning none'],
  ['a list names it for a macro', `${python}LIST(PepMethod_Check)\n`, 'warning none'],
  [
    'a macro may paste its name',
    `${python}#define DEF(n) int n(PyObject *o) { return 1; }\n#define K(x) Pep##x\nDEF(K(Method_Check))\n`,
    'warning none',
  ],
  ['some builds define it', `${python}#if SPAM\n#define PepMethod_Check(o) 1\n#endif\n`, 'warning none'],
])('a shim that nothing defines is certain where %s', async (_, head, expected) => {
  const workspace = await open({ 'a.c': `${head}int f(PyObject *o) { return PepMethod_Check(o); }\n` })
  const [found] = workspace.check(at).run.diagnostics.filter(({ rule }) => rule === 'undefined-shim')
  expect(`${found?.severity} ${found?.fix?.safety ?? 'none'}`).toBe(expected)
})

describe('more shims in a header', () => {
  const made = shimHeader(['PepRun_String'], 11)

  test('one that is as it was made is made anew, for the lower level of the two', () => {
    expect(withShims(made, ['PepMethod_Check'], 12, '\n')).toBe(shimHeader(['PepMethod_Check', 'PepRun_String'], 11))
    expect(withShims(made, ['PepRun_String'], 12, '\n')).toBe(made)
  })

  test('line ends stay as they are, and a new header has those of the file that uses it', () => {
    const windows = made.replaceAll('\n', '\r\n')
    const both = shimHeader(['PepMethod_Check', 'PepRun_String'], 11).replaceAll('\n', '\r\n')
    expect(withShims(windows, ['PepMethod_Check'], 11, '\n')).toBe(both)
    expect(withShims(null, ['PepRun_String'], 11, '\r\n')).toBe(windows)
  })

  test('what somebody has changed stays, and gets the shims at its end with what they use, once', () => {
    const changed = made.replace('#endif\n\n#ifdef __cplusplus', '#endif\n\nint my_own;\n\n#ifdef __cplusplus')
    const text = withShims(changed, ['PepMethod_Check', 'PepType_GetNameStr'], 11, '\n')!
    for (const line of changed.split('\n')) expect(text.split('\n')).toContain(line)
    const all = shimHeader(['PepMethod_Check', 'PepType_GetNameStr'], 11)
    for (const line of all.split('\n').slice(8)) expect(text.split('\n')).toContain(line)
    expect(withShims(text, ['PepMethod_Check'], 11, '\n')).toBe(text)
    expect(text).toMatch(/\n#endif\n\n#endif\n$/)
  })

  test.each([
    ['a mark of the order of bytes', (text: string) => `\xef\xbb\xbf${text}`],
    ['a licence before it', (text: string) => `// SPDX-License-Identifier: MIT\n/* Mine\n * and yours */\n\n${text}`],
    ['bytes that are not UTF-8', (text: string) => text.replace('\n#include', '\n/* caf\xe9 */\n#include')],
    [
      'what its ends are for',
      (text: string) => text.replace(/#endif\n\n#endif\n$/, '#endif /* C++ */\n\n#endif // X\n'),
    ],
  ])('one with %s is still one, and keeps it', (_, change) => {
    const changed = change(made)
    expect(isMadeShimHeader(changed)).toBe(true)
    const text = withShims(changed, ['PepMethod_Check'], 11, '\n')!
    for (const line of changed.split('\n')) expect(text.split('\n')).toContain(line)
    for (const line of shimHeader(['PepMethod_Check'], 11).split('\n').slice(8))
      expect(text.split('\n')).toContain(line)
    expect(withShims(text, ['PepMethod_Check'], 11, '\n')).toBe(text)
  })

  test('other files are none', () => {
    for (const text of ['mine\n', '/* Made by abi3lint shims; */\n', made.replace('Made by', 'Like')])
      expect([isMadeShimHeader(text), withShims(text, ['PepRun_String'], 11, '\n')]).toEqual([false, null])
  })
})
