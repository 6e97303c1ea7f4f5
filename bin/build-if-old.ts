import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const program = join(root, 'dist/abi3lint.js')

/** Builds the program if it is older than its sources: once for all test files, before the first. */
export function setup(): void {
  const newest = (folder: string): number =>
    Math.max(
      ...readdirSync(folder, { withFileTypes: true }).map((entry) => {
        const path = join(folder, entry.name)
        return entry.isDirectory() ? newest(path) : entry.name.endsWith('.test.ts') ? 0 : statSync(path).mtimeMs
      }),
    )
  const sources = Math.max(...['bin', 'analyzer', 'rules', 'reports'].map((folder) => newest(join(root, folder))))
  if (existsSync(program) && statSync(program).mtimeMs >= sources) return
  execFileSync('node', ['bin/build.mjs'], { cwd: root })
}
