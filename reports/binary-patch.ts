import { createHash } from 'node:crypto'
import { deflateSync } from 'node:zlib'

/**
 * A change of one file in git's format for binary files, which `git apply` takes and which holds nothing of the texts
 * as they are. The format is that of `git diff --binary`: the new content, then the old one, each compressed, in lines
 * of base 85.
 * @param oldName the name of the file as git quotes it, with `a/`
 * @param newName the same with `b/`
 * @param old the bytes of the file as characters; null for a new file
 * @param changed the bytes that it is to have
 * @returns lines that end in a line feed, the last one empty
 */
export function binaryPatch(oldName: string, newName: string, old: string | null, changed: string): string {
  const [before, after] = [Buffer.from(old ?? '', 'latin1'), Buffer.from(changed, 'latin1')]
  return (
    `diff --git ${oldName} ${newName}\n${old === null ? 'new file mode 100644\n' : ''}` +
    `index ${old === null ? '0'.repeat(40) : objectName(before)}..${objectName(after)}\n` +
    `GIT binary patch\n${literal(after)}${literal(before)}`
  )
}

/** The name that git gives to a content. */
const objectName = (content: Buffer): string =>
  createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex')

/** The characters of git's base 85, which has neither `:` nor `[`. */
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~'

/** A line holds at most so many bytes; its first character says how many: `A` to `Z` for 1 to 26, `a` to `z` beyond. */
const mostInLine = 52

function literal(content: Buffer): string {
  const packed = deflateSync(content)
  const lines = [`literal ${content.length}`]
  for (let at = 0; at < packed.length; at += mostInLine) {
    const part = packed.subarray(at, at + mostInLine)
    const length = String.fromCharCode(part.length <= 26 ? 0x40 + part.length : 0x60 + part.length - 26)
    lines.push(length + base85(part))
  }
  return `${lines.join('\n')}\n\n`
}

/** Five digits for each four bytes, the highest first; what is missing to four counts as 0. */
function base85(bytes: Buffer): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 4) {
    const four = Buffer.alloc(4)
    bytes.copy(four, 0, at, Math.min(at + 4, bytes.length))
    let group = ''
    for (let rest = four.readUInt32BE(), count = 0; count < 5; count++, rest = Math.floor(rest / 85))
      group = digits[rest % 85] + group
    text += group
  }
  return text
}
