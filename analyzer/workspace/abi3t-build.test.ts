import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { readAsset } from '../store/assets.ts'
import { memoryStore } from '../store/memory.ts'
import type { FixOptions } from './settings.ts'
import { openWorkspace } from './workspace.ts'

const boxes = new URL('../../fixtures/rewrite-abi3t/boxes/boxesmodule.c', import.meta.url)
const setup = 'from setuptools import setup, Extension\nsetup(ext_modules=[Extension("boxes", ["boxesmodule.c"])])\n'
const left = 'struct left { PyObject_HEAD int n; };\nint of(struct left *l) { return (int)sizeof(*l); }\n'

/** A rewrite of a module for abi3t, with a `setup.py`, and what it says of that. */
async function rewritten(more: Readonly<Record<string, string>> = {}, options: FixOptions = {}) {
  const files = { 'boxesmodule.c': await readFile(boxes, 'latin1'), 'setup.py': setup, ...more }
  const workspace = await openWorkspace(memoryStore(new Map(Object.entries(files)), readAsset), Object.keys(files))
  const result = await workspace.rewrite('abi3t', options)
  const { changes, before, together, build, run, left } = result
  const text = changes.get('setup.py')
  return {
    workspace,
    changes,
    together,
    build,
    left,
    text: text ? new TextDecoder().decode(text) : null,
    before: before.get('setup.py') ?? null,
    said: run.problems.map(({ file, message }) => `${file} ${message}`),
  }
}

test('a rewrite for abi3t tells the build of it, together with the sources, where nothing is left', async () => {
  const { workspace, changes, text, before, together, build, said } = await rewritten()
  expect(text).toContain('py_limited_api=abi3t')
  expect([build, said]).toEqual([['setup.py'], []])
  expect([...together].sort()).toEqual(['boxesmodule.c', 'setup.py'])
  expect(new TextDecoder().decode(before!)).toBe(setup)
  // what a workspace holds is not changed by what it is asked
  expect(new TextDecoder().decode(workspace.read('setup.py')!)).toBe(setup)
  await workspace.update(changes)
  expect((await workspace.rewrite('abi3t')).changes.size).toBe(0)
})

test('it leaves the build as it is, and says so, where something is left', async () => {
  const more = 'from setuptools import setup, Extension\nsetup(ext_modules=[Extension("boxes", glob("*.c"))])\n'
  const early = await rewritten({ 'left.c': `#include <Python.h>\n${left}`, 'setup.py': more })
  expect([early.text, early.build]).toEqual([null, []])
  expect(early.said).toEqual([
    expect.stringMatching(/^setup\.py is not told of abi3t yet: `abi3lint check --target abi3t` has \d+ more to say$/),
  ])
  const odd = await rewritten({ 'setup.py': 'import x\nsetup(**x.all)\n' })
  expect([odd.text, odd.said]).toEqual([null, [expect.stringContaining('how it defines its extension modules')]])
  const locked = await rewritten({}, { locked: (file) => (file === 'setup.py' ? 'is not in git' : null) })
  expect([locked.text, locked.left]).toEqual([null, [{ file: 'setup.py', why: 'is not in git' }]])
})
