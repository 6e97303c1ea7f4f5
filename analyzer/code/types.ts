import type { CType } from '../knowledge/ctype.ts'
import type { TokenIndex } from '../source/text.ts'
import type { Cursor } from './cursor.ts'
import { tagWords, wordSet } from './words.ts'

/** Types as they are written, from the tokens. */

/** Words that begin a type, or are all of it. */
const builtinTypes = wordSet(
  'void char short int long float double signed unsigned bool _Bool auto struct union enum class const volatile ' +
    'wchar_t typename __int64',
)

/** Words before a type, which are no part of it. */
const specifiers = wordSet(
  'static extern inline register typedef virtual explicit friend mutable constexpr thread_local _Thread_local ' +
    '__thread _Noreturn __inline __inline__ __forceinline __extension__ restrict __restrict __restrict__ ' +
    'statichere staticforward',
)

const certainWords = wordSet('const volatile struct union enum class typename __const _Atomic')

/** Whether a word says that a type follows: `int`, `struct`, `const`. */
export const beginsType = (word: string): boolean => builtinTypes.has(word)

/** Whether a word stands before a declaration and is no part of its type: `static`. */
export const isSpecifier = (word: string): boolean => specifiers.has(word)

const arithmeticTypes = wordSet('void char short int long float double signed unsigned bool _Bool auto wchar_t __int64')

/** Words with parentheses that stand before a type. */
const attributeWords = wordSet('__attribute__ __declspec alignas')

/** What stands behind the `&&` of an argument of a template. */
const behindTemplateReference = wordSet('> >> , ...')

const isArithmetic = (word: string): boolean => arithmeticTypes.has(word)

/**
 * The end of the arguments of a template, `<4, float>`.
 * @param open the token of a `<`
 * @returns the token of the last `>`; -1 where the `<` compares
 */
export function endOfTemplate(cursor: Cursor, open: number): number {
  let depth = 0
  for (let at = open, count = 0; at < cursor.limit && count < longestTemplate; at = cursor.after(at), count++) {
    const word = cursor.word(at)
    if (word === '<') depth++
    else if (word === '>' || word === '>>') depth -= word.length
    else if (word === '(') {
      const close = cursor.closing(at)
      if (close < 0) return -1
      at = close
    } else if (word === '&&') {
      // `T &&`, and not `a < 1 && b > 2`.
      if (!behindTemplateReference.has(cursor.word(cursor.after(at)))) return -1
    } else if (!/^(?:\w+|::|,|\*|&|\.\.\.)$/.test(word)) return -1
    if (depth <= 0) return at
  }
  return -1
}

/** Tokens; what is longer is taken for a comparison. */
const longestTemplate = 200

export interface TypeWords {
  /** Qualifiers and specifiers left out, `struct` kept: `struct _ts`, `unsigned long`, `PyObject`. */
  readonly type: CType
  /** The token of the last word. */
  readonly last: number
  /** Whether it is a type whatever follows: `int`, `struct x`. */
  readonly isCertain: boolean
}

/**
 * The words of a type from a token on, without `*`: `const struct spam`, `unsigned long`, `ns::T<int>`.
 * @returns null where no type stands there
 */
export function typeWords(cursor: Cursor, from: number): TypeWords | null {
  let at = from
  let last = -1
  let name = ''
  let isCertain = false
  for (; at < cursor.limit; at = cursor.after(at)) {
    const word = cursor.word(at)
    if (!cursor.isIdentifier(at)) break
    if (isSpecifier(word)) continue
    if (attributeWords.has(word)) {
      const close = cursor.closing(cursor.after(at))
      if (close < 0) return null
      at = close
      continue
    }
    if (certainWords.has(word)) {
      isCertain = true
      if (tagWords.has(word)) name = word
      last = at
      continue
    }
    if (isArithmetic(word)) {
      name = name === '' ? word : `${name} ${word}`
      isCertain = true
      last = at
      continue
    }
    if (name !== '' && !tagWords.has(name)) {
      // `unsigned PY_LONG_LONG`
      const behind = cursor.word(cursor.after(at))
      if (!/(?:^|\s)(?:unsigned|signed|long)$/.test(name) || !/^(?:[A-Za-z_]\w*|\*|\)|)$/.test(behind)) break
    }
    if (name === '' && isMacroBeforeType(cursor, at)) continue
    const qualified = qualifiedName(cursor, at)
    name = name === '' ? qualified.name : `${name} ${qualified.name}`
    at = last = qualified.last
  }
  return last < 0 || name === '' ? null : { type: name === 'class' ? '' : name, last, isCertain }
}

/** `CYTHON_UNUSED PyObject *x`: of two names before a declarator the first is a macro for an attribute. */
function isMacroBeforeType(cursor: Cursor, at: TokenIndex): boolean {
  const second = cursor.after(at)
  if (!cursor.isIdentifier(second)) return false
  const third = cursor.after(second)
  const isUpper = (token: TokenIndex): boolean => /^[A-Z][A-Z0-9_]*$/.test(cursor.word(token))
  // `PyTypeObject HIDDEN Spam_Type`
  if (cursor.isIdentifier(third) && isUpper(second) && !isUpper(at)) return false
  return cursor.word(third) === '*' || (cursor.isIdentifier(third) && !/^[A-Z_]+$/.test(cursor.word(third)))
}

/** `ns::T<int>::U`: the last name, and the token where it ends. @param at its first identifier */
export function qualifiedName(cursor: Cursor, at: number): { readonly name: string; readonly last: number } {
  let last = at
  for (;;) {
    let next = cursor.after(last)
    let end = last
    if (cursor.word(next) === '<') {
      const close = endOfTemplate(cursor, next)
      if (close >= 0 && /^(?:::|[\w*&,>){;(]|\.\.\.|$)/.test(cursor.word(cursor.after(close)))) {
        end = close
        next = cursor.after(close)
      }
    }
    const name = cursor.word(last)
    if (cursor.word(next) !== '::' || !cursor.isIdentifier(cursor.after(next))) return { name, last: end }
    last = cursor.after(next)
  }
}
