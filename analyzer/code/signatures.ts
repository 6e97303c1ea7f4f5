import type { CType } from '../knowledge/ctype.ts'
import { isPunctuation, Kind } from '../preprocess/scanner.ts'
import { addAll } from '../source/lists.ts'
import type { TokenIndex } from '../source/text.ts'
import { namespacesAround, type Outline, operatorBefore, wordAt } from './outline.ts'
import { type CodeContext, parameterList } from './read-function.ts'
import { qualifiers, statementBounds, tagWords, wordSet } from './words.ts'

/**
 * Types that tell declarations of one name from each other: the parameters of an overload, what an operator converts
 * to, the arguments of a template's specialisation or explicit instantiation, an association of `_Generic`.
 */
export interface Signature {
  readonly kind: 'function' | 'conversion' | 'specialisation' | 'instantiation' | 'association'
  /** Of a function, `operator<<` included, or a template; of the others what stands there: `operator`, `_Generic`. */
  readonly name: string
  /** The class, else the namespace that it is declared in, or the place of a `_Generic`; empty for none. */
  readonly scope: string
  /** Null where they are not understood. */
  readonly types: readonly CType[] | null
}

/** All signatures of a file, outside of the bodies of functions but for associations. */
export function signaturesIn(context: CodeContext): Signature[] {
  const { outline } = context
  const found: Signature[] = []
  for (let at = 0; at < outline.tokens.count; at++) {
    const word = wordAt(outline, at)
    if (word === '_Generic') addAll(found, associationsOf(outline, at))
    else if (!isDeclaration(outline, at)) continue
    else if (word === 'template' && wordAt(outline, at + 2) === '>')
      addAll(found, templateAt(outline, at + 3, 'specialisation'))
    else if (word === 'template' && wordAt(outline, at + 1) !== '<' && wordAt(outline, at - 1) !== 'extern')
      addAll(found, templateAt(outline, at + 1, 'instantiation'))
    else if (word === '(') addAll(found, declaratorBefore(context, at))
  }
  return found
}

/** Whether a token stands at file level, in a namespace or in a class, outside of all other brackets. */
function isDeclaration({ tokens, enclosingBracket, braceKinds }: Outline, at: TokenIndex): boolean {
  if (tokens.isInDirective[at] !== 0) return false
  for (let around = enclosingBracket[at]!; around >= 0; around = enclosingBracket[around]!)
    if (!declaring.has(braceKinds.get(around) ?? '')) return false
  return true
}

const declaring = wordSet('file struct')

/** A function or an operator, by the parentheses of its parameters. */
function declaratorBefore(context: CodeContext, open: TokenIndex): Signature[] {
  const { outline } = context
  const close = outline.matchingBracket[open]!
  if (close < 0) return []
  const operator = conversionBefore(outline, open)
  if (operator >= 0) {
    const scope = scopeOf(outline, operator)
    return [{ kind: 'conversion', name: 'operator', scope, types: [typeText(outline, operator + 1, open)] }]
  }
  const sign = operatorBefore(outline.tokens, open)
  const name = sign >= 0 ? sign : open - 1
  if (name < 0 || outline.tokens.kind[name] !== Kind.identifier) return []
  let written = wordAt(outline, name)
  for (let at = name + 1; at < open; at++) written += wordAt(outline, at)
  const types = parameterList(context, open, close)?.map(({ type }) => type) ?? null
  return [{ kind: 'function', name: written, scope: scopeOf(outline, name), types }]
}

/** The `operator` of `operator T *()`, by the parenthesis; -1 for none. */
function conversionBefore(outline: Outline, open: TokenIndex): TokenIndex {
  for (let at = open - 1; at > 0 && open - at <= longestType; at--) {
    const word = wordAt(outline, at)
    if (word === 'operator') return at + 1 < open && outline.tokens.kind[at + 1] === Kind.identifier ? at : -1
    if (outline.tokens.kind[at] !== Kind.identifier && !ofTypes.has(word)) return -1
  }
  return -1
}

/** Signs in the type that an operator converts to. */
const ofTypes = wordSet('* & ::')

/** Tokens of the type that an operator converts to, at most. */
const longestType = 8

/** The class or the namespace that a declared name is a member of. */
function scopeOf(outline: Outline, name: TokenIndex): string {
  if (wordAt(outline, name - 1) === '::') return wordAt(outline, name - 2)
  const { enclosingBracket, braceKinds } = outline
  const around = enclosingBracket[name]!
  if (braceKinds.get(around) !== 'struct') return namespacesAround(outline, name).at(-1) ?? ''
  for (let back = around - 1; back >= 0 && !statementBounds.has(wordAt(outline, back)); back--)
    if (tagWords.has(wordAt(outline, back))) return wordAt(outline, back + 1)
  return `@${around}`
}

/** What stands behind `template <>` or `template`: the arguments of the template. */
function templateAt(outline: Outline, first: TokenIndex, kind: 'specialisation' | 'instantiation'): Signature[] {
  let open = first
  while (wordAt(outline, open) !== '<' && !specialisationEnds.has(wordAt(outline, open)) && open < outline.tokens.count)
    open++
  if (wordAt(outline, open) !== '<') return []
  const types: CType[] = []
  let depth = 0
  let from = open + 1
  for (let at = open; at < outline.tokens.count; at++) {
    const word = wordAt(outline, at)
    if (word === '<') depth++
    if (word === '>') depth--
    if (depth > 1 || (word !== ',' && word !== '>')) continue
    types.push(typeText(outline, from, at))
    from = at + 1
    if (depth === 0) break
  }
  const name = wordAt(outline, open - 1)
  return [{ kind, name, scope: scopeOf(outline, open - 1), types }]
}

const specialisationEnds = wordSet('{ ; (')

/** The types of `_Generic(x, T *: a, U *: b)`. */
function associationsOf(outline: Outline, generic: TokenIndex): Signature[] {
  const { matchingBracket, tokens } = outline
  const close = isPunctuation(tokens, generic + 1, '(') ? matchingBracket[generic + 1]! : -1
  const found: Signature[] = []
  let from = -1
  for (let at = generic + 2; at < close; at++) {
    const word = wordAt(outline, at)
    if (word === ',') from = at + 1
    else if (word === ':' && from >= 0) {
      const types = [typeText(outline, from, at)]
      found.push({ kind: 'association', name: '_Generic', scope: `@${generic}`, types })
      from = -1
    }
    if (matchingBracket[at]! > at) at = matchingBracket[at]!
  }
  return found
}

/** The type that tokens are, `end` exclusive, without its qualifiers. */
function typeText(outline: Outline, first: TokenIndex, end: TokenIndex): CType {
  let type = ''
  for (let at = first; at < end; at++) {
    const word = wordAt(outline, at)
    if (!qualifiers.has(word)) type += /\w$/.test(type) && /^\w/.test(word) ? ` ${word}` : word
  }
  return type
}
