/**
 * Paths of the operating system as strings. On POSIX a name is bytes. Where these are no UTF-8, each byte that is none
 * stands as a lone surrogate, U+DC80 for 0x80 to U+DCFF for 0xFF, as Python has it (PEP 383): so every name has a
 * string, and no two the same.
 */

const loneSurrogate = /\p{Surrogate}/u

/** What a call of the operating system takes for a path. */
export function systemPath(path: string): string | Buffer {
  return process.platform !== 'win32' && loneSurrogate.test(path) ? bytesOfPath(path) : path
}

/** The bytes of a path. */
export function bytesOfPath(path: string): Buffer {
  if (!loneSurrogate.test(path)) return Buffer.from(path)
  const parts: Buffer[] = []
  for (const character of path) {
    const code = character.codePointAt(0)!
    parts.push(code >= 0xdc80 && code <= 0xdcff ? Buffer.of(code - 0xdc00) : Buffer.from(character))
  }
  return Buffer.concat(parts)
}

/** The path that bytes are. */
export function pathOfBytes(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const text = buffer.toString()
  if (!text.includes('\ufffd')) return text
  let path = ''
  for (let at = 0; at < buffer.length; ) {
    const character = characterAt(buffer, at)
    path += character ?? String.fromCharCode(0xdc00 + buffer[at]!)
    at += character === null ? 1 : Buffer.byteLength(character)
  }
  return path
}

/** The character whose UTF-8 begins at an offset; null where there is none. */
function characterAt(bytes: Buffer, at: number): string | null {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    const part = bytes.subarray(at, at + length)
    const text = part.toString()
    if (text.codePointAt(0)! > 0xffff ? text.length === 2 : text.length === 1)
      if (Buffer.from(text).equals(part)) return text
  }
  return null
}
