import { Language, Parser, type Node, type Tree } from 'web-tree-sitter'

/**
 * The only importer of web-tree-sitter. It owns every parser and every tree: a tree lives as long as the function that
 * gets it and is deleted whatever happens, because reading a node after that gives garbage without an error.
 */

export type SyntaxNode = Node
export type SyntaxTree = Tree
export type Dialect = 'c' | 'cpp'

/** Bytes of `web-tree-sitter.wasm`, `tree-sitter-c.wasm` and `tree-sitter-cpp.wasm`. */
export type WasmFile = 'web-tree-sitter.wasm' | 'tree-sitter-c.wasm' | 'tree-sitter-cpp.wasm'

export interface Syntax {
  /**
   * Parses a text and hands the tree to `use`.
   * @param text with one character per byte; a node's `startIndex` and `endIndex` are offsets into it
   * @throws what `use` throws; and where the parser runs out of memory
   */
  parse<T>(dialect: Dialect, text: string, use: (root: SyntaxNode) => T): T
  /** Like `parse`, for several texts of one length that differ little: each is parsed from the tree of the first. */
  parseVariants<T>(dialect: Dialect, texts: readonly string[], use: (root: SyntaxNode, index: number) => T): T[]
}

/**
 * Starts the parser. C++ is loaded with the first C++ file, by `ready`.
 * @param wasm reads a file that is shipped with the tool
 */
export async function startSyntax(wasm: (file: WasmFile) => Promise<Uint8Array>): Promise<Syntax & { ready(dialect: Dialect): Promise<void> }> {
  await Parser.init({ wasmBinary: await wasm('web-tree-sitter.wasm') } as unknown as Parameters<typeof Parser.init>[0])
  const parsers = new Map<Dialect, Parser>()

  const parserFor = (dialect: Dialect): Parser => {
    const parser = parsers.get(dialect)
    if (!parser) throw new Error(`the grammar of ${dialect} is not loaded`)
    return parser
  }
  const parseText = (parser: Parser, text: string, old: Tree | null): Tree => {
    const tree = parser.parse(text, old)
    if (!tree) throw new Error('the parser gave no tree')
    return tree
  }

  return {
    async ready(dialect) {
      if (parsers.has(dialect)) return
      const language = await Language.load(await wasm(`tree-sitter-${dialect}.wasm`))
      const parser = new Parser()
      parser.setLanguage(language)
      parsers.set(dialect, parser)
    },
    parse(dialect, text, use) {
      const tree = parseText(parserFor(dialect), text, null)
      try {
        return use(tree.rootNode)
      } finally {
        tree.delete()
      }
    },
    parseVariants(dialect, texts, use) {
      const parser = parserFor(dialect)
      return texts.map((text, index) => {
        const tree = parseText(parser, text, null)
        try {
          return use(tree.rootNode, index)
        } finally {
          tree.delete()
        }
      })
    },
  }
}
