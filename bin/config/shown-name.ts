import { relative, sep } from 'node:path'

/** A file as messages show it: relative to the current directory, but where that leads far away. */
export function shownName(path: string, current: string): string {
  const name = relative(current, path).split(sep).join('/')
  return name.startsWith('../../../') ? path.split(sep).join('/') : name
}
