import type { FileId } from '../source/text.ts'

/** What is known of names in files. No key is made of the two: these are asked for by the million. */
export class NamesOfFiles<T> {
  private readonly files: (Map<string, T> | undefined)[] = []

  get(file: FileId, name: string): T | undefined {
    return this.files[file]?.get(name)
  }

  /** @returns the value */
  set(file: FileId, name: string, value: T): T {
    let names = this.files[file]
    if (names === undefined) {
      names = new Map()
      this.files[file] = names
    }
    names.set(name, value)
    return value
  }
}
