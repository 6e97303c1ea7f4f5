import { Argument, type Command } from 'commander'
import { projectFrom } from './project-flags.ts'
import type { Terminal } from './terminal.ts'

/** Adds `config` and `init`. @param terminal opens one */
export function addConfigCommands(program: Command, terminal: () => Terminal): void {
  program
    .command('config')
    .description('show: what counts here, or for a file; check: whether configurations are right; schema: for editors')
    .addArgument(new Argument('<action>', 'what to do').choices(['show', 'check', 'schema']))
    .argument('[files...]')
    .option('--config <file>', 'the configuration (default: the closest one up from the current directory)')
    .action(async (action: 'show' | 'check' | 'schema', files: string[], flags: { readonly config?: string }) => {
      const { config } = await import('./commands/config.ts')
      process.exitCode = await config(action, files, flags.config ?? null, terminal())
    })
  program
    .command('init')
    .description('write abi3lint.toml for the current directory, and show what to write for pre-commit and CI')
    .option('-y, --yes', 'ask nothing', false)
    .action(async (flags: { readonly yes: boolean }) => {
      const { init } = await import('./commands/init.ts')
      const none = { includeDirectory: [], define: [], undefine: [], jobs: 'auto', quiet: true, exclude: true }
      process.exitCode = await init(await projectFrom([], { ...none, isolated: true }), flags.yes, terminal())
    })
}
