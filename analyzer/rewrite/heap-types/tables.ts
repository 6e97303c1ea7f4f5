import { type InitialiserItem, type InitialiserPart, readInitialiser } from '../../code/initialisers.ts'
import {
  type FunctionText,
  functionAround,
  nextToken,
  type Outline,
  previousToken,
  wordAt,
} from '../../code/outline.ts'
import { Kind } from '../../preprocess/scanner.ts'
import type { TokenIndex } from '../../source/text.ts'
import { type TypeReference, textOf } from './references.ts'
import type { Sources } from './sources.ts'

/** A place in a static table that holds the address of a type, which has to be put there at run time. */
export interface TableSlot {
  readonly file: string
  readonly reference: Extract<TypeReference, { kind: 'address' }>
  /** The table's name, its token, and the last token of its declaration. */
  readonly name: string
  readonly nameToken: TokenIndex
  readonly last: TokenIndex
  /** The place as C: `types[3].type`. */
  readonly place: string
  /** The `#if` lines that it stands under, within the table. */
  readonly conditions: readonly string[]
  /** The table is a variable of a function. */
  readonly isLocal: boolean
  /** What the value is cast to: `(PyObject *)` or nothing. */
  readonly cast: string
  /** Where a function that fills the table can be called first, and what is returned there where that fails. */
  readonly call: { readonly around: FunctionText; readonly token: TokenIndex; readonly error: string }
}

/** Where in a table an address stands, and where the table can be filled; else why it cannot. */
export function tableSlot(
  sources: Sources,
  file: string,
  reference: Extract<TypeReference, { kind: 'address' }>,
  brace: TokenIndex,
): TableSlot | { readonly why: string } {
  const outline = sources.outline(file)
  const offset = outline.tokens.start[reference.first]!
  // `static struct { ... } name[] = {`
  const equals = previousToken(outline, brace)
  let isArray = false
  let nameToken = previousToken(outline, equals)
  while (wordAt(outline, nameToken) === ']') {
    isArray = true
    nameToken = previousToken(outline, outline.matchingBracket[nameToken]!)
  }
  const name = wordAt(outline, nameToken)
  if (wordAt(outline, equals) !== '=' || outline.tokens.kind[nameToken] !== Kind.identifier)
    return { why: 'its address stands in a static initialiser that is not understood' }
  let first = nameToken
  for (
    let back = previousToken(outline, nameToken);
    back >= 0 && !/^(?:[;{]|\}|\))$/.test(wordAt(outline, back));
    back = previousToken(outline, back)
  ) {
    if (back < first - 1) break
    first = back
  }
  const inline =
    wordAt(outline, previousToken(outline, first)) === '}'
      ? outline.matchingBracket[previousToken(outline, first)]!
      : -1
  const typeText = textOf(outline, first, nameToken)
  const head =
    inline >= 0
      ? textOf(outline, Math.max(0, previousToken(outline, previousToken(outline, inline))), inline)
      : typeText
  if (/\bconst\b/.test(typeText.replace(/const char/g, '')) || /\bconst\s+struct\b/.test(head))
    return { why: `its address stands in the constant table \`${name}\`` }
  const parts = readInitialiser(outline, brace)
  if (parts === null) return { why: `the table \`${name}\` has conditions in the middle of values` }
  const isPointer = /\*\s*\w+$/.test(typeText)
  let place = name
  let valueBrace = brace
  let inner: readonly InitialiserPart[] = parts
  const conditions: string[] = []
  if (isArray) {
    const index = indexOf(outline, inner, offset)
    if (index === null) return { why: `the table \`${name}\` has conditions around its entries` }
    place += `[${index.at}]`
    conditions.push(...index.conditions)
    const braceOf = index.item.firstToken
    if (!isPointer) {
      if (wordAt(outline, braceOf) !== '{') return { why: `the table \`${name}\` has entries without braces` }
      valueBrace = braceOf
      const read = readInitialiser(outline, braceOf)
      if (read === null) return { why: `the table \`${name}\` has conditions in the middle of values` }
      inner = read
    }
  }
  if (!isPointer) {
    const index = indexOf(outline, inner, offset)
    if (index === null) return { why: `the table \`${name}\` has conditions around its fields` }
    conditions.push(...index.conditions)
    const struct =
      inline >= 0 ? fieldNames(outline, inline) : structNamed(sources, /(\w+)\s+\w+$/.exec(typeText)?.[1] ?? '')
    const field = index.item.designator ?? struct?.[index.at]
    if (field === undefined || wordAt(outline, index.item.firstToken) === '{')
      return { why: `the fields of the table \`${name}\` are not known` }
    place += `.${field}`
  }
  // `.types = (PyTypeObject *[]){&T}` is a table in the table.
  let innermost = outline.enclosingBracket[reference.first]!
  while (innermost >= 0 && outline.braceKinds.get(innermost) !== 'initialiser')
    innermost = outline.enclosingBracket[innermost]!
  if (innermost !== valueBrace) {
    const literal = readInitialiser(outline, innermost)
    const index = literal === null ? null : indexOf(outline, literal, offset)
    if (
      index === null ||
      index.conditions.length > 0 ||
      index.item.designator !== null ||
      !/\[\s*\]\s*\)$/.test(outline.text.slice(0, outline.tokens.start[innermost]!).trimEnd().slice(-40)) ||
      outline.enclosingBracket[innermost] !== valueBrace
    ) {
      return { why: `its address stands in a table within the table \`${name}\`` }
    }
    place += `[${index.at}]`
  }
  const home = functionAround(outline, nameToken)
  const call = callPlace(sources, file, name, nameToken, home)
  if (call === null)
    return { why: `its address stands in \`${name}\`, and no function was found in which that could be filled` }
  let last = nextToken(outline, outline.matchingBracket[brace]!)
  while (wordAt(outline, last) !== ';' && last < outline.tokens.count) last = nextToken(outline, last)
  const before = previousToken(outline, reference.first)
  const cast = wordAt(outline, before) === ')' ? textOf(outline, outline.matchingBracket[before]!, before) : ''
  return { file, reference, name, nameToken, last, place, conditions, isLocal: home !== null, cast, call }
}

