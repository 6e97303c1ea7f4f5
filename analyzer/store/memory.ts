import posix from 'path-browserify'
import { bytesOf, type Texts } from '../workspace/source-text.ts'
import type { AssetLoader, Store } from '../workspace/store.ts'

/**
 * Files that are at hand. Needs nothing that a browser has not.
 * @param texts by name, relative to a root that is `/`
 * @param asset loads what is shipped with the tool
 */
export function memoryStore(texts: Texts, asset: AssetLoader): Store {
  const files = new Map([...texts].map(([name, content]) => [posix.normalize(name), content]))
  const nameIn = (path: string): string => posix.normalize(path).replace(/^\//, '')
  return {
    root: '/',
    asset,
    read(name) {
      const content = files.get(nameIn(name))
      return content === undefined ? { problem: 'there is no such file' } : { bytes: bytesOf(content) }
    },
    find(path) {
      const name = nameIn(path)
      return files.has(name) ? name : null
    },
  }
}
