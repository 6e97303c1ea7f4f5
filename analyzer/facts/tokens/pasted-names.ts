import { type Pasting, pastings } from '../../preprocess/pasting.ts'
import { isMemberOperator, isPunctuation } from '../../preprocess/scanner.ts'
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

/** @param interest is told the fields among them */
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
  })
  return { byMacro, uses }
}
