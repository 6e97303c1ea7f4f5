import type { MaskWriter } from './mask-writer.ts'
import type { Shape } from './shapes.ts'

/**
 * Masks a macro that does something to the grammar.
 * @param at its name
 * @returns the last token dealt with; -1 to go on as if it did nothing
 */
export function maskShape(writer: MaskWriter, shape: Shape, at: number): number {
  const { code } = writer
  const call = code.is(at + 1, '(')
  const last = call ? code.closing(at + 1) : at
  if (last < 0) return -1
  switch (shape) {
    case 'blank':
      writer.blank(at, last)
      return last
    case 'extern':
      // Its own name makes room for the word.
      writer.blank(at, call ? at + 1 : at, code.end(at) - code.start(at) >= 6 ? 'extern' : '')
      if (!call) return last
      writer.blank(last, last)
      return at + 1
    case 'empty':
      writer.blank(at, last, ';')
      return last
    case 'open':
      writer.blank(at, last, '{')
      writer.openBrace(false)
      return last
    case 'close':
      writer.blank(at, last, '}')
      writer.closeBrace()
      return last
    case 'comma': {
      if (!call) return -1
      const start = code.start(at)
      writer.edits.push({ start, end: start + 2, put: '0' })
      writer.edits.push({ start: start + 1, end: code.end(last), put: code.is(last + 1, ',') ? '' : ',' })
      return last
    }
    case 'unwrap':
      if (!call) return -1
      writer.blank(at, at + 1)
      writer.blank(last, last)
      return at + 1
    case 'statement': {
      const next = last + 1
      const missing = next >= code.size || code.is(next, '}') || code.isName(next)
      if (missing && writer.beginsStatement(at)) writer.endAfter(last)
      return -1
    }
  }
}
