import posix from 'path-browserify'

/** The name of the header in which the shims of a package stand. */
export const shimHeaderName = 'pep_shims.h'

/** The header in which the shims of a package stand, by its file. */
export const isShimHeader = /(?:^|\/)pep_shims\.h$/

/** Whether a file is the header with the macros of `abi3lint new pep-state`. */
export const isStateHeader = (file: string): boolean => /(?:^|\/)pep_state\.h$/.test(file)

/** The directory that files have in common. @param files relative to one root, with `/`, at least one */
export function commonDirectory(files: readonly string[]): string {
  let common: readonly string[] | null = null
  for (const file of files) {
    const parts = posix
      .dirname(file)
      .split('/')
      .filter((part) => part !== '.' && part !== '')
    const differs = common?.findIndex((part, index) => parts[index] !== part) ?? -1
    if (common === null) common = parts
    else if (differs >= 0) common = common.slice(0, differs)
  }
  return posix.join(files[0]?.startsWith('/') ? '/' : '.', ...(common ?? []))
}

/**
 * How a file includes a header: what stands between `#include` and the end of the line.
 * @param root the absolute path of the root that both are relative to, with `/`: one may be outside of it
 */
export function includeOf(file: string, header: string, root: string): string {
  const absolute = (name: string): string => posix.join('/', root, name)
  return `"${posix.relative(absolute(posix.dirname(file)), absolute(header))}"`
}
