import type { CodeLens } from 'vscode-languageserver/node'
import type { Findings } from './checked-file.ts'
import { staticTypes } from './code-actions.ts'
import type { Document } from './documents.ts'

/** What a lens runs: with the URI of a document. */
export const rewriteTypesCommand = 'abi3lint.rewriteTypes'

/** A lens on each static type that can be a heap type. @param confirms whether the editor asks before it makes edits */
export const lensesFor = ({ uri, text }: Document, { diagnostics }: Findings, confirms: boolean): CodeLens[] =>
  diagnostics.flatMap((each) =>
    each.rule === staticTypes && each.fix !== null
      ? [
          {
            range: text.rangeOf(each),
            command: {
              title: confirms ? 'make it a heap type: preview' : 'make it a heap type',
              command: rewriteTypesCommand,
              arguments: [uri],
            },
          },
        ]
      : [],
  )
