import { textBufferNames } from '../knowledge/recipes/text-and-bytes.ts'
import type { ProjectModel } from '../project/model.ts'
import { textBufferAt } from '../semantics/text-buffers.ts'
import type { FileId, Offset } from '../source/text.ts'
import type { FileFix, Rewrite } from './fix.ts'

/**
 * The fix for a macro by which a function fills a str that it has just made: the characters go into a buffer, of which
 * a str is made behind the last of them. Null where that is not all that is done with the str.
 * @param start where the call of the macro begins, in bytes
 */
export function textBufferFix(model: ProjectModel, name: string, file: FileId, start: Offset): FileFix | null {
  const written = textBufferNames.get(name)
  const found = written === undefined ? null : textBufferAt(model, file, start)
  if (found === null) return null
  const { buffer, call } = found
  const { variable, end, maker, isTested } = buffer
  const isCast = written!.startsWith('(')
  const rewrites: Rewrite[] = [
    { ...call.callee.span, pieces: [isCast ? `(${written}` : written!] },
    ...(isCast ? [{ start: call.span.end, end: call.span.end, pieces: [')'] }] : []),
  ]
  if (call === maker)
    rewrites.push({
      start: end.at,
      end: end.at,
      pieces: [`${end.lead}${variable} = PepUnicodeBuffer_Finish(${variable});`],
    })
  return {
    title: `fill a buffer, of which \`PepUnicodeBuffer_Finish(${variable})\` makes a str`,
    safety: isTested ? 'safe' : 'unsafe',
    reason: isTested
      ? ''
      : `without memory \`${variable}\` is NULL behind the last character, which nothing tests there`,
    kind: 'file',
    rewrites,
    includes: [],
    shims: ['PepUnicodeBuffer_New'],
  }
}
