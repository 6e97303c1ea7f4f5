import { asBytes, asByteText, writeText } from '../source/text.ts'
import { CodeTokens } from './code-tokens.ts'
import type { Directives } from './directives.ts'
import { keywords } from './keywords.ts'
import { maskCall, maskTry } from './mask-calls.ts'
import { maskName } from './mask-names.ts'
import { maskShape } from './mask-shapes.ts'
import { type MaskEdit, MaskWriter, opensDeclarations } from './mask-writer.ts'
import { Kind, type Tokens } from './scanner.ts'
import { cpythonShapes, type Shapes } from './shapes.ts'
import type { View } from './views.ts'

/**
 * The edits that make a text readable, for all its views at once.
 * @param shapes what the project's own macros do to the grammar; CPython's are known
 * @param macroNames all macros of the project
 */
export function maskEdits(
  tokens: Tokens,
  shapes: Shapes,
  macroNames: ReadonlySet<string>,
  cxx: boolean,
): readonly MaskEdit[] {
  const code = new CodeTokens(tokens)
  const writer = new MaskWriter(code, macroNames, cxx)
  for (let at = 0; at < code.size; at++) {
    const kind = code.kind(at)
    if (kind === Kind.punctuation) {
      const character = code.firstCharacter(at)
      if (character === OPEN) writer.openBrace(opensDeclarations(code, at))
      else if (character === CLOSE) writer.closeBrace()
      continue
    }
    if (kind !== Kind.identifier || code.isMemberOperator(at - 1)) continue
    const name = code.word(at)
    const shape = shapes.get(name) ?? cpythonShapes.get(name)
    const last = shape ? maskShape(writer, shape, at) : -1
    if (last >= 0) at = last
    else if (keywords.has(name)) {
      if (cxx && name === 'try') maskTry(writer, at)
    } else if (code.is(at + 1, '(')) maskCall(writer, at, name)
    else maskName(writer, at, name)
  }
  return writer.edits
}

const OPEN = 123
const CLOSE = 125
const SPACE = 32

/**
 * The text of a view: directives and the branches not taken are blanks, and the edits are in.
 * @returns a text of the same length
 */
export function maskedText(tokens: Tokens, directives: Directives, view: View, edits: readonly MaskEdit[]): string {
  const bytes = asBytes(tokens.text)
  if (tokens.text.startsWith('\xef\xbb\xbf')) bytes.fill(SPACE, 0, 3)
  for (const edit of edits) {
    bytes.fill(SPACE, edit.start, edit.end)
    if (edit.put) writeText(bytes, edit.put, edit.start)
  }
  // Not wrong to a parser, but slow.
  for (const span of tokens.prose) bytes.fill(SPACE, span.start, span.end)
  for (const span of tokens.directives) bytes.fill(SPACE, span.start, span.end)
  directives.regions.forEach((region, id) => {
    if (!view.shows[id]) bytes.fill(SPACE, region.start, region.end)
  })
  return asByteText(bytes)
}
