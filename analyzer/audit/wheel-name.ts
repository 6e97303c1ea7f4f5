import { type Minor, oldest } from '../knowledge/version.ts'
import { least } from '../source/lists.ts'

/** What the name of a wheel says of who can install it (PEP 425, PEP 427): each part of the name split at its dots. */
export interface WheelTags {
  /** `cp39`, `py3` */
  readonly pythons: readonly string[]
  /** `abi3`, `abi3t`, `cp39`, `none` */
  readonly abis: readonly string[]
}

/** Reads the name of a wheel, without directories; null where it is none. */
export function tagsOf(name: string): WheelTags | null {
  const parts = /^[^-]+-[^-]+(?:-\d[^-]*)?-([^-]+)-([^-]+)-[^-]+\.whl$/.exec(name)
  return parts && { pythons: parts[1]!.toLowerCase().split('.'), abis: parts[2]!.toLowerCase().split('.') }
}

/** The tags in the text of a wheel's `WHEEL` file; null where it has none. */
export function tagsInside(text: string): WheelTags | null {
  const tags = [...text.matchAll(/^Tag:[ \t]*([^-\s]+)-([^-\s]+)-\S+/gm)]
  const part = (index: number): string[] => [...new Set(tags.flatMap((tag) => tag[index]!.toLowerCase().split('.')))]
  return tags.length === 0 ? null : { pythons: part(1), abis: part(2) }
}

/** `cp39-abi3` */
export const showTags = ({ pythons, abis }: WheelTags): string => `${pythons.join('.')}-${abis.join('.')}`

/**
 * The oldest CPython that takes the wheel: installers do if any of the tags fits. 3.2, the first with a stable ABI, for
 * `py3`; may be newer than the newest known.
 * @returns null where no tag is one of Python 3
 */
export function floorOf({ pythons }: WheelTags): Minor | null {
  const minors = pythons.flatMap((tag) => {
    const match = /^(?:cp|py)3(\d{0,2})$/.exec(tag)
    return match ? [Math.max(oldest, Number(match[1]))] : []
  })
  return minors.length === 0 ? null : least(minors)
}

/** What the name of a library says of who imports it. */
export interface LibraryName {
  /** Without directories. */
  readonly file: string
  /** The module's own name, without packages; empty for what `import` does not look for. */
  readonly module: string
  /**
   * `abi3` and `abi3t` for the stable ABIs, `version` for one Python, `any` where it says nothing, `library` where it
   * is no module's.
   */
  readonly kind: 'abi3' | 'abi3t' | 'version' | 'any' | 'library'
  /** `abi3`, `cpython-311-x86_64-linux-gnu`; empty for `any`. */
  readonly tag: string
  /** Ends in `.pyd`. */
  readonly isPyd: boolean
}

/** Reads the name of a library. @param path with or without directories */
export function libraryName(path: string): LibraryName {
  const file = path.split(/[\\/]/).at(-1)!
  const [, module = '', tag = '', suffix = ''] = /^([^.]+)\.(?:([^.]+)\.)?(so|pyd)$/.exec(file) ?? []
  const kind =
    module === ''
      ? 'library'
      : tag === ''
        ? 'any'
        : /^abi3t(?:-|$)/.test(tag)
          ? 'abi3t'
          : /^abi3(?:-|$)/.test(tag)
            ? 'abi3'
            : /^(?:cpython|cp|pypy|pp|graalpy)-?\d/.test(tag)
              ? 'version'
              : 'library'
  return { file, module: kind === 'library' ? '' : module, kind, tag, isPyd: suffix === 'pyd' }
}
