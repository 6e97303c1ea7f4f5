import { keywords, typeWords } from './keywords.ts'
import { attributeWords } from './mask-names.ts'
import type { MaskWriter } from './mask-writer.ts'

/** Calls, written by macros, one argument of which is a type. */
const takesType =
  /^(?:va_arg|Py(?:Object|Mem)_(?:GC_)?(?:New|NewVar|NEW|NEW_VAR|Resize|RESIZE|Del)|PyMem_(?:New|Resize|NEW|RESIZE))$/

/**
 * Masks a call that only a macro can make sense of: with types, or without a semicolon where one must be.
 * @param at the name
 */
export function maskCall(writer: MaskWriter, at: number, name: string): void {
  const last = writer.code.closing(at + 1)
  if (last < 0) return
  if (takesType.test(name)) maskTypeArguments(writer, at + 1, last)
  // `PyTypeObject spam __attribute__((unused));`
  else if (attributeWords.test(name) && isBehindName(writer, at, last)) writer.blank(at, last)
  else if (writer.beginsStatement(at)) maskStatement(writer, at, last, name)
}

/** Whether a call stands between the name of a variable and what ends its declarator. */
const isBehindName = ({ code }: MaskWriter, at: number, last: number): boolean =>
  (code.isName(at - 1) || code.is(at - 1, ']')) && ['=', ';', ','].some((sign) => code.is(last + 1, sign))

/** `va_arg(ap, char *)`: puts `0` for the type. */
function maskTypeArguments(writer: MaskWriter, open: number, last: number): void {
  const { code } = writer
  let depth = 0
  let from = open + 1
  for (let at = open; at <= last; at++) {
    if (code.is(at, '(')) depth++
    else if (code.is(at, ')')) depth--
    if (!(depth === 1 && code.is(at, ',')) && !(depth === 0 && at === last)) continue
    const to = at - 1
    if (to >= from && (typeWords.has(code.word(from)) || (code.is(to, '*') && to > from))) writer.blank(from, to, '0')
    from = at + 1
  }
}

/** A call where a statement begins, and then another statement: its semicolon is in the macro. */
function maskStatement(writer: MaskWriter, at: number, last: number, name: string): void {
  const { code, macroNames, cxx } = writer
  const next = last + 1
  const missing = next >= code.size || code.is(next, '}') || (code.isName(next) && startsStatement(writer, next))
  const isMacro = macroNames.has(name)
  // Where declarations stand its arguments may be anything: types, nothing.
  if (isMacro && writer.holdsDeclarations && last > at + 2 && (missing || code.is(next, ';')))
    writer.blank(at + 2, last - 1)
  // In C++ that may be the body of a constructor.
  if (missing || (code.is(next, '{') && !writer.atFileLevel && (!cxx || isMacro))) writer.endAfter(last)
}

/** Whether the name could begin a statement, rather than go on with a declaration (`FOO(int) name(...)`). */
function startsStatement({ code, macroNames, atFileLevel }: MaskWriter, at: number): boolean {
  const name = code.word(at)
  if (/^(?:const|volatile|override|final|noexcept|and|or|not_eq)$/.test(name)) return false
  if (name === 'while') return !code.is(at - 1, '}')
  if (keywords.has(name) || !atFileLevel) return true
  // At file level: `MACRO(x) name(` declares, `MACRO(x) type name` follows.
  return code.isName(at + 1) || code.is(at + 1, '*') || (code.is(at + 1, '(') && macroNames.has(name))
}

/** Masks the `try` of C++ where its `catch` is in a macro: then the block stands alone. */
export function maskTry(writer: MaskWriter, at: number): void {
  const { code } = writer
  if (!code.is(at + 1, '{')) return
  const close = code.closing(at + 1)
  if (close >= 0 && code.isName(close + 1) && code.word(close + 1) !== 'catch') writer.blank(at, at)
}
