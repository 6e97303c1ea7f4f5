import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import type * as Package from './browser.ts'
import { open } from './node.ts'

/** The bundle for browsers, in a place that has what a browser has and nothing of Node. */

const inDist = (name: string): string => fileURLToPath(new URL(`../../dist/${name}`, import.meta.url))
const place = 'https://example.org/abi3lint/browser.js'

const texts = new Map<string, string>([
  [
    'src/spam.c',
    `#include <Python.h>
#include "eggs.hpp"
/* Grüße */
static PyTypeObject Spam_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "spam.Spam",
    .tp_basicsize = sizeof(PyObject),
};
PyObject *first(PyObject *t) { return PyTuple_GET_ITEM(t, 0); }
PyObject *item(PyObject *o, Py_ssize_t i) { return PySequence_ITEM(o, i); }
int ready(void) { return PyType_Ready(&Spam_Type); }
PyMODINIT_FUNC PyInit_spam(void) { return NULL; }
`,
  ],
  ['src/eggs.hpp', 'namespace eggs { inline void f(PyObject *self) { Py_TYPE(self)->tp_free(self); } }\n'],
  ['setup.py', "Extension('spam', ['src/spam.c'], define_macros=[('Py_LIMITED_API', '0x03090000')])\n"],
])

/** Everything that a workspace tells, as text. */
async function allOf(open: typeof Package.open, settings: Package.BrowserSettings = {}): Promise<string> {
  const workspace = await open(texts, settings)
  const shown = (changes: ReadonlyMap<string, Uint8Array>): readonly (readonly [string, string])[] =>
    [...changes].map(([file, bytes]) => [file, Buffer.from(bytes).toString()] as const)
  const fixed = await workspace.fix()
  const rewritten = await workspace.rewrite('types')
  const told = [
    workspace.files,
    workspace.problems,
    workspace.check(),
    workspace.targets(),
    [fixed.run, shown(fixed.changes)],
    [rewritten.run, shown(rewritten.changes)],
  ]
  await workspace.update(
    new Map([['src/spam.c', '#include <Python.h>\nvoid *f(void) { return PyEval_GetFrame(); }\n']]),
  )
  return JSON.stringify([...told, workspace.check()], null, 1)
}

/** Runs the bundle where only the language is, and what every browser has. */
async function loadBundle(globals: Readonly<Record<string, unknown>>): Promise<typeof Package> {
  // A module of Node would be an error.
  const { outputFiles } = await build({
    entryPoints: [inDist('browser.js')],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'abi3lint',
    platform: 'browser',
    logLevel: 'error',
    define: { 'import.meta.url': JSON.stringify(place) },
  })
  const context = createContext({ TextDecoder, TextEncoder, URL, ...globals })
  expect(runInContext('[typeof process, typeof Buffer, typeof require, typeof module].join()', context)).toBe(
    'undefined,undefined,undefined,undefined',
  )
  return runInContext(`${outputFiles[0]!.text}; abi3lint`, context) as typeof Package
}

test('the bundle for browsers needs nothing of Node, and says what Node says', async () => {
  const { open: openInBrowser } = await loadBundle({})
  const loaded: string[] = []
  const asset: Package.AssetLoader = async (name) => {
    loaded.push(name)
    return readFileSync(inDist(name))
  }
  const expected = await allOf(open)
  expect(await allOf(openInBrowser, { asset })).toBe(expected)
  expect(loaded.sort()).toEqual(['table.json', 'tree-sitter-c.wasm', 'tree-sitter-cpp.wasm', 'web-tree-sitter.wasm'])
  for (const word of ['opaque-struct-member', 'unavailable-macro', 'static-type-object', 'PyType_FromSpec', 'setup.py'])
    expect(expected).toContain(word)
})

test('it fetches what it needs from beside itself, and says what is missing', async () => {
  const asked: string[] = []
  const { open: openInBrowser } = await loadBundle({
    fetch: async (url: URL) => {
      asked.push(url.href)
      return { ok: false, status: 404, statusText: 'Not Found' }
    },
  })
  await expect(openInBrowser(texts)).rejects.toThrow(
    'https://example.org/abi3lint/table.json cannot be loaded: 404 Not Found',
  )
  expect(asked).toEqual(['https://example.org/abi3lint/table.json'])
})
