/** The languages that there are grammars of. */
export type Dialect = 'c' | 'cpp'

/** Files that are shipped with the tool: the parser, and its grammars. */
export type WasmFile = 'web-tree-sitter.wasm' | 'tree-sitter-c.wasm' | 'tree-sitter-cpp.wasm'
