import type { CType } from '../knowledge/ctype.ts'
import type { Cursor } from './cursor.ts'
import type { ValueReader } from './read-value.ts'
import type { DeclarationStatement, Storage, Value, Variable } from './tree.ts'
import { beginsType, isSpecifier, type TypeWords, typeWords } from './types.ts'
import { qualifiers, wordSet } from './words.ts'

/** Declarations of variables, from their tokens. */

/** What a declarator declares: `*spam[4]`, `(*f)(int)`. */
interface Declarator {
  /** -1 where there is no name. */
  readonly nameToken: number
  readonly type: CType
  /** A `&` stands before its name, and what it refers to is no constant. */
  readonly isReference: boolean
  /** The parentheses of its parameters, -1 for none. */
  readonly open: number
  /** Its name stands in parentheses, and nothing behind them: `(*x)`. */
  readonly isGroup: boolean
}

const neverType = wordSet('return else goto case default break continue sizeof do if for while switch')
const neverTypeInCxx = wordSet(
  'new delete throw operator using namespace public private protected template co_return co_await not',
)

const isNeverType = (word: string, isCxx: boolean): boolean =>
  neverType.has(word) || (isCxx && neverTypeInCxx.has(word))

/**
 * Reads a declaration with its semicolon.
 * @param isVariable whether a name is a variable where it stands, and so no type
 * @returns null where no declaration stands there; nothing is taken then
 */
export function readDeclaration(
  cursor: Cursor,
  values: ValueReader,
  isVariable: (name: string) => boolean,
  isCxx: boolean,
): DeclarationStatement | null {
  const before = cursor.mark()
  const found = declarationFrom(cursor, values, isVariable, isCxx)
  if (found === null) cursor.reset(before)
  return found
}

function declarationFrom(
  cursor: Cursor,
  values: ValueReader,
  isVariable: (name: string) => boolean,
  isCxx: boolean,
): DeclarationStatement | null {
  const first = cursor.peek()
  if (!cursor.isIdentifier(first) || isNeverType(cursor.word(first), isCxx)) return null
  const exported = exportedType(cursor, first)
  const words = exported ?? macroType(cursor, first) ?? typeWords(cursor, first)
  if (words === null || (!words.isCertain && isVariable(words.type))) return null
  cursor.at = words.last
  cursor.take()
  const variables: Variable[] = []
  const types: string[] = []
  const prototypes: string[] = []
  let { type } = words
  if (exported !== null) cursor.accept(')')
  let struct: DeclarationStatement['struct'] = null
  if (/^(?:struct|union|enum|class)/.test(type) && cursor.next() === '{') {
    // What is in the body of a struct is read on demand.
    const open = cursor.peek()
    const close = cursor.closing(open)
    if (close < 0) return null
    cursor.at = close
    cursor.take()
    struct = { tag: type, span: cursor.spanFrom(open) }
  }
  const finished = (): DeclarationStatement => ({
    kind: 'declaration',
    variables,
    types,
    prototypes,
    struct,
    span: cursor.spanFrom(first),
  })
  let { storage, isTypedef, isConst } = specifiersBefore(cursor, first, cursor.peek())
  if (cursor.accept(';')) return words.isCertain || storage !== '' || isTypedef ? finished() : null
  for (let count = 0; ; count++) {
    const declarator = declaratorFrom(cursor, type, isCxx, isConst)
    if (declarator === null || declarator.nameToken < 0) return null
    const { nameToken, open } = declarator
    if (count === 0) ({ storage, isTypedef } = specifiersBefore(cursor, first, nameToken))
    const name = cursor.word(nameToken)
    const nameSpan = { start: cursor.start(nameToken), end: cursor.end(nameToken) }
    skipAttributes(cursor, 'behind')
    // `Py_DECREF(*x);` calls.
    if (
      count === 0 &&
      !words.isCertain &&
      (declarator.isGroup || !isDeclared(cursor, declarator.type, type, open, isCxx))
    )
      return null
    // A function with its body.
    if (open >= 0 && cursor.next() === '{') return null
    if (cursor.accept(':')) {
      // The width of a field.
      if (values.assignment() === null) return null
    }
    const initialiser = initialiserFrom(cursor, values, type, open, isCxx)
    if (initialiser === undefined) return null
    if (isTypedef) types.push(name)
    else if (open >= 0 && initialiser === null) prototypes.push(name)
    else
      variables.push({
        kind: 'variable',
        name,
        type: open >= 0 ? type : declarator.type,
        isReference: declarator.isReference,
        storage: exported === null ? storage : 'extern',
        initialiser,
        nameSpan,
      })
    if (cursor.accept(';')) return finished()
    if (cursor.peek() >= cursor.limit && count === 0 && variables.length === 1) return finished()
    // `for (T x : list)`
    if (cursor.next() === ':') return finished()
    if (!cursor.accept(',')) return null
    type = words.type
  }
}

