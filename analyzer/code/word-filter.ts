/**
 * Which words a text may hold, found in one pass: a Bloom filter with one hash. To ask it is cheaper than to search the
 * text, where many names are looked for in many texts.
 */
export class WordFilter {
  /** The buckets of the words of the text, each once. */
  readonly buckets: Uint32Array
  private readonly bits: Uint32Array
  private readonly mask: number

  /** @param text one character per byte */
  constructor(private readonly text: string) {
    // A bit per character: a text holds a different word every thirty or forty.
    const size = 2 ** Math.max(leastBits, Math.ceil(Math.log2(text.length + 1)))
    this.mask = size - 1
    this.bits = new Uint32Array(size / 32)
    const buckets: number[] = []
    stamp++
    let hash = 0
    for (let at = 0; at <= text.length; at++) {
      const code = at < text.length ? text.charCodeAt(at) : 0
      if (isInWord[code] === 1) hash = (Math.imul(hash, 31) + code) | 0
      else if (hash !== 0) {
        this.bits[(hash & this.mask) >> 5]! |= 1 << (hash & 31)
        const bucket = hash & (bucketCount - 1)
        if (stamps[bucket] !== stamp) {
          stamps[bucket] = stamp
          buckets.push(bucket)
        }
        hash = 0
      }
    }
    this.buckets = Uint32Array.from(buckets)
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
    const hash = hashOf(word)
    return hash === 0 || (this.bits[(hash & this.mask) >> 5]! & (1 << (hash & 31))) !== 0
  }
}

/** Which of several texts may hold a word. To ask takes as long as there are texts that do. */
export class WordIndex {
  /** What of a hash says the bucket: there are some for each word, but not more than filters have. */
  private readonly mask: number
  /** Of each bucket where its texts begin in the list. */
  private readonly starts: Uint32Array
  private readonly texts: Uint32Array

  constructor(private readonly filters: readonly WordFilter[]) {
    const words = filters.reduce((sum, { buckets }) => sum + buckets.length, 0)
    const count = Math.min(bucketCount, 2 ** Math.ceil(Math.log2(words * bucketsPerWord + 1)))
    this.mask = count - 1
    const starts = new Uint32Array(count + 1)
    // Of each bucket the last text in it, from 1: words of one text may share a bucket.
    const last = new Uint32Array(count)
    filters.forEach(({ buckets }, text) => {
      for (const each of buckets) {
        const bucket = each & this.mask
        if (last[bucket] === text + 1) continue
        last[bucket] = text + 1
        starts[bucket + 1]!++
      }
    })
    for (let bucket = 0; bucket < count; bucket++) starts[bucket + 1]! += starts[bucket]!
    this.texts = new Uint32Array(starts[count]!)
    const next = starts.slice()
    last.fill(0)
    filters.forEach(({ buckets }, text) => {
      for (const each of buckets) {
        const bucket = each & this.mask
        if (last[bucket] === text + 1) continue
        last[bucket] = text + 1
        this.texts[next[bucket]!++] = text
      }
    })
    this.starts = starts
  }

  /**
   * The texts that may hold a word, by their numbers among the filters, in ascending order: each that does, and few
   * others.
   */
  withWord(word: string): Uint32Array {
    const hash = hashOf(word)
    if (hash === 0) return Uint32Array.from(this.filters.keys())
    const bucket = hash & this.mask
    return this.texts.subarray(this.starts[bucket]!, this.starts[bucket + 1]!)
  }
}

/** Of a word what its characters make; 0 for none. */
function hashOf(word: string): number {
  let hash = 0
  for (let at = 0; at < word.length; at++) hash = (Math.imul(hash, 31) + word.charCodeAt(at)) | 0
  return hash
}

const leastBits = 10

/** Into so many buckets the words of all texts are put. A power of two. */
const bucketCount = 2 ** 18

/** An index has so many buckets for each word, so that few words share one. */
const bucketsPerWord = 8

/** The last text, by its stamp, in which a bucket was met. */
const stamps = new Uint32Array(bucketCount)
let stamp = 0

/** To look for a word takes as long as to read some characters. */
const fewWords = 100

/** Characters of identifiers and numbers: as the scanner has them, everything beyond ASCII too. */
const isInWord = new Uint8Array(256)
for (let code = 0; code < 256; code++) if (code >= 128 || /[\w$]/.test(String.fromCharCode(code))) isInWord[code] = 1
