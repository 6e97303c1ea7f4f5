import { asBytes, asByteText, type Offset, writeText } from '../source/text.ts'
import type { Directives } from './directives.ts'
import { isPunctuation, Kind, type Tokens } from './scanner.ts'
import { cpythonShapes, type Shape, type Shapes } from './shapes.ts'
import type { View } from './views.ts'

/**
 * Same-length masking: what a C parser cannot read without a preprocessor is overwritten by blanks, or by a brace, a
 * comma or a semicolon of the same meaning, so that every other byte keeps its offset.
 */
export interface MaskEdit {
  readonly start: Offset
  readonly end: Offset
  /** Written at `start`, the rest up to `end` is blanked. Not longer than that. */
  readonly put: string
}

const keywords = new Set(
  `auto break case char const continue default do double else enum extern float for goto if inline int long register
  restrict return short signed sizeof static struct switch typedef union unsigned void volatile while _Bool
  _Complex class namespace template typename public private protected using virtual operator new delete try catch
  throw bool explicit friend mutable constexpr nullptr true false this wchar_t size_t override final noexcept
  decltype typeof __typeof __typeof__ asm __asm__ and or not xor co_await co_return co_yield requires concept
  alignas alignof static_assert thread_local`.split(/\s+/),
)
/** Keywords that begin or continue a type or a declaration. */
const declaring = new Set(
  `char double enum float int long short signed struct union unsigned void _Bool static extern inline register
  typedef class bool wchar_t virtual`.split(/\s+/),
)
const typeWords = new Set(
  `char double enum float int long short signed struct union unsigned void const _Bool bool wchar_t`.split(/\s+/),
)
/** Calls, written by macros, one argument of which is a type. */
const takesType =
  /^(?:va_arg|Py(?:Object|Mem)_(?:GC_)?(?:New|NewVar|NEW|NEW_VAR|Resize|RESIZE|Del)|PyMem_(?:New|Resize|NEW|RESIZE))$/

/**
 * The edits that make a text readable, for all its views at once.
 * @param shapes what the project's own macros do to the grammar; CPython's are known
 * @param macroNames all macros of the project
 */