const staticWords = wordSet('static statichere staticforward')

/** Words behind a `*`, but for qualifiers. */
const ofPointers = wordSet('^ __cdecl __stdcall _Nullable _Nonnull')

/** What makes a declarator in parentheses a pointer, a reference or a block. */
const pointerSigns = wordSet('* & ^')

/** Words before or behind a declarator, with parentheses or without, that are no part of it. */
const attributeWords = wordSet('__attribute__ __attribute __asm__ asm alignas __declspec noexcept')

/** What the words of a declaration before a token say: most often, but not always, the first of them. */
export function specifiersBefore(
  cursor: Cursor,
  first: number,
  end: number,
): { readonly storage: Storage; readonly isTypedef: boolean; readonly isConst: boolean } {
  let storage: Storage = ''
  let isTypedef = false
  let isConst = false
  for (let at = first; at < end; at = cursor.after(at)) {
    const word = cursor.word(at)
    if (word === 'extern') storage = word
    else if (staticWords.has(word)) storage = 'static'
    else if (word === 'typedef') isTypedef = true
    else if (word === 'const') isConst = true
    at = cursor.endOf(at)
  }
  return { storage, isTypedef, isConst }
}

/** `PyAPI_DATA(PyTypeObject)`: a macro that says where a variable is found, and its type; null for anything else. */
function exportedType(cursor: Cursor, first: number): TypeWords | null {
  let at = first
  while (isSpecifier(cursor.word(at))) at = cursor.after(at)
  if (!/_DATA$|^(?:DL_|extern_)\w+$/.test(cursor.word(at)) || cursor.word(cursor.after(at)) !== '(') return null
  const close = cursor.closing(cursor.after(at))
  const words = close < 0 ? null : typeWords(cursor, cursor.after(cursor.after(at)))
  return words !== null && cursor.after(words.last) === close ? { ...words, isCertain: true } : null
}

/** `CLOSURE(Spam) closure = {`: a macro that makes the name of a type; null for anything else. */
function macroType(cursor: Cursor, first: number): TypeWords | null {
  let at = first
  while (isSpecifier(cursor.word(at)) || cursor.word(at) === 'const' || cursor.word(at) === 'struct')
    at = cursor.after(at)
  const open = cursor.after(at)
  const close = cursor.isIdentifier(at) && cursor.word(open) === '(' ? cursor.closing(open) : -1
  let behind = close < 0 ? -1 : cursor.after(close)
  if (close < 0 || !cursor.isIdentifier(behind)) return null
  behind = cursor.after(behind)
  while (cursor.word(behind) === '[' && cursor.closing(behind) >= 0) behind = cursor.after(cursor.closing(behind))
  const isInitialised = cursor.word(behind) === '=' && cursor.word(cursor.after(behind)) === '{'
  return isInitialised ? { type: `${cursor.word(at)}()`, last: close, isCertain: true } : null
}

/** Whether what was read so far can only be a declaration: `a b`, `a *b =`, but not `a * b` and not `a(b)`. */
function isDeclared(cursor: Cursor, type: CType, base: CType, open: number, isCxx: boolean): boolean {
  const next = cursor.next()
  if (open >= 0) return isCxx || type !== base
  return /^(?:[;=,:]|)$/.test(next) || (next === '{' && isCxx) || next === '['
}

/**
 * The name and the type of a declarator; the cursor stands behind it then.
 * @param isConst whether the type before it is that of a constant
 */
