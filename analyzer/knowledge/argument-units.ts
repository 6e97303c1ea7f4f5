/** The units of formats of `PyArg_Parse*`; source: Doc/c-api/arg.rst. */

/** A unit that takes operands: `O!` takes a type and the address of a variable. */
export interface ArgumentUnit {
  readonly unit: string
  /** The first operand that it takes, from 0 behind the format. */
  readonly first: number
  /** How many it takes. */
  readonly operands: number
}

const units = /e[st]#?|[szy]#|[szywU]\*|O[!&]|[A-Za-z]/y

/** The units of a format that take operands, in order; null for a format that has something else. */
export function argumentUnits(format: string): readonly ArgumentUnit[] | null {
  const found: ArgumentUnit[] = []
  let first = 0
  for (let at = 0; at < format.length; ) {
    const char = format[at]!
    if (char === ':' || char === ';') break
    if (/[|$()\s]/.test(char)) {
      at++
      continue
    }
    units.lastIndex = at
    const unit = units.exec(format)?.[0]
    if (unit === undefined) return null
    const operands = unit.startsWith('e') ? unit.length : /[#!&]$/.test(unit) ? 2 : 1
    found.push({ unit, first, operands })
    first += operands
    at += unit.length
  }
  return found
}
