import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { programFiles } from './program-files.ts'
import { type ExtensionManifest, vsix } from './vsix.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const source = join(root, 'editors/vscode')

/**
 * Makes the extension for Visual Studio Code of what `npm run build` has made; nothing is fetched.
 * @returns the file name of its package, and its bytes
 */
export async function vscodeExtension(): Promise<{ readonly name: string; readonly bytes: Buffer }> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string }
  const own = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as ExtensionManifest
  const manifest = { ...own, version }
  const { code, licenses } = await bundled()
  const files = new Map<string, Uint8Array>([
    ['package.json', Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)],
    ['README.md', readFileSync(join(source, 'README.md'))],
    ['LICENSE.txt', readFileSync(join(root, 'LICENSE'))],
    ['THIRD-PARTY-LICENSES.txt', Buffer.from([thirdParties(), ...licenses].join('\n\n----\n\n'))],
    ['extension.cjs', code],
    ...programFiles(),
  ])
  return vsix(manifest, files)
}

/** Of the program. */
const thirdParties = (): string => readFileSync(join(root, 'dist/THIRD-PARTY-LICENSES'), 'utf8')

/** What the editor loads, in one file but for what the editor has itself, and the licences of what is in it. */
async function bundled(): Promise<{ readonly code: Uint8Array; readonly licenses: readonly string[] }> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [join(source, 'extension.ts')],
    outfile: 'extension.cjs',
    bundle: true,
    write: false,
    metafile: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    external: ['vscode'],
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
  })
  const packages = Object.keys(metafile.inputs).flatMap(
    (path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? [],
  )
  return { code: outputFiles[0]!.contents, licenses: [...new Set(packages)].sort().map(licenseOf) }
}

/** @throws Error where a package has no text of its licence */
function licenseOf(directory: string): string {
  const file = readdirSync(join(root, directory)).find((name) => /^licen[cs]e(?:\.\w+)?$/i.test(name))
  if (file === undefined) throw new Error(`${directory} has no licence`)
  return `${directory.replace(/^.*node_modules\//, '')}\n\n${readFileSync(join(root, directory, file), 'utf8')}`
}
