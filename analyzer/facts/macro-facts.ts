import type { MacroDefinition } from '../preprocess/directives.ts'
import { isPunctuation, type Tokens, tokenText } from '../preprocess/scanner.ts'
import type { Expression, FileFacts } from './file-facts.ts'
import type { ScannedFile } from './scanned-file.ts'

/** The macros that a file defines. @param results what those give whose bodies were parsed, by index */
export const macroFacts = (
  { tokens, directives }: ScannedFile,
  results: ReadonlyMap<number, Expression>,
): FileFacts['macros'] =>
  directives.macros.map((macro, index) => ({
    name: macro.name,
    offset: macro.offset,
    bodyStart: macro.bodyStart,
    bodyEnd: macro.bodyEnd,
    parameters: macro.parameters,
    drops: droppedParameters(tokens, macro),
    value: macro.value,
    result: results.get(index) ?? simpleResult(tokens, macro),
    region: macro.region,
  }))

/**
 * The parameters whose arguments do not come out of a macro: not mentioned, or only pasted part of a name or a string;
 * null where all do.
 */
function droppedParameters(tokens: Tokens, macro: MacroDefinition): readonly number[] | null {
  if (macro.parameters === null || macro.parameters.length === 0) return null
  const words = new Set<string>()
  for (let at = macro.firstToken; at < macro.endToken; at++) {
    const isAt = (index: number, mark: string): boolean =>
      macro.firstToken <= index && index < macro.endToken && isPunctuation(tokens, index, mark)
    // `, ## args` takes the comma away where there are no arguments, and pastes nothing
    const isPasted = (isAt(at - 1, '##') && !isAt(at - 2, ',')) || isAt(at + 1, '##')
    const word = tokenText(tokens, at)
    if ((!isPasted || word === '__VA_ARGS__') && !isAt(at - 1, '#')) words.add(word)
  }
  const dropped = macro.parameters.flatMap((name, index) =>
    words.has(name) || (name === '...' && words.has('__VA_ARGS__')) ? [] : [index],
  )
  return dropped.length > 0 ? dropped : null
}

/** `#define OLD new` and `#define OLD(a) new(a)` give what `new` gives, which needs no parser. */
function simpleResult(tokens: Tokens, macro: MacroDefinition): Expression {
  if (macro.endToken - macro.firstToken !== 1) return null
  const name = tokens.text.slice(macro.bodyStart, macro.bodyEnd)
  return /^[A-Za-z_]\w*$/.test(name) ? ['name', name] : null
}