export function maskEdits(tokens: Tokens, shapes: Shapes, macroNames: ReadonlySet<string>, cxx: boolean): MaskEdit[] {
  const { text, count, kind, start, end, directive } = tokens
  const edits: MaskEdit[] = []
  // Tokens of the code, those of directives left out.
  const code = new Int32Array(count)
  let size = 0
  for (let at = 0; at < count; at++) if (directive[at] === -1) code[size++] = at
  const word = (index: number): string => (index < size ? text.slice(start[code[index]!], end[code[index]!]) : '')
  const is = (index: number, what: string): boolean =>
    index >= 0 && index < size && isPunctuation(tokens, code[index]!, what)
  const isWord = (index: number, name: string): boolean => isName(index) && word(index) === name
  const isName = (index: number): boolean => index >= 0 && index < size && kind[code[index]!] === Kind.identifier
  const blank = (from: number, to: number, put = ''): void => {
    edits.push({ start: start[code[from]!]!, end: end[code[to]!]!, put })
  }
  // For each opening bracket the one that closes it; -1 where none does, since a brace comes between.
  const closers = new Int32Array(size).fill(-1)
  const open: number[] = []
  for (let at = 0; at < size; at++) {
    if (kind[code[at]!] !== Kind.punctuation) continue
    const bracket = text.charCodeAt(start[code[at]!]!)
    if (bracket === 40 || bracket === 123) open.push(at)
    else if (bracket === 41) {
      if (open.length > 0 && is(open.at(-1)!, '(')) closers[open.pop()!] = at
    } else if (bracket === 125) {
      while (open.length > 0 && is(open.at(-1)!, '(')) open.pop()
      if (open.length > 0) closers[open.pop()!] = at
    }
  }
  const closing = (at: number): number => closers[at] ?? -1
  // The token after which the last semicolon was put.
  let ended = -1
  /** Puts a semicolon into the blank after a token, if one is there. */
  const endAfter = (index: number): void => {
    const at = end[code[index]!]!
    if (at >= text.length || !/\s/.test(text[at]!)) return
    edits.push({ start: at, end: at + 1, put: ';' })
    ended = index
  }

  // Braces, as far as they tell a function body from the rest; of each open one whether it holds declarations.
  let depth = 0
  const scopes: boolean[] = []
  for (let at = 0; at < size; at++) {
    const token = code[at]!
    if (kind[token] === Kind.punctuation) {
      if (is(at, '{')) {
        depth++
        scopes.push(opensScope(at))
      } else if (is(at, '}')) {
        depth = Math.max(0, depth - 1)
        scopes.pop()
      }
      continue
    }
    if (kind[token] !== Kind.identifier) continue
    const name = text.slice(start[token], end[token])
    const before = at - 1
    if (is(before, '.') || is(before, '->')) continue
    const shape = shapes.get(name) ?? cpythonShapes.get(name)
    const call = is(at + 1, '(')
    if (shape) {
      const last = call ? closing(at + 1) : at
      if (last >= 0) {
        const next = applyShape(shape, at, last, call)
        if (next >= 0) {
          at = next
          continue
        }
      }
    }
    if (cxx && name === 'try' && is(at + 1, '{')) {
      // The `catch` may be in a macro: then the block stands alone.
      const close = closing(at + 1)
      if (close >= 0 && isName(close + 1) && word(close + 1) !== 'catch') blank(at, at)
      continue
    }
    if (keywords.has(name)) continue

    if (!call) {
      const second = word(at + 1)
      const afterTag = isName(before) && /^(?:struct|class|union|enum)$/.test(word(before))
      if (isName(at + 1) && !afterTag) {
        // Two names and a third, or a name and a type: the first is an attribute that a macro hides.
        if (declaring.has(second)) {
          if (!/^(?:return|else|case|typedef|new|goto)$/.test(word(before)) || second !== 'struct') blank(at, at)
          continue
        }
        const third = at + 2
        const isModifier =
          !keywords.has(second) &&
          ((isName(third) && !/^(?:const|volatile|override|final|noexcept|and|or)$/.test(word(third))) ||
            is(third, '*') ||
            (cxx && is(third, '&')) ||
            (cxx && is(third, '::') && !/^_?Py/.test(name)))
        if (isModifier && !/^(?:operator|goto)$/.test(word(before))) {
          blank(at, at)
          continue
        }
        if (second === 'const' && isName(third) && (isName(at + 3) || is(at + 3, '*'))) {
          blank(at, at)
          continue
        }
      } else if (
        afterTag &&
        isName(at + 1) &&
        (is(at + 2, '{') || (cxx && (is(at + 2, ':') || (is(at + 2, ';') && !isWord(before - 1, 'typedef')))))
      ) {
        blank(at, at)
        continue
      }
      if (is(before, ')') && is(at + 1, '{')) {
        blank(at, at)
        continue
      }
      // A word alone on its line, before another statement: a statement of a macro without its semicolon.
      if ((is(before, ';') || is(before, '{') || is(before, '}')) && /^[A-Z][A-Z0-9_]{3,}$/.test(name)) {
        if (
          (isName(at + 1) && keywords.has(second) && !declaring.has(second) && second !== 'const') ||
          is(at + 1, '}')
        ) {
          if (!is(before, '{') || !is(at + 1, '}')) endAfter(at)
        }
      }
      continue
    }

    if (takesType.test(name)) {
      maskTypeArguments(at + 1)
      continue
    }
    // A call where a statement begins, and then another statement: its semicolon is in the macro.
    if (beginsStatement(at)) {
      const last = closing(at + 1)
      if (last >= 0) {
        const next = last + 1
        const missing = next >= size || is(next, '}') || (isName(next) && startsStatement(next))
        // Where declarations stand its arguments may be anything: types, nothing.
        if (macroNames.has(name) && scopes.every((scope) => scope) && last > at + 2 && (missing || is(next, ';')))
          blank(at + 2, last - 1)
        // In C++ that may be the body of a constructor.
        if (missing || (is(next, '{') && depth > 0 && (!cxx || macroNames.has(name)))) endAfter(last)
      }
    }
  }
  return edits

  /** Whether a brace holds declarations: of a namespace, or `extern "C" {`. */
  function opensScope(at: number): boolean {
    for (let back = at - 1; back >= 0 && back > at - 8; back--) {
      if (word(back) === 'namespace') return true
      if (!isName(back) && !is(back, '::') && kind[code[back]!] !== Kind.string) return false
      if (kind[code[back]!] === Kind.string) return isWord(back - 1, 'extern')
    }
    return false
  }

  /** Whether a statement or declaration begins at a token: after the end of another one, or after a directive. */
  function beginsStatement(at: number): boolean {
    const before = at - 1
    if (at === 0 || is(before, ';') || is(before, '{') || is(before, '}') || ended === before) return true
    return code[at]! - code[before]! > 1 || (is(before, ':') && cxx)
  }

  /** Whether the name could begin a statement, rather than go on with a declaration (`FOO(int) name(...)`). */
  function startsStatement(at: number): boolean {
    const name = word(at)
    if (/^(?:const|volatile|override|final|noexcept|and|or|not_eq)$/.test(name)) return false
    if (name === 'while') return !is(at - 1, '}')
    if (keywords.has(name)) return true
    if (depth > 0) return true
    // at file level: `MACRO(x) name(` declares, `MACRO(x) type name` follows
    return isName(at + 1) || is(at + 1, '*') || (is(at + 1, '(') && macroNames.has(name))
  }

  /** @returns the index of the last token dealt with, -1 to go on as if there were no shape */
  function applyShape(what: Shape, first: number, last: number, call: boolean): number {
    switch (what) {
      case 'blank':
        blank(first, last)
        return last
      case 'extern':
        // Its own name makes room for the word.
        blank(first, call ? first + 1 : first, end[code[first]!]! - start[code[first]!]! >= 6 ? 'extern' : '')
        if (!call) return last
        blank(last, last)
        return first + 1
      case 'empty':
        blank(first, last, ';')
        return last
      case 'open':
        blank(first, last, '{')
        depth++
        scopes.push(false)
        return last
      case 'close':
        blank(first, last, '}')
        depth = Math.max(0, depth - 1)
        scopes.pop()
        return last
      case 'comma':
        if (!call) return -1
        edits.push({ start: start[code[first]!]!, end: start[code[first]!]! + 2, put: '0' })
        edits.push({ start: start[code[first]!]! + 1, end: end[code[last]!]!, put: is(last + 1, ',') ? '' : ',' })
        return last
      case 'unwrap':
        if (!call) return -1
        blank(first, first + 1)
        blank(last, last)
        return first + 1
      case 'statement': {
        if (beginsStatement(first) && !is(last + 1, ';') && (is(last + 1, '}') || isName(last + 1) || last + 1 >= size))
          endAfter(last)
        return -1
      }
    }
  }

  /** `va_arg(ap, char *)`: puts `0` for the type. */
  function maskTypeArguments(open: number): void {
    const last = closing(open)
    if (last < 0) return
    let depthHere = 0
    let from = open + 1
    for (let at = open; at <= last; at++) {
      if (is(at, '(')) depthHere++
      else if (is(at, ')')) depthHere--
      if ((depthHere === 1 && is(at, ',')) || (depthHere === 0 && at === last)) {
        const to = at - 1
        if (to >= from && (typeWords.has(word(from)) || (is(to, '*') && to > from))) blank(from, to, '0')
        from = at + 1
      }
    }
  }
}

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
