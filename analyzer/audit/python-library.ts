import type { Minor } from '../knowledge/version.ts'

/** The Python that a library's name stands for. */
interface PythonLibrary {
  /** Null for the libraries of the stable ABI, `python3.dll` and the like. */
  readonly minor: Minor | null
  readonly isFreeThreaded: boolean
  readonly isDebug: boolean
}

/**
 * Reads `python311.dll`, `libpython3.11.so.1.0`, `@rpath/Python.framework/Versions/3.11/Python`; null where it is
 * none of Python's.
 */
export function pythonIn(library: string): PythonLibrary | null {
  const framework = /Python(T?)3?\.framework\/(?:Versions\/3\.(\d{1,2})t?\/)?/.exec(library)
  if (framework)
    return {
      minor: framework[2] === undefined ? null : Number(framework[2]),
      isFreeThreaded: framework[1] === 'T',
      isDebug: false,
    }
  const file = /(?:^|[\\/])(?:lib)?python3(?:\.?(\d{1,2}))?([a-z]*)(_d)?\.(?:dll|dylib|so)/i.exec(library)
  if (!file) return null
  return {
    minor: file[1] === undefined ? null : Number(file[1]),
    isFreeThreaded: file[2]!.includes('t'),
    isDebug: file[3] !== undefined || file[2]!.includes('d'),
  }
}
