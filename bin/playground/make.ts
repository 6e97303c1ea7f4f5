import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { examplesOf } from '../../analyzer/check/examples.ts'
import { targetNames } from '../../analyzer/knowledge/target.ts'
import { rules } from '../../rules/index.ts'
import type { Source } from './answer.ts'

const here = dirname(fileURLToPath(import.meta.url))
const require = createRequire(import.meta.url)

const read = (name: string): string => readFileSync(join(here, name), 'utf8')

/** A module and what it imports, as one script. */
async function bundled(name: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(here, name)],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    legalComments: 'none',
    logLevel: 'warning',
    // What only the program for Node asks for, and nobody here.
    external: ['node:*'],
    define: { siteAddress: '""', 'import.meta.url': '"https://localhost/"' },
  })
  return outputFiles[0]!.text
}

/** What a policy knows an inline script or style by. Source: www.w3.org/TR/CSP3/#match-element-to-source-list */
const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** A block of the page that no browser runs. */
const block = (id: string, text: string): string => `<script type="text/plain" id="${id}">${text}</script>`

const packed = (bytes: Uint8Array | string): string => gzipSync(bytes, { level: 9 }).toString('base64')

/** Rules whose first example is offered. */
const shown = [
  'static-type-object',
  'unavailable-macro',
  'opaque-struct-member',
  'unavailable-function',
  'single-phase-init',
  'borrowed-reference-api',
]

function examples(): readonly { readonly title: string; readonly source: Source }[] {
  const whole = { title: 'a module', source: { file: 'spam.c', text: read('sample.c'), target: '3.12' } }
  const ofRules = shown.flatMap((name) => {
    const rule = rules.find((each) => each.name === name)
    const example = rule && examplesOf(rule).find(({ kind, file }) => kind === 'bad' && file === undefined)
    if (!rule || !example) return []
    const text = example.code.includes('Python.h') ? example.code : `#include <Python.h>\n\n${example.code}`
    return [{ title: name, source: { file: 'spam.c', text, target: example.target } }]
  })
  return [whole, ...ofRules]
}

/** JSON that may stand in a script element. */
const json = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c')

/**
 * The page, whole: scripts, styles, the parser and the table of the C API are in it.
 * @throws where something of it cannot be read or bundled
 */
export async function playground(): Promise<string> {
  const [program, script] = await Promise.all(['worker.ts', 'page.ts'].map(bundled))
  const style = read('page.css')
  const wasm = ['web-tree-sitter', 'tree-sitter-c', 'tree-sitter-cpp'].map((name) => `${name}/${name}.wasm`)
  const assets = [...wasm.map((name) => require.resolve(name)), join(here, '../../analyzer/knowledge/table.json')]
  const data = [
    block('targets', json(targetNames)),
    block('examples', json(examples())),
    block('program', packed(program!)),
    ...assets.map((path) => block(path.slice(path.lastIndexOf('/') + 1), packed(readFileSync(path)))),
  ]
  const module = `${script!.replaceAll('</script', '<\\/script')}`
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(module)} 'wasm-unsafe-eval'`,
    `style-src ${hashOf(style)}`,
    'worker-src blob:',
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const parts: Readonly<Record<string, string>> = { policy, style, data: data.join('\n'), script: module }
  return read('page.html').replace(/\{\{(\w+)\}\}/g, (_, name: string) => parts[name]!)
}
