import { Bytes } from './bytes.ts'
import { readElf } from './elf.ts'
import { type Binary, BinaryError } from './image.ts'
import { fatParts, machOMagic, readMachO } from './mach-o.ts'
import { readPe } from './pe.ts'

/**
 * Reads a shared library: ELF, Mach-O of one or of several architectures, PE. The file's content decides, not its name.
 * Takes time and memory in proportion to the file, whatever is in it.
 * @param file all its bytes
 * @throws BinaryError where it is none of them, or broken
 */
export function readBinary(file: Uint8Array): Binary {
  if (file.length === 0) throw new BinaryError('is empty')
  const begins = (text: string): boolean =>
    file.length >= text.length && [...text].every((each, index) => file[index] === each.charCodeAt(0))
  if (begins('\x7fELF')) return { format: 'ELF', images: [readElf(new Bytes(file, file[5] !== 2))] }
  if (begins('MZ')) return { format: 'PE', images: [readPe(new Bytes(file, true))] }
  const parts = fatParts(file) ?? (machOMagic(file) === null ? null : [file])
  if (parts !== null) {
    return {
      format: 'Mach-O',
      images: parts.map((part) => {
        const magic = machOMagic(part)
        if (magic === null) throw new BinaryError('is damaged: a part of it is no Mach-O file')
        return readMachO(new Bytes(part, magic.littleEndian), magic.wide)
      }),
    }
  }
  throw new BinaryError(`is no shared library: it ${whatElse(file, begins)}`)
}

function whatElse(file: Uint8Array, begins: (text: string) => boolean): string {
  if (begins('\0asm')) return 'is WebAssembly, which is not read'
  if (begins('!<arch>\n')) return 'is a static library'
  if (begins('PK\x03\x04')) return 'is a zip file; a wheel ends in .whl'
  const isText = file.subarray(0, 512).every((each) => each >= 0x20 || (each >= 9 && each <= 13))
  return isText ? 'holds text' : 'begins neither like ELF nor like Mach-O nor like PE'
}
