import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { vscodeExtension } from './vscode-extension.ts'

/** `npm run vscode -- [DIRECTORY]`: makes the extension for Visual Studio Code of what is built, and prints its path. */
const usual = join(fileURLToPath(new URL('../..', import.meta.url)), '.cache/vscode')
const target = resolve(process.argv[2] ?? usual)
const { name, bytes } = await vscodeExtension()
mkdirSync(target, { recursive: true })
writeFileSync(join(target, name), bytes)
process.stdout.write(`${relative(process.cwd(), join(target, name))}\n`)
