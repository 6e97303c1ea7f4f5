import type { MacroDefinition } from '../preprocess/directives.ts'
import { parameterNumber } from '../preprocess/parameters.ts'
import { isPunctuation, Kind, type Tokens, tokenText } from '../preprocess/scanner.ts'
import type { Expression, FileFacts, MacroFact, Use } from './file-facts.ts'
import type { ScannedFile } from './scanned-file.ts'
import { OpenCalls } from './tokens/open-calls.ts'

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
    arguments: placesOfArguments(tokens, macro),
    value: macro.value,
    result: results.get(index) ?? simpleResult(tokens, macro),
    region: macro.region,
  }))

/**
 * Where the arguments of a call of a macro come out of it, by parameter; null where each comes out as code of its own
 * and not only as an argument of another call.
 */
function placesOfArguments(tokens: Tokens, macro: MacroDefinition): MacroFact['arguments'] {
  const { parameters, firstToken, endToken } = macro
  if (parameters === null || parameters.length === 0) return null
  const places: Use['within'][][] = parameters.map(() => [])
  const calls = new OpenCalls()
  for (let at = firstToken; at < endToken; at++) {
    const isAt = (index: number, mark: string): boolean =>
      firstToken <= index && index < endToken && isPunctuation(tokens, index, mark)
    const word = tokenText(tokens, at)
    if (tokens.kind[at] === Kind.punctuation) {
      // What a parameter calls is told by each call of the macro: taken for a function.
      const before = isAt(at, '(') && at > firstToken && tokens.kind[at - 1] === Kind.identifier ? at - 1 : -1
      const callee = before < 0 ? null : tokenText(tokens, before)
      calls.pass(word.charCodeAt(0), callee !== null && parameterNumber(parameters, callee) >= 0 ? null : callee)
      continue
    }
    const parameter = parameterNumber(
      parameters,
      word === '__VA_ARGS__' && parameterNumber(parameters, word) < 0 ? '...' : word,
    )
    if (parameter < 0 || isAt(at - 1, '#')) continue
    // `, ## args` takes the comma away where there are no arguments, and pastes nothing
    const isPasted = (isAt(at - 1, '##') && !isAt(at - 2, ',')) || isAt(at + 1, '##')
    if (!isPasted || word === '__VA_ARGS__') places[parameter]!.push(calls.around())
  }
  return places.every((each) => each.some((calls) => calls.length === 0)) ? null : places
}

/** `#define OLD new` and `#define OLD(a) new(a)` give what `new` gives, which needs no parser. */
function simpleResult(tokens: Tokens, macro: MacroDefinition): Expression {
  if (macro.endToken - macro.firstToken !== 1) return null
  const name = tokens.text.slice(macro.bodyStart, macro.bodyEnd)
  return /^[A-Za-z_]\w*$/.test(name) ? ['name', name] : null
}
