import type { MacroDefinition } from '../../preprocess/directives.ts'
import { parameterNumber } from '../../preprocess/parameters.ts'
import { type Pasting, pastings } from '../../preprocess/pasting.ts'
import { isMemberOperator, isPunctuation, Kind, type Tokens, tokenText } from '../../preprocess/scanner.ts'
import type { Offset } from '../../source/text.ts'
import type { PastedFacts } from '../file-facts.ts'
import type { ScannedFile } from '../scanned-file.ts'
import type { Interest } from './interest.ts'

/** The names that bodies of macros put together. */
export interface PastedNames {
  /** Of each macro that has any, by index: all of them. */
  readonly byMacro: ReadonlyMap<number, readonly Pasting[]>
  /** Those that are no fields. */
  readonly uses: PastedFacts['uses']
}

/** Where parameters stand in a body that may be the names of what it declares: `struct spam name;`, `} name`. */
function declaredNames(tokens: Tokens, { parameters, firstToken, endToken }: MacroDefinition): Offset[] {
  const found: Offset[] = []
  if (parameters === null) return found
  for (let at = firstToken + 1; at < endToken; at++) {
    if (tokens.kind[at] !== Kind.identifier || parameterNumber(parameters, tokenText(tokens, at)) < 0) continue
    const isBehindType =
      tokens.kind[at - 1] === Kind.identifier ||
      isPunctuation(tokens, at - 1, '*') ||
      isPunctuation(tokens, at - 1, '}')
    const isLast = at + 1 === endToken || [';', '=', '[', ','].some((each) => isPunctuation(tokens, at + 1, each))
    if (isBehindType && isLast) found.push(tokens.start[at]!)
  }
  return found
}

/** @param interest is told the fields among them, and what may be the names of what they declare */
export function pastedNames({ tokens, directives, possible }: ScannedFile, interest: Interest): PastedNames {
  const byMacro = new Map<number, readonly Pasting[]>()
  const uses: PastedFacts['uses'][number][] = []
  directives.macros.forEach((macro, index) => {
    const found = possible[macro.region] ? pastings(tokens, macro) : []
    if (found.length > 0) byMacro.set(index, found)
    for (const { start, end, firstToken, endToken, parts } of found) {
      if (firstToken > macro.firstToken && isMemberOperator(tokens, firstToken - 1)) interest.add(start, index)
      else {
        const called = endToken < macro.endToken && isPunctuation(tokens, endToken, '(')
        uses.push({ name: parts, start, end, region: macro.region, macro: index, called })
      }
    }
    if (possible[macro.region]) for (const start of declaredNames(tokens, macro)) interest.add(start, index)
  })
  return { byMacro, uses }
}
