import { oldNames, slotStructs } from '../knowledge/slots.ts'
import { Kind } from '../preprocess/scanner.ts'
import type { Offset, TokenIndex } from '../source/text.ts'
import { type InitialiserItem, type InitialiserPart, readInitialiser } from './initialisers.ts'
import { nextToken, type Outline, previousToken, tokenFrom, wordAt } from './outline.ts'

/**
 * For which versions of Python a branch of a condition is compiled: none that anybody uses (Python 2, `#if 0`), all,
 * some.
 */
export type VersionCoverage = 'never' | 'always' | 'sometimes'

/**
 * A variable of one of the structs that types are written down with, where it is declared or defined. Numbers are
 * tokens.
 */
export interface DeclaredVariable {
  /** `PyTypeObject`, `PyNumberMethods` ... */
  readonly struct: string
  readonly name: string
  readonly nameToken: TokenIndex
  /** The name of the struct, with `struct` in front if it stands there. */
  readonly typeToken: TokenIndex
  /** Of the whole declaration; `last` is its semicolon. */
  readonly first: number
  readonly last: number
  readonly storage: 'static' | 'extern' | ''
  readonly isArray: boolean
  /** More variables than this one. */
  readonly isShared: boolean
  /** The brace of its initialiser; -1 for none. */
  readonly brace: TokenIndex
  /** A field of a struct, or a parameter. */
  readonly isField: boolean
}

/** The names of the structs, and the tag of `PyTypeObject`, where they are words. */
const structNames = new RegExp(`\\b(?:_typeobject|${Object.keys(slotStructs).join('|')})\\b`, 'g')

/** All such variables of a text. */
export function declarationsIn(outline: Outline): DeclaredVariable[] {
  const { text, tokens } = outline
  const found: DeclaredVariable[] = []
  let behind = -1
  for (const { index } of text.matchAll(structNames)) {
    const at = tokenFrom(outline, index)
    // In a comment, a string, a directive, or a declaration that was read.
    if (
      at <= behind ||
      tokens.start[at] !== index ||
      tokens.kind[at] !== Kind.identifier ||
      tokens.directive[at] !== -1
    )
      continue
    const word = wordAt(outline, at)
    const isTag = word === '_typeobject' && wordAt(outline, at - 1) === 'struct'
    const struct = isTag ? 'PyTypeObject' : word
    if (!isTag && !Object.hasOwn(slotStructs, word)) continue
    const typeToken = isTag ? at - 1 : at
    const head = declarationHead(outline, typeToken, at)
    if (head === null) continue
    const { names, last } = declaratorsBehind(outline, at)
    if (last < 0) continue
    const isField = isWithinType(outline, names[0]!.nameToken)
    for (const each of names) {
      const name = wordAt(outline, each.nameToken)
      found.push({ struct, name, typeToken, last, isShared: names.length > 1, isField, ...head, ...each })
    }
    behind = Math.max(at, names.at(-1)!.nameToken)
  }
  return found
}

/** Whether a token stands in a struct, an initialiser or parentheses. */
function isWithinType(outline: Outline, token: TokenIndex): boolean {
  const around = outline.enclosingBracket[token]!
  if (around < 0) return false
  return (
    wordAt(outline, around) !== '{' ||
    outline.braceKinds.get(around) === 'struct' ||
    outline.braceKinds.get(around) === 'initialiser'
  )
}

type DeclarationHead = Pick<DeclaredVariable, 'first' | 'storage'>

/**
 * What stands before the type of a declaration; null where it is none.
 * @param at the last token of the type
 */
