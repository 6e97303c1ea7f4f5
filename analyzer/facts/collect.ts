import { cpythonShapes } from '../preprocess/shapes.ts'
import type { Dialect, Syntax } from '../syntax/parse.ts'
import { collectCode, nestsTooDeep } from './code-views.ts'
import type { CollectContext } from './context.ts'
import type { FileFacts, Use, UseContext } from './file-facts.ts'
import { collectBodies, noBodyFacts } from './macro-bodies.ts'
import { macroFacts } from './macro-facts.ts'
import { type ScannedFile, scanFile } from './scanned-file.ts'
import { tokenFacts } from './tokens/token-facts.ts'
import { TreeFacts } from './tree-facts.ts'

/**
 * Collects the facts of one file.
 * @param path of the file, as reports show it
 * @param text with one character per byte
 * @param parse false for a file that cannot hold facts about the C API: then only its directives and bodies of macros
 * are read
 */
export function collectFacts(
  syntax: Syntax,
  path: string,
  text: string,
  dialect: Dialect,
  context: CollectContext,
  parse = true,
): FileFacts {
  const file = scanFile(path, text, dialect)
  const { tokens, directives } = file
  const found = tokenFacts(file, context)
  const trees = new TreeFacts(file, found)
  const isTooDeep = parse && nestsTooDeep(tokens)
  if (isTooDeep) trees.addUnparsed(0, text.length)
  else if (parse) collectCode(syntax, file, context, found, trees)
  const bodies = isTooDeep ? noBodyFacts : collectBodies(syntax, file, context, found, trees, !parse)
  return {
    file: path,
    dialect,
    size: text.length,
    regions: directives.regions.map(({ parent, condition, start, end, group }) => ({
      parent,
      condition,
      start,
      end,
      group,
    })),
    includes: directives.includes.map(({ path, quoted, offset, region }) => ({ path, quoted, offset, region })),
    macros: macroFacts(file, bodies.results),
    undefinitions: directives.undefinitions,
    uses: parse ? usesInContext(file, context, found.uses, trees.useContexts) : [],
    ...trees.facts(),
    macroCallTexts: found.macroCallTexts,
    pasted: { uses: found.pastedUses, ...bodies.pasted },
    names: found.names,
  }
}

/** Uses with how they stand in the code. @param contexts by the offset of the name */
const usesInContext = (
  file: ScannedFile,
  { vocabulary }: CollectContext,
  uses: readonly Use[],
  contexts: ReadonlyMap<number, UseContext>,
): readonly Use[] =>
  uses.map((use) => {
    const isRewritable = vocabulary.rewritable.has(use.name)
    const alias = isRewritable ? aliasContext(file, use) : null
    const context =
      alias ?? contexts.get(use.start) ?? (isRewritable ? (blockContext(use) ?? structContext(file, use)) : null)
    if (context === null) return use
    // Written out, an object takes half as much memory as one that is made of another.
    const { name, start, region, macro, called, within, ...more } = use
    return { context, name, start, region, macro, called, within, ...more }
  })

/** `Py_BEGIN_CRITICAL_SECTION(o);`, which begins or ends a block and is no expression: of it the name is all. */
const blockContext = ({ name, start }: Use): UseContext | null =>
  cpythonShapes.get(name) === 'empty' ? { start, end: start + name.length, operands: [], role: 'value' } : null

/**
 * `_Py_Identifier *id`, `_Py_Identifier id = _Py_static_string_init("id")`: a struct that another one may stand for,
 * unless somebody writes its fields in their order. Those of `Py_complex` are the same.
 */
function structContext({ tokens }: ScannedFile, { name, start }: Use): UseContext | null {
  const end = start + name.length
  if (name === 'Py_complex') return { start, end, operands: [], role: 'value' }
  if (name !== '_Py_Identifier') return null
  const rest = tokens.text.slice(end, end + 500)
  const isPlain =
    /^\s*(?:\*|(?:\w+\s*(?:\[\s*(?:\w+\s*)?\]\s*)?=\s*(?:\{\s*)?_?P(?:y|ep)_static_string_init\b)|\w+\s*;)/.test(rest)
  return isPlain ? { start, end, operands: [], role: 'value' } : null
}

/** `#define OLD PyTuple_GET_ITEM`: a name that is all of a macro's body. */
function aliasContext({ tokens, directives }: ScannedFile, { name, start, macro: index }: Use): UseContext | null {
  const macro = index < 0 ? null : directives.macros[index]!
  if (macro === null || macro.parameters !== null) return null
  if (tokens.text.slice(macro.bodyStart, macro.bodyEnd).trim() !== name) return null
  const end = start + name.length
  return { start, end, operands: [], role: 'value', alias: macro.offset + macro.name.length }
}
