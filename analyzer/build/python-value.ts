import { addTo } from '../source/multimap.ts'
import type { BuildFile } from './build-file.ts'
import { type BuildText, buildText, expressionAt } from './build-text.ts'
import { type LevelValue, readLevel } from './level-value.ts'

const running = /\b(?:version_info|hexversion|python_version(?:_tuple)?|py_version_nodot)\b/

/** Longer expressions are none of a level, a version or a tag. */
export const longestValue = 2000

/** The value that an expression in `setup.py` gives a macro, as far as it can be read. */
export function pythonValue(text: BuildText, expression: string, depth = 0): LevelValue {
  const plain = expression.trim()
  if (plain.length > longestValue) return { kind: 'unknown' }
  // setuptools makes `-DNAME` of it, which is 1.
  if (plain === 'None') return { kind: 'number', value: 1 }
  const string = pythonString(plain)
  if (string !== null) return readLevel(string)
  if (/^0[xX][\da-fA-F_]+$|^\d[\d_]*$/.test(plain)) return readLevel(plain.replace(/_/g, ''))
  if (/\bif\b|\bor\b|\band\b/.test(plain)) return { kind: 'unknown' }
  if (running.test(plain)) return { kind: 'floating' }
  const assigned = /^[A-Za-z_]\w*$/.test(plain) && depth < 4 ? assignment(text, plain) : null
  return assigned === null ? { kind: 'unknown' } : pythonValue(text, assigned, depth + 1)
}

/** The text of a string literal that holds nothing to be filled in; null for everything else. */
export function pythonString(expression: string): string | null {
  const match = /^[rRbBuU]?(?:"([^"\\\n]*)"|'([^'\\\n]*)')$/.exec(expression.trim())
  return match ? (match[1] ?? match[2]!) : null
}

/** What a name is set to, where the file sets it once; null else. */
export function assignment(text: BuildText, name: string): string | null {
  const places = assignmentsTo(text, name).filter(({ adds }) => !adds)
  return places.length === 1 ? expressionAt(text, places[0]!.start, true).text : null
}

/** A line that sets a name. */
interface Assignment {
  /** Where the value begins. */
  readonly start: number
  /** `+=` */
  readonly adds: boolean
  /** `name: type = value` */
  readonly annotated: boolean
}

const assignments = new WeakMap<BuildText, ReadonlyMap<string, readonly Assignment[]>>()

/** The lines that set a name, or add to it, in their order. */
export function assignmentsTo(text: BuildText, name: string): readonly Assignment[] {
  let known = assignments.get(text)
  if (!known) {
    const found = new Map<string, Assignment[]>()
    const lines = text.skeleton.matchAll(/^[ \t]*([A-Za-z_]\w*)[ \t]*(:[^=\n]*)?(\+?)=(?!=)[ \t]*/gm)
    for (const { index, 0: whole, 1: set, 2: type, 3: sign } of lines)
      addTo(found, set!, { start: index + whole.length, adds: sign !== '', annotated: type !== undefined })
    known = found
    assignments.set(text, known)
  }
  return known.get(name) ?? []
}

/** Whether a `setup.py` does different things on different Pythons. */
export const asksForPython = (file: BuildFile): boolean => running.test(buildText(file).code)
