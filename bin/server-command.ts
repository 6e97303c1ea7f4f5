import type { Command } from 'commander'

/** Adds `abi3lint server`. What it needs is loaded where somebody starts it. */
export const addServerCommand = (program: Command): Command =>
  program
    .command('server')
    .description('answer an editor over stdin and stdout, by the Language Server Protocol; the configuration holds')
    .option('--stdio', 'what it does anyway: some editors say so')
    // vscode-languageserver reads it, and so does whoever follows the protocol: Visual Studio Code always says it.
    .option('--clientProcessId <id>', 'the process of the editor, with which the server ends')
    .action(async () => {
      const { serve } = await import('./server/server.ts')
      await serve()
    })
