import type { CodeTokens } from './code-tokens.ts'
import { declaring, keywords } from './keywords.ts'
import type { MaskWriter } from './mask-writer.ts'

/** Words that never follow the name of a type or an attribute as a name of their own. */
const noDeclarator = /^(?:const|volatile|override|final|noexcept|and|or)$/

/** The word by which GNU's attributes begin. */
export const attributeWords = /^__attribute(?:__)?$/

/** Masks a name that is not called: an attribute that a macro hides, or a statement without its semicolon. */
export function maskName(writer: MaskWriter, at: number, name: string): void {
  const { code } = writer
  if (isAttribute(writer, at, name)) writer.blank(at, at)
  else if (isBareStatement(code, at, name)) writer.endAfter(at)
}

/** Whether a name is no part of C's grammar where it stands: something that declares goes on around it. */
function isAttribute({ code, cxx, macroNames }: MaskWriter, at: number, name: string): boolean {
  const before = code.isName(at - 1) ? code.word(at - 1) : ''
  const afterTag = /^(?:struct|class|union|enum)$/.test(before)
  if (!code.isName(at + 1)) return code.is(at - 1, ')') && code.is(at + 1, '{')
  if (afterTag) {
    // `struct EXPORT name {`
    const isBody = code.is(at + 2, '{')
    return isBody || (cxx && (code.is(at + 2, ':') || (code.is(at + 2, ';') && code.word(at - 2) !== 'typedef')))
  }
  // Two names and a third, or a name and a type: the first is an attribute that a macro hides.
  const second = code.word(at + 1)
  if (declaring.has(second)) return second !== 'struct' || !/^(?:return|else|case|typedef|new|goto)$/.test(before)
  if (second === 'const') return code.isName(at + 2) && (code.isName(at + 3) || code.is(at + 3, '*'))
  if (keywords.has(second) || /^(?:operator|goto)$/.test(before)) return false
  const third = at + 2
  // `PyTypeObject spam UNUSED;`: the last one is.
  if (code.isName(third)) {
    const last = code.word(third)
    const isLast = attributeWords.test(last) || (macroNames.has(last) && !/^[A-Z][A-Z0-9_]*$/.test(name))
    return !noDeclarator.test(last) && !isLast
  }
  return code.is(third, '*') || (cxx && (code.is(third, '&') || (code.is(third, '::') && !/^_?Py/.test(name))))
}

/** Whether a name is a word alone before another statement: a statement of a macro without its semicolon. */
function isBareStatement(code: CodeTokens, at: number, name: string): boolean {
  if (!/^[A-Z][A-Z0-9_]{3}[A-Z0-9_]*$/.test(name)) return false
  const opens = code.is(at - 1, '{')
  if (!opens && !code.is(at - 1, ';') && !code.is(at - 1, '}')) return false
  if (code.is(at + 1, '}')) return !opens
  const next = code.isName(at + 1) ? code.word(at + 1) : ''
  return keywords.has(next) && !declaring.has(next) && next !== 'const'
}
