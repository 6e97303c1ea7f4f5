import ignore, { type Ignore } from 'ignore'
import { nameOf } from '../../analyzer/store/disk.ts'

/**
 * Tells whether patterns of a `.gitignore` name a path.
 * @param root the directory that the patterns are for; what is not below it they do not name
 */
export function namesBelow(
  root: string,
  patterns: readonly string[],
): (path: string, isDirectory?: boolean) => boolean {
  let compared: Ignore | null = null
  return (path, isDirectory = false) => {
    const name = nameOf(root, path)
    if (name === '' || name === '.' || name === '..' || name.startsWith('../') || !ignore.isPathValid(name))
      return false
    compared ??= ignore({ ignorecase: false }).add([...patterns])
    return compared.ignores(isDirectory ? `${name}/` : name)
  }
}
