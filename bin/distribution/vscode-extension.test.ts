import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { Script } from 'node:vm'
import { afterAll, expect, test } from 'vitest'
import { fromBufferPromise } from 'yauzl'
import { bad } from '../../fixtures/checked.ts'
import { folder, scratch } from '../../fixtures/command-line.ts'
import { Client } from '../../fixtures/server/client.ts'
import { vscodeExtension } from './vscode-extension.ts'

/** What `npm run vscode` writes. */

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** Unpacks an archive as another program reads it. @returns the names in it */
async function unpack(bytes: Buffer, directory: string): Promise<readonly string[]> {
  const archive = await fromBufferPromise(bytes, { lazyEntries: true })
  const names: string[] = []
  for await (const entry of archive.eachEntry()) {
    names.push(entry.fileName)
    mkdirSync(dirname(join(directory, entry.fileName)), { recursive: true })
    writeFileSync(join(directory, entry.fileName), await buffer(await archive.openReadStreamPromise(entry)))
  }
  return names
}

test('the extension has a server that works where it was unpacked, and a file for the editor', async () => {
  const { name, bytes } = await vscodeExtension()
  expect(name).toMatch(/^abi3lint-\d+\.\d+\.\d+\.vsix$/)
  // An editor unpacks it into a directory with any name.
  const directory = folder({ 'place of \xe9ditor/x': '' })
  const names = await unpack(bytes, directory)
  expect(names.slice(0, 2)).toEqual(['extension.vsixmanifest', '[Content_Types].xml'])
  for (const each of ['package.json', 'README.md', 'LICENSE.txt', 'THIRD-PARTY-LICENSES.txt', 'extension.cjs'])
    expect(names).toContain(`extension/${each}`)
  const extension = join(directory, 'extension')

  const client = new Client(folder({ 'a.c': bad }), { program: join(extension, 'dist/abi3lint.js') })
  await client.initialize()
  await client.open('a.c', bad)
  expect(await client.diagnostics('a.c')).toHaveLength(1)
  expect(await client.end()).toBe(0)

  // That the editor's own module is all that it asks for besides is for esbuild.
  expect(new Script(readFileSync(join(extension, 'extension.cjs'), 'utf8'))).toBeInstanceOf(Script)
})
