import type { PastedName } from '../../facts/file-facts.ts'
import type { Offset } from '../../source/text.ts'
import type { Sources } from '../sources.ts'

/**
 * The names that a macro makes of parts, as it is called.
 * @param name of the macro, whichever of its definitions makes them
 * @param parts text, and parameters by number
 * @returns null where one of its calls is not understood, or it is named elsewhere
 */
export function namesMadeBy(sources: Sources, name: string, parts: PastedName): ReadonlySet<string> | null {
  const made = new Set<string>()
  for (const { file, offset } of sources.references(name)) {
    const code = sources.code(file)
    if (code.definesMacro(offset) || isUndefined(sources.text(file), offset)) continue
    const operands = code.isInDirective(offset) ? null : operandsBehind(sources.text(file), offset + name.length)
    const texts = parts.map((part) => (typeof part === 'string' ? part : (operands?.[part] ?? null)))
    if (operands === null || texts.some((text) => text === null || !/^\w+$/.test(text))) return null
    made.add(texts.join(''))
  }
  return made
}

/** `#undef name` */
const isUndefined = (text: string, offset: Offset): boolean =>
  /#[ \t]*undef[ \t]+$/.test(text.slice(Math.max(0, offset - longestDirective), offset))

const longestDirective = 40

/** What stands between the commas of a call, whose parenthesis comes next; null where it is no plain one. */
function operandsBehind(text: string, from: Offset): readonly string[] | null {
  const [head] = /^[ \t]*\(/.exec(text.slice(from, from + longestDirective)) ?? []
  if (head === undefined) return null
  const operands = ['']
  let depth = 0
  for (const character of text.slice(from + head.length, from + longestCall)) {
    if (character === ')' && depth === 0) return operands.map((each) => each.trim())
    if (character === '(') depth++
    if (character === ')') depth--
    if (/["'/#{}]/.test(character)) return operandsOrNull(operands)
    if (character === ',' && depth === 0) operands.push('')
    else operands[operands.length - 1] += character
  }
  return null
}

/** Of a call that strings or comments stand in, the operands before those. */
const operandsOrNull = (operands: readonly string[]): readonly string[] | null =>
  operands.length > 1 ? operands.slice(0, -1).map((each) => each.trim()) : null

/** Characters of a call that are looked at. */
const longestCall = 2000
