import type { Pasting } from '../../preprocess/pasting.ts'
import { isSameLine, Kind } from '../../preprocess/scanner.ts'
import type { TokenIndex } from '../../source/text.ts'
import type { MacroCallText, PastedName } from '../file-facts.ts'
import type { ScannedFile } from '../scanned-file.ts'

/** Tokens of a call that are looked at. */
const longest = 400

/**
 * A call: what is called, and the identifiers that its arguments begin with.
 * @param callee the name, before a parenthesis
 * @param macro the index of the macro in whose body it stands, or -1
 * @param pasted the names that bodies of macros put together, by macro
 */
export function macroCallText(
  { tokens, directives, regions }: ScannedFile,
  callee: TokenIndex,
  macro: number,
  pasted: ReadonlyMap<number, readonly Pasting[]>,
): MacroCallText {
  const { text, count, kind, start, end } = tokens
  const parameters = macro < 0 ? null : directives.macros[macro]!.parameters
  const nameAt = (token: TokenIndex): PastedName => {
    const name = text.slice(start[token], end[token])
    const parameter = parameters?.indexOf(name) ?? -1
    const pasting = pasted.get(macro)?.find((each) => each.start === start[token])
    return pasting ? pasting.parts : [parameter >= 0 ? parameter : name]
  }
  /** The argument that begins with a token and ends before another one. */
  const operand = (first: TokenIndex, after: TokenIndex): MacroCallText['operands'][number] => {
    if (first === after) return { name: [''], start: start[after]!, end: start[after]!, whole: true }
    if (kind[first] !== Kind.identifier && kind[first] !== Kind.number) return null
    const name = nameAt(first)
    // A pasted name is one operand of several tokens.
    const whole = first + 1 === after || name.length * 2 - 1 === after - first
    return { name, start: start[first]!, end: end[first]!, whole }
  }
  const operands: MacroCallText['operands'][number][] = []
  let depth = 0
  let first = callee + 2
  for (let at = callee + 1; at < count && at < callee + longest && isSameLine(tokens, at, callee); at++) {
    const code = kind[at] === Kind.punctuation ? text.charCodeAt(start[at]!) : 0
    if (code === 40 || code === 91 || code === 123) depth++
    const closes = (code === 41 || code === 93 || code === 125) && --depth === 0
    if (!closes && !(code === 44 && depth === 1)) continue
    if (first < at || operands.length > 0 || !closes) operands.push(operand(first, at))
    first = at + 1
    if (closes) break
  }
  return { callee: nameAt(callee), offset: start[callee]!, region: regions.at(start[callee]!), macro, operands }
}
