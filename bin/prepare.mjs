// npm's "prepare": builds after an install from a checkout. Where npm itself packs a checkout (`npm install git+...`,
// as pre-commit does), a global install leaks its settings into that step and the tools to build with are missing:
// then they are installed first, into the checkout.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

try {
  await import('esbuild')
} catch {
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^npm_config_(?:global|location|prefix|local_prefix|omit|include|only|production|dry_run)$/i.test(name),
    ),
  )
  const install = spawnSync('npm', ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...environment, NODE_ENV: 'development' },
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (install.status !== 0) process.exit(install.status ?? 1)
}
await import('./build.mjs')
