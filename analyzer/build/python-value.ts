import type { BuildFile } from './build-file.ts'
import { type BuildText, buildText, expressionAt } from './build-text.ts'
import { type LevelValue, readLevel } from './level-value.ts'

const running = /\b(?:version_info|hexversion|python_version(?:_tuple)?|py_version_nodot)\b/

/** The value that an expression in `setup.py` gives a macro, as far as it can be read. */
export function pythonValue(text: BuildText, expression: string, depth = 0): LevelValue {
  const plain = expression.trim()
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
  const match = /^([rRbBuU]?)(["'])((?:(?!\2)[^\\\n])*)\2$/.exec(expression.trim())
  return match ? match[3]! : null
}

/** What a name is set to, where the file sets it once; null else. */
export function assignment(text: BuildText, name: string): string | null {
  const places = [...text.skeleton.matchAll(new RegExp(`^[ \\t]*${name}[ \\t]*(?::[^=\\n]*)?=(?!=)[ \\t]*`, 'gm'))]
  return places.length === 1 ? expressionAt(text, places[0]!.index + places[0]![0].length, true).text : null
}

/** Whether a `setup.py` does different things on different Pythons. */
export const asksForPython = (file: BuildFile): boolean => running.test(buildText(file).code)
