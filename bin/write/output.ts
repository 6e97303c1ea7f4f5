import { accessSync, constants, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { systemPath } from '../../analyzer/store/system-path.ts'
import { wouldBe } from '../places.ts'
import { remove, rename, stage, statsOf } from './stage.ts'
import { removeTemporaries, temporaryName } from './temporary.ts'

/**
 * Writes a file that somebody named for output, whole or not at all; what is no regular file, such as `/dev/stdout`,
 * is written to.
 * @throws where it cannot be
 */
export function writeOutput(path: string, content: string | Uint8Array): void {
  // What these lead to may be a file that somebody adds to.
  const stream = /^\/(?:dev\/(?:fd\/(\d+)|(stdout)|stderr)|proc\/self\/fd\/(\d+))$/.exec(path)
  if (stream !== null) {
    const [, descriptor, isStdout, other] = stream
    writeFileSync(Number(descriptor ?? other ?? (isStdout ? 1 : 2)), content)
    return
  }
  const real = wouldBe(path)
  const like = statsOf(real)
  if (like !== null && !like.isFile()) {
    writeFileSync(systemPath(real), content)
    return
  }
  if (like !== null) accessSync(systemPath(real), constants.W_OK)
  removeTemporaries(dirname(real))
  const staged = join(dirname(real), temporaryName('output'))
  stage(staged, Buffer.from(content as Uint8Array), like)
  try {
    rename(staged, real)
  } catch (error) {
    remove(staged)
    throw error
  }
}
