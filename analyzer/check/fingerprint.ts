import type { FileCode } from '../code/file-code.ts'
import { type Surroundings, surroundingsAt } from '../code/statement-text.ts'
import type { Diagnostic } from './diagnostic.ts'

/** Raised when fingerprints of the same findings come out differently. */
export const fingerprintVersion = 1

/**
 * The fingerprint of a finding in its file.
 * @param code of the file; null where it is no C
 * @param line the one in which it begins: of a file that is no C that is what stands around it
 * @param isOfFile whether it is of the file, whatever stands around it
 */
export function fingerprintIn(
  finding: Pick<Diagnostic, 'rule' | 'symbol' | 'start'>,
  code: FileCode | null,
  line: string,
  isOfFile: boolean,
): string {
  if (isOfFile) return fingerprintOf(finding, { name: '', text: '' })
  if (code === null) return fingerprintOf(finding, { name: '', text: line.replace(/\s+/g, '') })
  return fingerprintOf(finding, surroundingsAt(code, finding.start))
}

/**
 * Names a finding so that it is known again after code was moved, indented or put into another file: by its rule, its
 * symbol and what stands around it, not by where that is. Equal findings in equal statements of a function have the
 * same.
 * @returns 16 hexadecimal digits
 */
export const fingerprintOf = (
  { rule, symbol }: Pick<Diagnostic, 'rule' | 'symbol'>,
  { name, text }: Surroundings,
): string => digestOf(`${rule}\n${symbol}\n${name}\n${text}`)

/**
 * 64 bits of a text: the platforms have no hash function in common that answers at once. Two sums that multiply by odd
 * numbers, each mixed into the other at the end. Nobody is kept from making two texts with the same.
 * @returns 16 hexadecimal digits
 */
export function digestOf(text: string): string {
  let [high, low] = [0x9e3779b9, 0x85ebca6b]
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    high = Math.imul(high ^ unit, 0x2c1b3c6d)
    low = Math.imul(low ^ unit, 0x297a2d39)
  }
  high = mixed(high) ^ low
  low = mixed(low) ^ high
  return [mixed(high), mixed(low)].map((each) => (each >>> 0).toString(16).padStart(8, '0')).join('')
}

/** Each bit of the result hangs on all of the number. */
function mixed(number: number): number {
  const first = Math.imul(number ^ (number >>> 16), 0x45d9f3b)
  const second = Math.imul(first ^ (first >>> 15), 0x119de1f3)
  return second ^ (second >>> 16)
}
