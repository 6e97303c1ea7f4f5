import { statSync } from 'node:fs'
import { basename } from 'node:path'
import type { Bundle, LibraryPart } from '../analyzer/audit/finding.ts'
import { type Binary, BinaryError } from '../analyzer/audit/image.ts'
import { readBinary } from '../analyzer/audit/read.ts'
import { tagsInside, tagsOf } from '../analyzer/audit/wheel-name.ts'
import type { Problem } from '../analyzer/check/diagnostic.ts'
import { reason } from '../analyzer/store/reason.ts'
import { readRegular } from '../analyzer/store/regular-file.ts'
import { systemPath } from '../analyzer/store/system-path.ts'
import { largestMember, readWheel } from '../analyzer/store/wheel.ts'

/** Reads the libraries of a wheel; null where that is not possible, which is then among the problems. */
export async function wheelAt(file: string, problems: Problem[]): Promise<Bundle | null> {
  const parts: LibraryPart[] = []
  try {
    const { wheelText, problems: found } = await readWheel(file, (member, bytes) => {
      const binary = understand(bytes, `${file}/${member}`, problems)
      if (binary) parts.push({ file, member, binary })
    })
    problems.push(
      ...found.map(({ member, message }): Problem => ({ file: `${file}/${member}`, message, severity: 'error' })),
    )
    return {
      wheel: { file, named: tagsOf(basename(file)), inside: wheelText === null ? null : tagsInside(wheelText) },
      parts,
    }
  } catch (error) {
    problems.push({ file, message: `cannot be read as a wheel: ${reason(error)}`, severity: 'error' })
    return null
  }
}

/** Reads a library; null where that is not possible, which is then among the problems. */
export function binaryAt(file: string, problems: Problem[]): Binary | null {
  try {
    const { size } = statSync(systemPath(file))
    if (size > largestMember) {
      problems.push({
        file,
        message: `is too large: it has ${size} bytes; up to ${largestMember} are read`,
        severity: 'error',
      })
      return null
    }
    return understand(readRegular(file, largestMember), file, problems)
  } catch (error) {
    problems.push({ file, message: `cannot be read: ${reason(error)}`, severity: 'error' })
    return null
  }
}

function understand(bytes: Uint8Array, file: string, problems: Problem[]): Binary | null {
  try {
    return readBinary(bytes)
  } catch (error) {
    if (!(error instanceof BinaryError)) throw error
    problems.push({ file, message: error.message, severity: 'error' })
    return null
  }
}
