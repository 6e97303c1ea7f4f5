import { type CompletionItem, CompletionItemKind, MarkupKind } from 'vscode-languageserver/node'
import { showVersion } from '../../analyzer/knowledge/version.ts'
import { rules } from '../../rules/index.ts'
import { shims } from '../../rules/shims/index.ts'
import type { Shim } from '../../rules/shims/shim.ts'
import type { PlacedText, Position } from './placed-text.ts'

/** What may stand at a place: names of rules in a comment that suppresses them, else shims. */
export function completionsAt(text: PlacedText, place: Position): CompletionItem[] {
  const offset = text.offsetAt(place)
  const before = text.before(offset)
  const inList = /abi3lint:\s*(?:ignore|ignore-file|disable|enable)\[([^\]*]*)$/.exec(before)
  if (inList) {
    const begun = /[\w-]*$/.exec(inList[1]!)![0]
    const range = text.rangeOf({ start: offset - begun.length, end: offset })
    return rules.map(({ name, summary }) => ({
      label: name,
      kind: CompletionItemKind.EnumMember,
      detail: summary,
      textEdit: { range, newText: name },
    }))
  }
  const word = /\w*$/.exec(before)![0]
  return word !== '' && (word.startsWith('Pep') || 'Pep'.startsWith(word)) ? shimItems() : []
}

let known: CompletionItem[] | null = null

/** All shims; they are the same everywhere. */
function shimItems(): CompletionItem[] {
  known ??= [...shims].map(([name, shim]) => ({
    label: name,
    kind: CompletionItemKind.Function,
    detail: `${shim.replaces.length > 0 ? `for ${shim.replaces.join(', ')}; ` : ''}${levelsOf(shim)}`,
    documentation: { kind: MarkupKind.Markdown, value: documentation(name, shim) },
  }))
  return known
}

const levelsOf = ({ since, until }: Shim): string =>
  `from level ${showVersion(since)} on${until === null ? '' : `, needed up to ${showVersion(until - 1)}`}`

function documentation(name: string, { limited, differs }: Shim): string {
  const signature = new RegExp(`static inline ([^{};]*\\b${name}\\([^{};]*\\))`).exec(limited)?.[1] ?? name
  return `\`\`\`c\n${signature.replace(/\s+/g, ' ')}\n\`\`\`\n${differs}`
}