export function declaratorFrom(cursor: Cursor, base: CType, isCxx: boolean, isConst: boolean): Declarator | null {
  let type = base
  let refersToConst = isConst
  let isReference = false
  for (;;) {
    const word = cursor.next()
    if (word === '*') {
      type += '*'
      refersToConst = false
    } else if (word === 'const') refersToConst = true
    else if (word === '&') isReference = isCxx && !refersToConst
    else if (!qualifiers.has(word) && !ofPointers.has(word)) break
    cursor.take()
  }
  skipAttributes(cursor, 'before')
  let token = cursor.peek()
  let inner = -1
  if (cursor.word(token) === '(') {
    // `(*f)(int)`, `(x)`
    const close = cursor.closing(token)
    if (close < 0) return null
    let name = cursor.after(token)
    let isPointer = false
    for (;;) {
      const word = cursor.word(name)
      if (pointerSigns.has(word)) isPointer = true
      else if (!qualifiers.has(word) && !(cursor.isIdentifier(name) && /^[\w*]/.test(cursor.word(cursor.after(name)))))
        break
      name = cursor.after(name)
    }
    // `f(x)` calls.
    if (!isPointer) return null
    if (!cursor.isIdentifier(name)) return null
    inner = close
    token = name
  } else if (!cursor.isIdentifier(token)) return { nameToken: -1, type, isReference, open: -1, isGroup: false }
  else if (beginsType(cursor.word(token)) || isNeverType(cursor.word(token), isCxx)) return null
  while (
    inner < 0 &&
    cursor.word(cursor.after(token)) === '::' &&
    cursor.isIdentifier(cursor.after(cursor.after(token)))
  )
    token = cursor.after(cursor.after(token))
  cursor.at = inner < 0 ? token : inner
  cursor.take()
  let open = -1
  for (;;) {
    const next = cursor.peek()
    const word = cursor.word(next)
    const close = word === '[' || word === '(' ? cursor.closing(next) : -1
    if (close < 0) break
    if (word === '(') {
      if (open >= 0) break
      if (inner < 0) open = next
      else type += '()*'
    } else type += '[]'
    cursor.at = close
    cursor.take()
  }
  return { nameToken: token, type, isReference, open, isGroup: inner >= 0 && cursor.last === inner }
}

/** `__attribute__((unused))`, and macros for such: `EXPORTED` before a name, `UNUSED` behind it. */
function skipAttributes(cursor: Cursor, where: 'before' | 'behind'): void {
  for (;;) {
    const token = cursor.peek()
    const word = cursor.word(token)
    if (attributeWords.has(word)) {
      cursor.take()
      const open = cursor.peek()
      const close = cursor.word(open) === '(' ? cursor.closing(open) : -1
      if (close < 0) continue
      cursor.at = close
      cursor.take()
      continue
    }
    // `[[maybe_unused]]`
    if (word === '[' && cursor.word(cursor.after(token)) === '[' && cursor.closing(token) >= 0) {
      cursor.at = cursor.closing(token)
      cursor.take()
      continue
    }
    const next = cursor.after(token)
    if (where === 'behind' && cursor.isIdentifier(token) && cursor.word(next) === '(') {
      // `Spam_Type CHECKED_AS("Spam");`
      const close = cursor.closing(next)
      const behind = close < 0 ? close : cursor.after(close)
      if (close < 0 || !(/^[;=,]$/.test(cursor.word(behind)) || cursor.isIdentifier(behind))) return
      cursor.at = close
      cursor.take()
      continue
    }
    const isMacro =
      where === 'before'
        ? cursor.isIdentifier(next) && /^(?:[;=,[]|::)$/.test(cursor.word(cursor.after(next)))
        : cursor.last >= 0 &&
          (cursor.isIdentifier(cursor.last) || /^[)\]]$/.test(cursor.word(cursor.last))) &&
          /^[;=,]$/.test(cursor.word(next))
    if (/^[A-Z][A-Z0-9_]*$/.test(word) && isMacro) {
      cursor.take()
      continue
    }
    return
  }
}

/**
 * What a variable begins with: behind `=`, in braces, or in the parentheses of a C++ constructor.
 * @param open the parentheses that were taken for those of parameters, -1 for none
 * @returns null for none; undefined where it cannot be read
 */
function initialiserFrom(
  cursor: Cursor,
  values: ValueReader,
  type: CType,
  open: number,
  isCxx: boolean,
): Value | null | undefined {
  if (cursor.accept('=')) return values.assignment() ?? undefined
  if (cursor.next() === '{' && isCxx) return values.assignment() ?? undefined
  if (open < 0 || !isCxx || isParameterList(cursor, open)) return null
  const close = cursor.closing(open)
  const operands = values.operands(open, close)
  const span = cursor.spanFrom(open)
  // What is called is the constructor of the variable's type.
  const callee: Value = { kind: 'type', type, span: { start: span.start, end: span.start } }
  return { kind: 'call', callee, operands, open: span.start, close: cursor.start(close), span }
}

/** Whether parentheses hold parameters rather than what a constructor gets: `(int x)`, `()`. */
function isParameterList(cursor: Cursor, open: number): boolean {
  const close = cursor.closing(open)
  const first = cursor.after(open)
  if (first === close) return true
  const words = typeWords(cursor, first)
  if (words === null) return false
  const next = cursor.after(words.last)
  return words.isCertain || cursor.word(next) === '*' || cursor.word(next) === '&' || cursor.isIdentifier(next)
}