/** The value that an offset stands in, with its position; null where conditions stand before it. */
function indexOf(
  outline: Outline,
  parts: readonly InitialiserPart[],
  offset: number,
): { readonly at: number; readonly item: InitialiserItem; readonly conditions: readonly string[] } | null {
  let at = 0
  for (const part of parts) {
    if (part.kind === 'item') {
      if (part.from <= offset && offset < part.to) return { at, item: part, conditions: [] }
      at++
      continue
    }
    // All branches have as many entries, so what comes behind them has its place.
    const counts = new Set(
      part.branches.map((branch) => (branch.parts.every(({ kind }) => kind === 'item') ? branch.parts.length : -1)),
    )
    if (!part.hasElse || counts.size !== 1 || counts.has(-1)) return null
    for (const [which, { parts: inner, directive }] of part.branches.entries()) {
      const index = inner.findIndex((each) => each.kind === 'item' && each.from <= offset && offset < each.to)
      if (index < 0) continue
      return which > 0
        ? null
        : {
            at: at + index,
            item: inner[index] as InitialiserItem,
            conditions: [outline.text.slice(directive.start, directive.end)],
          }
    }
    at += [...counts][0]!
  }
  return null
}

/** The names of the fields between the braces of a struct, in order; null where there are conditions among them. */
function fieldNames(outline: Outline, open: number): string[] | null {
  const close = outline.matchingBracket[open]!
  const names: string[] = []
  let name: string | null = null
  let depthName = false
  for (let at = open + 1; at < close; at++) {
    if (outline.tokens.directive[at] !== -1) return null
    const word = wordAt(outline, at)
    if (word === ';' || word === ',') {
      if (name !== null) names.push(name)
      name = null
      depthName = false
      continue
    }
    if (word === '(' && wordAt(outline, at + 1) === '*' && !depthName) {
      // `int (*function)(void)`
      name = wordAt(outline, outline.matchingBracket[at]! - 1)
      depthName = true
      at = outline.matchingBracket[at]!
      continue
    }
    if (/^[([{]$/.test(word)) {
      at = outline.matchingBracket[at]!
      continue
    }
    if (outline.tokens.kind[at] === Kind.identifier && !depthName) name = word
  }
  return names
}

function structNamed(sources: Sources, name: string): string[] | null {
  if (name === '') return null
  for (const { file: where, token } of sources.references(name)) {
    const outline = sources.outline(where)
    if (outline.tokens.directive[token] !== -1) continue
    const before = previousToken(outline, token)
    const after = nextToken(outline, token)
    if (wordAt(outline, before) === '}' && outline.braceKinds.get(outline.matchingBracket[before]!) === 'struct')
      return fieldNames(outline, outline.matchingBracket[before]!)
    if (wordAt(outline, after) === '{' && /^(?:struct|class)$/.test(wordAt(outline, before)))
      return fieldNames(outline, after)
  }
  return null
}

/**
 * Where a table is used first in a function that runs once: the module's init function, or the one function that
 * there is.
 */
function callPlace(
  sources: Sources,
  file: string,
  name: string,
  nameToken: TokenIndex,
  home: FunctionText | null,
): TableSlot['call'] | null {
  const outline = sources.outline(file)
  const uses = sources
    .references(name)
    .filter((each) => each.file === file && each.token !== nameToken && outline.tokens.directive[each.token] === -1)
    .flatMap(({ token }) => {
      const around = functionAround(outline, token)
      return around && (home === null ? around.body > nameToken : around === home && token > nameToken)
        ? [{ token, around }]
        : []
    })
  const functions = [...new Set(uses.map(({ around }) => around))]
  const chosen =
    functions.find(({ name: each }) => /^PyInit_|^init|_?(?:exec|init|add|register|setup)/i.test(each)) ??
    (functions.length === 1 ? functions[0] : undefined)
  const around =
    chosen ??
    (functions.length === 0
      ? outline.functions.find(({ name: each, body }) => /^PyInit_/.test(each) && body > nameToken)
      : undefined)
  if (!around) return null
  const use = uses.find((each) => each.around === around)
  const token = use?.token ?? moduleCreation(outline, around)
  const error = errorOf(outline, around)
  return token === null || error === null ? null : { around, token, error }
}

function moduleCreation(outline: Outline, { body, end }: FunctionText): number | null {
  for (let at = body; at < end; at++)
    if (/^(?:PyModule_Create2?|PyModuleDef_Init|PyType_Ready)$/.test(wordAt(outline, at))) return at
  return null
}

/** What a function returns where something went wrong: nothing for `void`; null where it cannot be told. */
export function errorOf(outline: Outline, { body, end, nameToken, name }: FunctionText): string | null {
  const returned = new Set(
    [...textOf(outline, body, end).matchAll(/\breturn\s+\(?(NULL|-1|nullptr|false|FALSE|\w*ERR\w*)\)?\s*;/g)].map(
      ([, value]) => value!,
    ),
  )
  if (returned.size === 1) return [...returned][0]!
  let head = ''
  for (
    let back = previousToken(outline, nameToken);
    back >= 0 && !/^[;{}]$/.test(wordAt(outline, back));
    back = previousToken(outline, back)
  )
    head = `${wordAt(outline, back)} ${head}`
  if (/\*/.test(head) || /PyMODINIT_FUNC/.test(head) || /^PyInit_/.test(name)) return 'NULL'
  if (/\b(?:int|Py_ssize_t|long)\b/.test(head)) return '-1'
  if (returned.size > 0) return [...returned].find((each) => /ERR/.test(each)) ?? null
  return /\bvoid\b/.test(head) ? '' : null
}
