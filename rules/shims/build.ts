import { type Minor, showVersionHex } from '../../analyzer/knowledge/version.ts'

/**
 * Text for builds without the Limited API: the real thing where the headers are of this version or newer, before that
 * the same code as under the Limited API. Only such builds ask for the version of the headers.
 * @param minor the first version whose headers have the real thing
 * @param real macros for it
 * @param code what `limited` says too
 */
export const fromHeaders = (minor: Minor, real: string, code: string): string =>
  `#if PY_VERSION_HEX >= ${showVersionHex(minor)}\n${real.trim()}\n#else\n${code.trim()}\n#endif`

/**
 * Text for builds without the Limited API: the real thing as long as the headers have it undeprecated, then the same
 * code as under the Limited API.
 * @param minor the first version whose headers lack or deprecate it
 */
export const untilHeaders = (minor: Minor, real: string, code: string): string =>
  `#if PY_VERSION_HEX < ${showVersionHex(minor)}\n${real.trim()}\n#else\n${code.trim()}\n#endif`

/** Macros that make names other names for the real things: `{ PepRun_String: 'PyRun_String' }`. */
export const aliases = (names: Readonly<Record<string, string>>): string =>
  Object.entries(names)
    .map(([name, real]) => `#define ${name} ${real}`)
    .join('\n')
