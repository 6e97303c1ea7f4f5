import { commands, type ExtensionContext } from 'vscode'
import { LanguageClient, TransportKind } from 'vscode-languageclient/node'

/** The extension for Visual Studio Code: starts the server that is packed with it, on the Node of the editor. */

let client: LanguageClient | null = null

/** Called by the editor when the first C or C++ file is opened. */
export async function activate(context: ExtensionContext): Promise<void> {
  const server = {
    module: context.asAbsolutePath('dist/abi3lint.js'),
    args: ['server'],
    transport: TransportKind.stdio,
  }
  client = new LanguageClient('abi3lint', server, {
    documentSelector: ['c', 'cpp'].map((language) => ({ scheme: 'file', language })),
  })
  context.subscriptions.push(commands.registerCommand('abi3lint.restart', () => client?.restart()))
  await client.start()
}

/** Called by the editor before it ends. */
export const deactivate = async (): Promise<void> => client?.stop()
