// Bundles the program, the library for Node and for browsers, and the parser's .wasm files into dist/, so that an
// installed package needs nothing else.

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')
const require = createRequire(import.meta.url)

await rm(dist, { recursive: true, force: true })
await mkdir(dist, { recursive: true })
// Where rules lead: to the site of the pages where package.json names one.
const { homepage = '' } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
const siteAddress = JSON.stringify(homepage)
const settings = {
  outdir: dist,
  bundle: true,
  format: 'esm',
  minifySyntax: true,
  legalComments: 'none',
  define: { siteAddress },
  logLevel: 'warning',
}
const onNode = { ...settings, platform: 'node', target: 'node20' }
// In a file of its own, so that who starts no server reads none of it.
const protocol = 'vscode-languageserver'
await build({
  ...onNode,
  entryPoints: { [protocol]: `${protocol}/node` },
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
})
const apart = {
  name: 'apart',
  setup: ({ onResolve }) =>
    onResolve({ filter: new RegExp(`^${protocol}/node$`) }, () => ({ path: `./${protocol}.cjs`, external: true })),
}
// In one file, around which is a function: what V8 makes of it can be kept (bin/start.ts).
const { outputs } = await build({
  ...onNode,
  entryPoints: { program: join(root, 'bin/abi3lint.ts') },
  entryNames: '[name]-[hash]',
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  alias: { 'web-tree-sitter': require.resolve('web-tree-sitter') },
  supported: { 'dynamic-import': false },
  plugins: [apart],
  define: {
    siteAddress,
    'import.meta.url': 'programUrl',
    'import.meta.dirname': '__dirname',
    'import.meta.filename': '__filename',
  },
  banner: { js: "(function (module, require, __filename, __dirname, programUrl, keepCompiled) { 'use strict';" },
  footer: { js: '})' },
  metafile: true,
}).then(({ metafile }) => metafile)
await build({
  ...onNode,
  entryPoints: { start: join(root, 'bin/start.ts') },
  define: { siteAddress, programName: JSON.stringify(basename(Object.keys(outputs)[0])) },
})
await build({
  ...onNode,
  entryPoints: {
    index: join(root, 'bin/api/node.ts'),
    worker: join(root, 'analyzer/store/worker.ts'),
  },
  splitting: true,
  // CommonJS dependencies ask for require
  banner: {
    js:
      "import { createRequire as __createRequire } from 'node:module'; const require = " +
      '__createRequire(import.meta.url);',
  },
})
await build({ ...settings, entryPoints: { browser: join(root, 'bin/api/browser.ts') }, platform: 'browser' })
await declareTypes(['bin/api/node', 'bin/api/browser'])
await writeFile(
  join(dist, 'abi3lint.js'),
  `#!/usr/bin/env node
import { start } from './start.js'
await start()
`,
  { mode: 0o755 },
)

await copyFile(join(root, 'analyzer/knowledge/table.json'), join(dist, 'table.json'))
await copyFile(join(root, 'bin/config/config.schema.json'), join(dist, 'config.schema.json'))
await copyFile(join(root, 'bin/action/problem-matcher.json'), join(dist, 'problem-matcher.json'))

const notices = []
for (const name of ['web-tree-sitter', 'tree-sitter-c', 'tree-sitter-cpp']) {
  const wasm = require.resolve(`${name}/${name}.wasm`)
  await copyFile(wasm, join(dist, `${name}.wasm`))
  notices.push(`${name}\n\n${await readFile(join(dirname(wasm), 'LICENSE'), 'utf8')}`)
}
const bundled = ['commander', 'chalk', 'get-east-asian-width', 'ignore', 'smol-toml', 'yauzl', 'pend', 'diff']
const ofPlots = [
  'd3-array',
  'd3-format',
  'd3-hierarchy',
  'd3-interpolate',
  'd3-path',
  'd3-scale',
  'd3-shape',
  'd3-time',
]
const ofServer = [
  'vscode-languageserver',
  'vscode-languageserver-protocol',
  'vscode-languageserver-types',
  'vscode-jsonrpc',
]
for (const name of [...bundled, ...ofPlots, 'd3-color', 'd3-time-format', 'internmap', ...ofServer]) {
  const folder = join(root, 'node_modules', name)
  const text = await Promise.any(
    ['LICENSE', 'license', 'LICENSE-MIT', 'LICENSE.md', 'LICENSE.txt', 'License.txt', 'README.md'].map((file) =>
      readFile(join(folder, file), 'utf8'),
    ),
  )
  notices.push(`${name}\n\n${text}`)
}
// What tells this build from others, so that nothing is taken from another one's cache.
const identity = createHash('sha256')
for (const name of (await readdir(dist)).sort()) {
  if (/\.(?:c?js|json|wasm)$/.test(name)) identity.update(`${name}\n`).update(await readFile(join(dist, name)))
}
await writeFile(join(dist, 'build-id'), identity.digest('hex'))
await writeFile(join(dist, 'THIRD-PARTY-LICENSES'), notices.join('\n\n----\n\n'))

/**
 * Writes the type declarations of modules, and of what these import, into dist/types.
 * @param {string[]} modules their paths without suffix
 */
async function declareTypes(modules) {
  const types = join(dist, 'types')
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc')
  // Whether the types are right is for `npm run typecheck`.
  await promisify(execFile)(process.execPath, [tsc, '-p', join(root, 'bin/api'), '--noCheck', '--outDir', types])
  const wanted = new Set(modules.map((name) => join(types, `${name}.d.ts`)))
  for (const file of wanted) {
    const text = await readFile(file, 'utf8')
    // Declarations may not import .ts files.
    const renamed = text.replace(/((?:\bfrom |\bimport\()['"]\.[^'"]*)\.ts(?=['"])/g, (_, path) => `${path}.js`)
    for (const [, path] of renamed.matchAll(/(?:\bfrom |\bimport\()['"](\.[^'"]*)\.js['"]/g))
      wanted.add(join(dirname(file), `${path}.d.ts`))
    await writeFile(file, renamed)
  }
  for (const entry of await readdir(types, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name)
    if (entry.isFile() && !wanted.has(file)) await rm(file)
  }
}
