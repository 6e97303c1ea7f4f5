import { type Minor, newest, oldest, showVersion, showVersionHex, versionHex } from '../knowledge/version.ts'
import { integerLiteral } from '../preprocess/condition-parser.ts'

/** What a build sets `Py_LIMITED_API` or `Py_TARGET_ABI3T` to. */
export type LevelValue =
  | { readonly kind: 'number'; readonly value: number }
  /** Defined, to nothing. */
  | { readonly kind: 'empty' }
  /** The version of the Python that builds. */
  | { readonly kind: 'floating' }
  /** What no `#if` can compare: `3.10`, `"3.10"`. */
  | { readonly kind: 'no-number'; readonly text: string }
  | { readonly kind: 'unknown' }

/** Longer values are none of a level. */
const longestLevel = 200

/** Reads a value as it stands on a command line or in a macro's body. */
export function readLevel(text: string): LevelValue {
  if (text.length > longestLevel) return { kind: 'unknown' }
  const plain = text
    .trim()
    .replace(/^\((.*)\)$/, '$1')
    .trim()
  if (plain === '') return { kind: 'empty' }
  const number = integerLiteral(plain)
  if (number !== null) return { kind: 'number', value: number }
  if (/\bPY_VERSION_HEX\b|\bPY_MINOR_VERSION\b|Python3?_VERSION/.test(plain)) return { kind: 'floating' }
  const digits = plain.replace(/^(?:\\?["'])+|(?:\\?["'])+$/g, '')
  return /^[\d.]+$/.test(digits) ? { kind: 'no-number', text: digits } : { kind: 'unknown' }
}

/** The level that a value gives; null where it is no plain level of a version that is known. */
export function levelOf(value: LevelValue): Minor | null {
  if (value.kind !== 'number' || value.value >>> 24 !== 3) return null
  const minor = minorOf(value.value)
  return minor >= oldest && minor <= newest ? minor : null
}

/** Whether it is one of the values that stand for the oldest level. */
export const isImplicit = (value: LevelValue): boolean =>
  value.kind === 'empty' || (value.kind === 'number' && value.value <= 3)

/** A version number that does not say what its author meant. */
export interface Suspicion {
  /** What it says, to go after the number: `is Python 3.16`. */
  readonly says: string
  /** What was meant, as far as it shows. */
  readonly meant: Minor | null
  /** `high`: newer than every Python. `low`: older than every level. `none`: no number at all. */
  readonly kind: 'high' | 'low' | 'none'
}

const minorOf = (value: number): number => (value >>> 16) & 0xff
const known = (minor: number): Minor | null => (minor >= oldest && minor <= newest ? minor : null)

/** What is suspicious about a value; null for nothing. */
export function suspicion(value: LevelValue): Suspicion | null {
  if (value.kind === 'no-number') {
    const minor = /^3\.?(\d{1,2})(?:\.\d+)?$/.exec(value.text)?.[1]
    const meant = minor === undefined ? null : known(Number(minor))
    return { says: 'is no integer, so no `#if` can compare it', meant, kind: 'none' }
  }
  if (value.kind !== 'number' || isImplicit(value)) return null
  const { value: number } = value
  if (number > 0x03ffffff) return { says: `is newer than Python ${showVersion(newest)}`, meant: null, kind: 'high' }
  if (number < 0x03000000) {
    const digits = /^3(\d{1,2})$/.exec(String(number)) ?? /^3(\d{1,2})$/.exec(number.toString(16))
    const meant = digits ? known(Number(digits[1])) : null
    return { says: 'is below every level and acts as 3.2', meant, kind: 'low' }
  }
  const minor = minorOf(number)
  if (minor < oldest) {
    return {
      says: `is Python ${showVersion(minor)}, which has no Limited API`,
      meant: minor === 1 ? known(10) : null,
      kind: 'low',
    }
  }
  if (minor <= newest) return null
  const digits = minor.toString(16)
  const meant = /^1\d$/.test(digits) ? known(Number(digits)) : null
  return { says: `is Python ${showVersion(minor)}`, meant, kind: 'high' }
}

/** What to write instead. */
export const meantAdvice = ({ meant }: Suspicion): string =>
  meant === null
    ? `Write the version as \`0x03MM0000\` with the minor number in hexadecimal: ${showVersion(newest)} is ` +
      `\`${showVersionHex(newest)}\`.`
    : `Write \`${showVersionHex(meant)}\` if ${showVersion(meant)} is meant: the minor number is hexadecimal.`

/** The value that stands for a version. */
export const levelValue = (minor: Minor): LevelValue => ({ kind: 'number', value: versionHex(minor) })
