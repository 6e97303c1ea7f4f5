// Bundles the program and the parser's .wasm files into dist/, so that an installed package needs nothing else.

import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')
const require = createRequire(import.meta.url)

await rm(dist, { recursive: true, force: true })
await mkdir(dist, { recursive: true })
await build({
  entryPoints: { abi3lint: join(root, 'bin/abi3lint.ts'), worker: join(root, 'analyzer/store/worker.ts') },
  outdir: dist,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  splitting: true,
  minifySyntax: true,
  legalComments: 'none',
  // CommonJS dependencies ask for require
  banner: {
    js:
      "import { createRequire as __createRequire } from 'node:module'; const require = " +
      '__createRequire(import.meta.url);',
  },
  // write-file-atomic makes the names of its temporary files from it
  define: { __filename: 'import.meta.url' },
  logLevel: 'warning',
})
const program = join(dist, 'abi3lint.js')
await writeFile(program, `#!/usr/bin/env node\n${await readFile(program, 'utf8')}`, { mode: 0o755 })

await copyFile(join(root, 'analyzer/knowledge/table.json'), join(dist, 'table.json'))

const notices = []
for (const name of ['web-tree-sitter', 'tree-sitter-c', 'tree-sitter-cpp']) {
  const wasm = require.resolve(`${name}/${name}.wasm`)
  await copyFile(wasm, join(dist, `${name}.wasm`))
  notices.push(`${name}\n\n${await readFile(join(dirname(wasm), 'LICENSE'), 'utf8')}`)
}
for (const name of [
  'commander',
  'chalk',
  'get-east-asian-width',
  'ignore',
  'smol-toml',
  'yauzl',
  'pend',
  'diff',
  'write-file-atomic',
  'signal-exit',
  'imurmurhash',
]) {
  const folder = join(root, 'node_modules', name)
  const text = await Promise.any(
    ['LICENSE', 'license', 'LICENSE-MIT', 'LICENSE.md', 'LICENSE.txt', 'README.md'].map((file) =>
      readFile(join(folder, file), 'utf8'),
    ),
  )
  notices.push(`${name}\n\n${text}`)
}
await writeFile(join(dist, 'THIRD-PARTY-LICENSES'), notices.join('\n\n----\n\n'))
