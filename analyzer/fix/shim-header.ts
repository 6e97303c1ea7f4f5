import posix from 'path-browserify'

/**
 * Where the header with the shims goes: where there is one already, else the directory that all files which use shims
 * have in common.
 * @param files those that use shims, by names relative to the project's root
 * @param present the one that there is; null for none
 * @param root the absolute path of the root, with `/`: it tells how a file outside of it includes one inside
 * @returns its name, and what stands between `#include` and the end of the line in each of those files
 */
export function shimHeaderPlace(
  files: readonly string[],
  present: string | null,
  root: string,
): { readonly path: string; readonly include: (file: string) => string } {
  const directories = files.map((file) =>
    posix
      .dirname(file)
      .split('/')
      .filter((part) => part !== '.'),
  )
  let common = directories[0] ?? []
  for (const each of directories) {
    const differs = common.findIndex((part, index) => each[index] !== part)
    if (differs >= 0) common = common.slice(0, differs)
  }
  const path = present ?? posix.join(...common, 'pep_shims.h')
  const absolute = (name: string): string => posix.join('/', root, name)
  return { path, include: (file) => `"${posix.relative(absolute(posix.dirname(file)), absolute(path))}"` }
}
