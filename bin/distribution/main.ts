import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makePackages } from './packages.ts'

/** `npm run distribution -- [DIRECTORY]`: makes what is published of what is built, and prints where it is. */
try {
  const usual = join(fileURLToPath(new URL('../..', import.meta.url)), '.cache/distribution')
  const made = makePackages(resolve(process.argv[2] ?? usual))
  for (const [name, path] of Object.entries(made)) process.stdout.write(`${name}: ${relative(process.cwd(), path)}\n`)
} catch (error) {
  process.stderr.write(`error: ${(error as Error).message}\n`)
  process.exitCode = 2
}
