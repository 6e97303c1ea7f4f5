import type { ProjectModel } from '../project/model.ts'
import { castAround } from '../semantics/ascii-data.ts'
import type { FileId, Offset } from '../source/text.ts'
import type { Rewrite } from './fix.ts'

/**
 * What is written for the data of an ASCII str without the parentheses and the cast that its place does without:
 * `((void *)PyUnicode_AsUTF8AndSize(s, NULL))`.
 * @param start where the call of the macro begins, in bytes
 */
export function asciiDataRewrites(
  model: ProjectModel,
  file: FileId,
  start: Offset,
  rewrites: readonly Rewrite[],
): Rewrite[] {
  const needed = castAround(model, file, start)
  if (needed === 'group') return [...rewrites]
  return rewrites.map(({ pieces, ...span }) => {
    const last = pieces.length - 1
    return {
      ...span,
      pieces: pieces.map((piece, at) => {
        if (typeof piece !== 'string') return piece
        const begun = at === 0 ? piece.replace(needed === 'cast' ? /^\(/ : /^\(\([\w ]+\*\)/, '') : piece
        return at === last ? begun.replace(/\)$/, '') : begun
      }),
    }
  })
}
