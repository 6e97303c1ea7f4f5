/** Keys and indexes that lead to something in a TOML text: `['overrides', 0, 'files', 1]`. */
export type TomlPath = readonly (string | number)[]

/**
 * Finds where the keys and the items of arrays stand in a TOML text, which readers of TOML do not tell.
 * @param text that a reader of TOML takes
 * @returns gives the offset of the key that ends a path, or of the item of an array; null for what is not written down
 */
export function tomlPlaces(text: string): (path: TomlPath) => number | null {
  const places = new Reader(text).read()
  return (path) => places.get(JSON.stringify(path)) ?? null
}

/** The line and the column of an offset, from 1; columns count characters. */
export function lineAndColumn(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset)
  const start = before.lastIndexOf('\n') + 1
  return { line: before.split('\n').length, column: [...before.slice(start)].length + 1 }
}

class Reader {
  private at = 0
  private readonly places = new Map<string, number>()
  /** How many tables an array of tables has so far, by its path. */
  private readonly counts = new Map<string, number>()

  constructor(private readonly text: string) {}

  read(): ReadonlyMap<string, number> {
    let table: TomlPath = []
    for (this.skip(true); this.at < this.text.length; this.skip(true)) {
      const before = this.at
      if (this.text[this.at] === '[') table = this.readHeader()
      else this.readPair(table)
      // No reader of TOML takes a text in which nothing is read here.
      if (this.at === before) this.at++
    }
    return this.places
  }

  private record(path: TomlPath, offset: number): void {
    const key = JSON.stringify(path)
    if (!this.places.has(key)) this.places.set(key, offset)
  }

  /** Skips blanks, and with `lines` the ends of lines and comments. */
  private skip(lines: boolean): void {
    for (; this.at < this.text.length; this.at++) {
      const sign = this.text[this.at]!
      if (sign === ' ' || sign === '\t') continue
      if (!lines || !/[\r\n#]/.test(sign)) return
      if (sign !== '#') continue
      const end = this.text.indexOf('\n', this.at)
      this.at = (end < 0 ? this.text.length : end) - 1
    }
  }

  /** Reads `[a.b]` or `[[a.b]]`. @returns the path of the table */
  private readHeader(): TomlPath {
    const isArray = this.text.startsWith('[[', this.at)
    const start = this.at
    this.at += isArray ? 2 : 1
    const parts = this.readKeys()
    this.at += isArray ? 2 : 1
    let path: TomlPath = []
    for (const [index, { name, offset }] of parts.entries()) {
      path = [...path, name]
      this.record(path, offset)
      const key = JSON.stringify(path)
      if (isArray && index === parts.length - 1) {
        const count = this.counts.get(key) ?? 0
        this.counts.set(key, count + 1)
        path = [...path, count]
        this.record(path, start)
      } else if (this.counts.has(key)) path = [...path, this.counts.get(key)! - 1]
    }
    return path
  }

  /** Reads `a.b = value`. */
  private readPair(table: TomlPath): void {
    let path = table
    for (const { name, offset } of this.readKeys()) {
      path = [...path, name]
      this.record(path, offset)
    }
    if (this.text[this.at] === '=') this.at++
    this.readValue(path)
  }

  private readKeys(): { readonly name: string; readonly offset: number }[] {
    const parts: { name: string; offset: number }[] = []
    do {
      if (parts.length > 0) this.at++
      this.skip(false)
      const offset = this.at
      parts.push({ name: this.readKey(), offset })
      this.skip(false)
    } while (this.text[this.at] === '.')
    return parts
  }

  private readKey(): string {
    const start = this.at
    const quote = this.text[start]
    if (quote === '"' || quote === "'") {
      this.readString(quote)
      const written = this.text.slice(start + 1, this.at - 1)
      return quote === "'" ? written : unescaped(written)
    }
    while (this.at < this.text.length && !/[\s.=\]]/.test(this.text[this.at]!)) this.at++
    return this.text.slice(start, this.at)
  }

  private readValue(path: TomlPath): void {
    this.skip(false)
    const first = this.text[this.at]
    if (first === '"' || first === "'") this.readString(first)
    else if (first === '[') this.readItems(']', path)
    else if (first === '{') this.readItems('}', path)
    else while (this.at < this.text.length && !/[,\]}\n#]/.test(this.text[this.at]!)) this.at++
  }

  /** Reads what is between brackets: values, or pairs of keys and values. */
  private readItems(close: ']' | '}', path: TomlPath): void {
    this.at++
    for (let index = 0; ; index++) {
      this.skip(true)
      if (this.at >= this.text.length || this.text[this.at] === close) break
      const before = this.at
      if (close === '}') this.readPair(path)
      else {
        this.record([...path, index], this.at)
        this.readValue([...path, index])
      }
      this.skip(true)
      if (this.text[this.at] === ',' || this.at === before) this.at++
    }
    this.at++
  }

  /** Reads a string of any of the four kinds. */
  private readString(quote: '"' | "'"): void {
    const isLong = this.text.startsWith(quote.repeat(3), this.at)
    const end = isLong ? quote.repeat(3) : quote
    this.at += end.length
    while (this.at < this.text.length && !this.text.startsWith(end, this.at))
      this.at += quote === '"' && this.text[this.at] === '\\' ? 2 : 1
    this.at += end.length
    // `""""` ends with a quote and three.
    if (isLong) for (let more = 0; more < 2 && this.text[this.at] === quote; more++) this.at++
  }
}

/** What a key in double quotes is. */
function unescaped(written: string): string {
  try {
    return JSON.parse(`"${written}"`) as string
  } catch {
    return written.replace(/\\(?:U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|(e))/g, (_, long?: string, short?: string) => {
      const code = long ?? short
      return code === undefined ? '\u001b' : String.fromCodePoint(Number.parseInt(code, 16))
    })
  }
}
