import { asBytes } from '../source/text.ts'

/**
 * The hashes by which GitHub's code scanning knows lines again, as its upload action computes them where a report has
 * none (`primaryLocationLineHash`, github/codeql-action, `src/fingerprints.ts`). Who uploads by other means has to give
 * them, and where they differ from the action's own it warns.
 */

/** So many code units from the first one of a line on, over the lines that follow, decide its hash. */
const window = 100
const factor = 37
const word = 2 ** 32
const endOfFile = 0xffff

/** `factor` to the power of `window`, modulo 2 to the power of 64: its upper and its lower half. */
const [upperPower, lowerPower] = ((): readonly [number, number] => {
  const power = BigInt.asUintN(64, BigInt(factor) ** BigInt(window))
  return [Number(power >> 32n), Number(power & 0xffffffffn)]
})()

const hex = (upper: number, lower: number): string =>
  upper === 0 ? lower.toString(16) : `${upper.toString(16)}${lower.toString(16).padStart(8, '0')}`

/**
 * The hash of each line of a text, and a colon and the how-many-th line of this hash it is. Blanks and tabs do not
 * count, a line may end with LF, CR or CRLF, and the end of the text is a line of its own where nothing follows the
 * last line end.
 * @param byteText one character per byte; read as UTF-8, with U+FFFD for what is none
 */
export function lineHashes(byteText: string): readonly string[] {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(asBytes(byteText))
  const units = keptUnits(text)
  const hashes: string[] = []
  const seen = new Map<string, number>()
  let upper = 0
  let lower = 0
  // What is behind the end counts as 0. A hash is known when the window that begins with its line is full.
  for (let at = 0; hashes.length < units.starts.length; at++) {
    const unit = units.codes[at] ?? 0
    const gone = at < window ? 0 : (units.codes[at - window] ?? 0)
    const low = lower * factor + unit - ((lowerPower * gone) % word)
    const carry = Math.floor(low / word)
    lower = low - carry * word
    upper = modulo(upper * factor + carry - upperPower * gone - Math.floor((lowerPower * gone) / word))
    if (at + 1 - window !== units.starts[hashes.length]) continue
    const hash = hex(upper, lower)
    const times = (seen.get(hash) ?? 0) + 1
    seen.set(hash, times)
    hashes.push(`${hash}:${times}`)
  }
  return hashes
}

const modulo = (value: number): number => value - Math.floor(value / word) * word

/** The code units that count, with one LF for each line end, and where lines begin among them. */
function keptUnits(text: string): { readonly codes: Uint16Array; readonly starts: readonly number[] } {
  const codes = new Uint16Array(text.length + 1)
  const starts: number[] = []
  let length = 0
  let begins = true
  const keep = (code: number): void => {
    if (begins) starts.push(length)
    codes[length++] = code
    begins = code === 10
  }
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 32 || code === 9 || (code === 10 && text.charCodeAt(at - 1) === 13)) continue
    keep(code === 13 ? 10 : code)
  }
  keep(endOfFile)
  return { codes: codes.subarray(0, length), starts }
}
