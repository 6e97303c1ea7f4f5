import { Language, type Node, Parser, type Range } from 'web-tree-sitter'
import type { Dialect, WasmFile } from './grammar.ts'

/**
 * The only importer of web-tree-sitter. It owns every parser and every tree: a tree lives as long as the function that
 * gets it and is deleted whatever happens, because reading a node after that gives garbage without an error.
 */

export type SyntaxNode = Node
export type { Dialect, WasmFile }

export interface Syntax {
  /**
   * Parses a text and hands the tree to `use`.
   * @param text with one character per byte; a node's `startIndex` and `endIndex` are offsets into it
   * @throws what `use` throws; and where the parser runs out of memory
   */
  parse<T>(dialect: Dialect, text: string, use: (root: SyntaxNode) => T): T
  /**
   * Parses parts of a text one after the other, each as if it stood alone, and hands over their trees, of which no two
   * are there at a time. Offsets are those of the whole text.
   * @param parts in order; their lines count from 0
   * @throws as `parse`
   */
  parseParts(dialect: Dialect, text: string, parts: readonly TextPart[], use: (root: SyntaxNode) => void): void
}

/** From the beginning of a line to that of another, or to the end of the text. */
export interface TextPart {
  readonly start: number
  readonly end: number
  readonly line: number
  readonly endLine: number
}

/** A parser whose languages can be loaded. */
export type StartedSyntax = Syntax & { ready(dialect: Dialect): Promise<void> }

/**
 * Starts the parser. C++ is loaded with the first C++ file, by `ready`.
 * @param wasm reads a file that is shipped with the tool
 */
export async function startSyntax(wasm: (file: WasmFile) => Promise<Uint8Array>): Promise<StartedSyntax> {
  // Read together, since each waits for the disk.
  const grammar = wasm('tree-sitter-c.wasm')
  await Parser.init({ wasmBinary: await wasm('web-tree-sitter.wasm') } as unknown as Parameters<typeof Parser.init>[0])
  const parsers = new Map<Dialect, Parser>()

  const parserFor = (dialect: Dialect): Parser => {
    const parser = parsers.get(dialect)
    if (!parser) throw new Error(`the grammar of ${dialect} is not loaded`)
    return parser
  }
  return {
    async ready(dialect) {
      if (parsers.has(dialect)) return
      const language = await Language.load(await (dialect === 'c' ? grammar : wasm(`tree-sitter-${dialect}.wasm`)))
      const parser = new Parser()
      parser.setLanguage(language)
      parsers.set(dialect, parser)
    },
    parse(dialect, text, use) {
      return withTree(parserFor(dialect), text, withLetters(text), null, use)
    },
    parseParts(dialect, text, parts, use) {
      const letters = withLetters(text)
      for (const part of parts) {
        const isAll = part.end - part.start === text.length
        withTree(parserFor(dialect), text, letters, isAll ? null : part, use)
      }
    },
  }
}

/** @param letters what the parser is shown: letters where the text, which nodes are asked for, has bytes of them */
function withTree<T>(
  parser: Parser,
  text: string,
  letters: string,
  part: TextPart | null,
  use: (root: SyntaxNode) => T,
): T {
  let shown = letters
  const tree = parser.parse((index) => shown.slice(index), null, part ? { includedRanges: [rangeOf(part)] } : undefined)
  shown = text
  if (!tree) throw new Error('the parser gave no tree')
  try {
    return use(tree.rootNode)
  } finally {
    tree.delete()
  }
}

const rangeOf = ({ start, end, line, endLine }: TextPart): Range => ({
  startIndex: start,
  endIndex: end,
  startPosition: { row: line, column: 0 },
  endPosition: { row: endLine, column: 0 },
})

/**
 * A text with a letter for each byte that is not ASCII: in names these are parts of letters, which one byte alone most
 * often is not. A NUL, which the grammars take for the end of the text, is a blank.
 */
const withLetters = (text: string): string =>
  text.replace(/[\0\x80-\xff]/g, (byte) =>
    byte === '\0' ? ' ' : String.fromCharCode(byte.charCodeAt(0) + firstLetter - 0x80),
  )

/** From here on 128 characters are letters. */
const firstLetter = 0x100