function declarationHead(outline: Outline, typeToken: TokenIndex, at: TokenIndex): DeclarationHead | null {
  const { tokens } = outline
  let first = typeToken
  let storage: DeclaredVariable['storage'] = ''
  for (let back = previousToken(outline, typeToken); back >= 0; back = previousToken(outline, back)) {
    const before = wordAt(outline, back)
    if (/^(?:[;{}:>])$/.test(before) || (tokens.kind[back] === Kind.string && wordAt(outline, back - 1) !== 'extern'))
      break
    // A directive is the end of what stands before it, unless it stands in the declaration itself.
    if (first - back > 1 && back < first - 1 && !/^[A-Za-z_"]/.test(before)) break
    if (before === ')') {
      const open = outline.matchingBracket[back]!
      if (open >= 0 && /^(?:__declspec|__attribute__|alignas)$/.test(wordAt(outline, open - 1))) {
        first = open - 1
        back = first
        continue
      }
      // A call of a macro before it, without a semicolon.
      return open >= 0 ? { first, storage } : null
    }
    if (before === '(') {
      // `PyAPI_DATA(PyTypeObject) X`
      const isExported =
        wordAt(outline, nextToken(outline, at)) === ')' &&
        /^(?:Py\w*_DATA|PyAPI_DATA|\w*_DATA|DL_\w+|extern_\w+)$/.test(wordAt(outline, back - 1))
      if (!isExported) return null
      first = back - 1
      storage = 'extern'
      continue
    }
    if (tokens.kind[back] === Kind.string) {
      first = back
      continue
    }
    if (tokens.kind[back] !== Kind.identifier || notBeforeType.test(before)) return null
    if (before === 'static' || before === 'statichere' || before === 'staticforward') storage = 'static'
    else if (before === 'extern') storage = 'extern'
    first = back
  }
  return { first, storage }
}

const notBeforeType = /^(?:return|sizeof|typedef|new|case|goto|else|const_cast|struct|class)$/

type Declarators = {
  readonly names: readonly Pick<DeclaredVariable, 'nameToken' | 'isArray' | 'brace'>[]
  /** The semicolon; -1 where it is no declaration. */
  readonly last: TokenIndex
}

/** The variables behind a type, with their initialisers. @param type its last token */
function declaratorsBehind(outline: Outline, type: TokenIndex): Declarators {
  const { tokens } = outline
  const names: { nameToken: TokenIndex; isArray: boolean; brace: TokenIndex }[] = []
  let here = nextToken(outline, type)
  if (wordAt(outline, here) === ')') here = nextToken(outline, here)
  // Attributes between the type and the name.
  while (tokens.kind[here] === Kind.identifier && tokens.kind[nextToken(outline, here)] === Kind.identifier)
    here = nextToken(outline, here)
  while (here < tokens.count && tokens.kind[here] === Kind.identifier) {
    // `ns::Name`
    while (wordAt(outline, here + 1) === '::' && tokens.kind[here + 2] === Kind.identifier) here += 2
    const nameToken = here
    let isArray = false
    let brace = -1
    here = nextToken(outline, here)
    while (wordAt(outline, here) === '[' && outline.matchingBracket[here]! > 0) {
      isArray = true
      here = nextToken(outline, outline.matchingBracket[here]!)
    }
    if (wordAt(outline, here) === '__attribute__')
      here = nextToken(outline, outline.matchingBracket[nextToken(outline, here)]!)
    if (wordAt(outline, here) === '=') {
      here = nextToken(outline, here)
      if (wordAt(outline, here) !== '{' || outline.matchingBracket[here]! < 0) break
      brace = here
      here = nextToken(outline, outline.matchingBracket[here]!)
    }
    names.push({ nameToken, isArray, brace })
    if (wordAt(outline, here) === ';') return { names, last: here }
    if (wordAt(outline, here) !== ',') break
    here = nextToken(outline, here)
  }
  return { names, last: -1 }
}

/** Values by the field that each is for. The order is that of the text. */
export type FieldPart =
  | { readonly kind: 'field'; readonly field: string; readonly item: InitialiserItem }
  | {
      readonly kind: 'branches'
      readonly of: Extract<InitialiserPart, { kind: 'branches' }>
      readonly branches: readonly (readonly FieldPart[])[]
    }

/**
 * Gives the values of an initialiser their fields.
 * @param fateOf of the branch that begins at an offset: those that are for no Python are left out
 * @returns null where that cannot be told: a designator that the struct does not have, too many values, or branches
 * of a condition that leave off at different fields
 */
export function fieldsOf(
  struct: string,
  parts: readonly InitialiserPart[],
  text: string,
  fateOf: (branch: Offset) => VersionCoverage,
): readonly FieldPart[] | null {
  const order = slotStructs[struct]!
  const known = new Set(Object.values(slotStructs).flat())
  let failed = false
  const walk = (inner: readonly InitialiserPart[], from: number): [readonly FieldPart[], number] => {
    const result: FieldPart[] = []
    let position = from
    for (const part of inner) {
      if (part.kind === 'branches') {
        const alive = part.branches.filter(({ directive }) => fateOf(directive.end) !== 'never')
        if (alive.length === 0) continue
        // What is the only one for all versions that there are needs no condition.
        if (alive.length === 1 && (part.hasElse || fateOf(alive[0]!.directive.end) === 'always')) {
          const [fields, end] = walk(alive[0]!.parts, position)
          result.push(...fields)
          position = end
          continue
        }
        const branches: (readonly FieldPart[])[] = []
        const ends = new Set<number>()
        for (const { parts: own } of alive) {
          const [fields, end] = walk(own, position)
          branches.push(fields)
          ends.add(end)
        }
        if (!part.hasElse) ends.add(position)
        result.push({ kind: 'branches', of: { ...part, branches: alive }, branches })
        // Where branches leave off at different fields only designators, zeros or nothing may follow.
        position = ends.size === 1 ? [...ends][0]! : -1
        continue
      }
      let field: string | undefined
      if (part.designator !== null) {
        field = oldNames[part.designator] ?? part.designator
        if (field === 'ob_type' || field === 'ob_size' || field === 'ob_refcnt') field = 'ob_base'
        if (!order.includes(field)) {
          if (!known.has(field)) failed = true
          continue
        }
        position = order.indexOf(field) + 1
      } else {
        if (position < 0) {
          if (!isZero(text.slice(part.start, part.end))) failed = true
          continue
        }
        field = order[position++]
        // A zero too many: fields that newer versions have.
        if (field === undefined && !isZero(text.slice(part.start, part.end))) failed = true
        // `PyObject_HEAD_INIT(NULL) 0, "name"`: the size stands apart.
        if (field === 'tp_name' && isZero(text.slice(part.start, part.end))) {
          const next = inner[inner.indexOf(part) + 1]
          if (next?.kind === 'item' && /^"/.test(text.slice(next.start, next.end))) position--
          continue
        }
      }
      if (field !== undefined) result.push({ kind: 'field', field, item: part })
    }
    return [result, position]
  }
  const [fields] = walk(parts, 0)
  return failed ? null : fields
}

/** Whether a value is a null pointer or a zero, as people write it. */
export const isZero = (value: string): boolean =>
  /^\(*(?:\(\s*[\w\s*]+\)\s*)*(?:0[LlUu]*|NULL|nullptr|Py_NULL)\)*$/.test(
    value.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '').trim(),
  )

/** All fields of an initialiser, whatever their conditions. */
export function* allFields(parts: readonly FieldPart[]): Iterable<Extract<FieldPart, { kind: 'field' }>> {
  for (const part of parts) {
    if (part.kind === 'field') yield part
    else for (const branch of part.branches) yield* allFields(branch)
  }
}

/** The fields of a declared variable's initialiser; empty for none. */
export function initialFields(
  outline: Outline,
  { struct, brace, isArray }: DeclaredVariable,
  fateOf: (branch: Offset) => VersionCoverage,
): readonly FieldPart[] | null {
  if (brace < 0) return []
  // `PyBufferProcs procs[] = {{...}}`
  if (
    isArray &&
    wordAt(outline, brace + 1) === '{' &&
    outline.matchingBracket[outline.matchingBracket[brace]! - 1] === brace + 1
  )
    brace++
  const parts = readInitialiser(outline, brace)
  return parts === null ? null : fieldsOf(struct, parts, outline.text, fateOf)
}
