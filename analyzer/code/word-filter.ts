/**
 * Which words a text may hold, found in one pass: a Bloom filter with one hash. To ask it is cheaper than to search the
 * text, where many names are looked for in many texts.
 */
export class WordFilter {
  private readonly bits: Uint32Array
  private readonly mask: number

  /** @param text one character per byte */
  constructor(private readonly text: string) {
    // A bit per character: a text holds a different word every thirty or forty.
    const size = 2 ** Math.max(leastBits, Math.ceil(Math.log2(text.length + 1)))
    this.mask = size - 1
    this.bits = new Uint32Array(size / 32)
    let hash = 0
    for (let at = 0; at <= text.length; at++) {
      const code = at < text.length ? text.charCodeAt(at) : 0
      if (isInWord[code] === 1) hash = (Math.imul(hash, 31) + code) | 0
      else if (hash !== 0) {
        this.bits[(hash & this.mask) >> 5]! |= 1 << (hash & 31)
        hash = 0
      }
    }
  }

  /** Whether a word stands in the text, or in a longer word of it. */
  isIn(word: string): boolean {
    return this.mayHold(word) && this.text.includes(word)
  }

  /** Of some words those that may stand in the text. */
  among(words: ReadonlySet<string>): readonly string[] {
    // To search the text for each that does stand in it would take the square of its length.
    if (words.size < this.text.length / fewWords) return [...words].filter((word) => this.mayHold(word))
    const found = new Set<string>()
    for (const [word] of this.text.matchAll(/[\w$\x80-\xff]+/g)) if (words.has(word)) found.add(word)
    return [...found]
  }

  /** Where a word does not stand in the text this mostly says so. */
  private mayHold(word: string): boolean {
    let hash = 0
    for (let at = 0; at < word.length; at++) hash = (Math.imul(hash, 31) + word.charCodeAt(at)) | 0
    return hash === 0 || (this.bits[(hash & this.mask) >> 5]! & (1 << (hash & 31))) !== 0
  }
}

const leastBits = 10

/** To look for a word takes as long as to read some characters. */
const fewWords = 100

/** Characters of identifiers and numbers: as the scanner has them, everything beyond ASCII too. */
const isInWord = new Uint8Array(256)
for (let code = 0; code < 256; code++) if (code >= 128 || /[\w$]/.test(String.fromCharCode(code))) isInWord[code] = 1
