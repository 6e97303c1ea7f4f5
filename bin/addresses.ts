import { spawnSync } from 'node:child_process'
import { Exit } from './exit.ts'

/**
 * V8 reserves eight gigabytes of addresses for each memory of WebAssembly, so that it need not check bounds. Where
 * addresses are limited (`ulimit -v`), the parser cannot start that way. Source: `node --help`.
 */

const option = '--disable-wasm-trap-handler'

/** Whether something was thrown since there were too few addresses. */
export const lacksAddresses = (error: unknown): boolean =>
  error instanceof RangeError && error.message.startsWith('WebAssembly.Memory()')

/** Starts the program anew so that it checks bounds, which takes longer. @returns its exit code */
export function startWithFewAddresses(): number {
  if (!process.execArgv.includes(option)) {
    const words = [option, ...process.execArgv, ...process.argv.slice(1)]
    const { status } = spawnSync(process.execPath, words, { stdio: 'inherit' })
    if (status !== null) return status
  }
  process.stderr.write('error: there is too little memory for the parser (see ulimit -v)\n')
  return Exit.unusable
}
