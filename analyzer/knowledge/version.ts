/**
 * CPython versions as the tool knows them: 3.x, held as the minor number alone.
 * Python versions are never compared as strings or by semver.
 */

/** The minor number of a CPython 3 version: 9 for 3.9. An integer from 2 to 15. */
export type Minor = number

/** The oldest version with a Limited API (PEP 384). */
export const oldest: Minor = 2
/** The newest version whose headers the knowledge table was generated from. */
export const newest: Minor = 15
/** The oldest version that gets security fixes, as of November 2026 (PEP 619 ended 3.10 in October). */
export const oldestSupported: Minor = 11
/** The oldest level of abi3t (PEP 803). */
export const oldestAbi3t: Minor = 15

/** `3.9` for 9. */
export const showVersion = (minor: Minor): string => `3.${minor}`

/** Reads `3.9`; null where the text is no CPython version that has a Limited API. */
export function parseVersion(text: string): Minor | null {
  const match = /^3\.(\d{1,2})$/.exec(text.trim())
  if (!match) return null
  const minor = Number(match[1])
  return minor >= oldest && minor <= newest ? minor : null
}

/**
 * The value of `PY_VERSION_HEX` or `Py_LIMITED_API` for a version: 0x03090000 for 9, without micro and release level.
 */
export const versionHex = (minor: Minor): number => 0x03000000 + minor * 0x10000

/** The value of `PY_VERSION_HEX` in the first final release of a version: 0x030900F0 for 9. */
export const finalVersionHex = (minor: Minor): number => versionHex(minor) + 0xf0

/** `0x03090000` for 9, as it is written in sources. */
export const showVersionHex = (minor: Minor): string => `0x03${minor.toString(16).toUpperCase().padStart(2, '0')}0000`
