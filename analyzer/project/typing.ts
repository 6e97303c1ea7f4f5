import type { Expression } from '../facts/file-facts.ts'
import type { CType } from '../knowledge/ctype.ts'

/** What typing an expression needs to know of the world around it. Null: not known. */
export interface Meanings {
  /** The type of a variable, a constant or a function (`T()`), or what a call of a macro without arguments is. */
  nameType(name: string): CType | null
  /**
   * The body of a function-like or object-like macro, where the name is one.
   * @param place byte offset of the use in its file
   */
  macroResult(name: string, place: number): Expression | undefined
  /** What a typedef stands for. */
  typedef(name: string): CType | null
  /** The type of a field of a struct, given by its tag or typedef name. */
  field(struct: string, field: string): CType | null
}

const deepest = 40
/** Macros that call each other may make an expression grow without end. */
const mostSteps = 2000

/** What a call of a macro of CPython gives when one of its arguments names a type: `PyObject_New(Spam, &Spam_Type)`. */
const typedByArgument = /^Py(?:Object|Mem)_(?:GC_)?(?:New|NewVar|NEW|NEW_VAR)$/

/** The type that `*p` has where `p` has the given one; null where that is no pointer. */
export function pointed(type: CType, meanings: Meanings): CType | null {
  const plain = expanded(type, meanings)
  if (plain.endsWith('*')) return plain.slice(0, -1)
  if (plain.endsWith('[]')) return plain.slice(0, -2)
  if (plain.endsWith('()')) return plain
  return null
}

/** What a type begins with: `T` of `T*`, `T[]`, `T()`. */
function rootOf(type: CType): CType {
  let end = 0
  for (; end < type.length; end++) {
    const code = type.charCodeAt(end)
    if (code === STAR || code === BRACKET || code === PARENTHESIS) return type.slice(0, end)
  }
  return type
}

const STAR = 42
const BRACKET = 91
const PARENTHESIS = 40

/** Replaces a typedef's name at the root of a type as long as there is one. */
export function expanded(type: CType, meanings: Meanings): CType {
  let at = type
  for (let turn = 0; turn < 20; turn++) {
    const base = rootOf(at)
    const meant = base && !base.includes(' ') ? meanings.typedef(base) : null
    if (meant === null || meant === base) return at
    at = meant + at.slice(base.length)
  }
  return at
}

/**
 * The struct that a type is, or points to once; null for all else. Typedef names are kept where they name the struct.
 */
export function structBehind(type: CType): string | null {
  const root = rootOf(type)
  const behind = type.length - root.length
  if (root === '' || behind > 2) return null
  return behind === 0 || (behind === 1 && type.endsWith('*')) || type.endsWith('[]') ? root : null
}

/**
 * The type of an expression, or null where it cannot be known.
 * @param place where it stands in its file, in bytes: a macro means what was last said of it before
 * @param operands what stands for the parameters, where the expression is the body of a macro
 */
export function typeOf(
  expression: Expression,
  meanings: Meanings,
  place = Number.MAX_SAFE_INTEGER,
  operands: readonly (CType | null)[] = [],
  depth = 0,
  budget: { steps: number } = { steps: mostSteps },
): CType | null {
  if (expression === null || depth > deepest || budget.steps-- <= 0) return null
  const of = (inner: Expression): CType | null => typeOf(inner, meanings, place, operands, depth + 1, budget)
  switch (expression[0]) {
    case 'type':
      return expression[1]
    case 'parameter':
      return operands[expression[1]] ?? null
    case 'name': {
      const body = meanings.macroResult(expression[1], place)
      return (
        (body === undefined ? null : typeOf(body, meanings, place, [], depth + 1, budget)) ??
        meanings.nameType(expression[1])
      )
    }
    case 'member': {
      const object = of(expression[1])
      return object === null ? null : fieldType(object, expression[2], meanings)
    }
    case 'pasted':
      return null
    case 'deref': {
      const inner = of(expression[1])
      return inner === null ? null : pointed(inner, meanings)
    }
    case 'address': {
      const inner = of(expression[1])
      return inner === null ? null : inner.endsWith('()') ? inner : `${inner}*`
    }
    case 'either':
      return of(expression[1]) ?? of(expression[2])
    case 'call': {
      const [, callee, ...values] = expression
      if (callee?.[0] === 'name') {
        const name = callee[1]
        if (typedByArgument.test(name)) {
          const first = values[0]
          return first?.[0] === 'name' ? `${first[1]}*` : first?.[0] === 'type' ? `${first[1]}*` : null
        }
        const body = meanings.macroResult(name, place)
        if (body !== undefined) {
          const result = typeOf(body, meanings, place, values.map(of), depth + 1, budget)
          // `#define OLD new` gives the function, `#define OLD(x) new(x)` its result
          if (result !== null) return result.endsWith('()') && body?.[0] === 'name' ? result.slice(0, -2) : result
        }
      }
      const called = of(callee)
      if (called === null) return callee?.[0] === 'name' && meanings.typedef(callee[1]) !== null ? callee[1] : null
      const plain = expanded(called, meanings)
      if (plain.endsWith('()*')) return plain.slice(0, -3)
      if (plain.endsWith('()')) return plain.slice(0, -2)
      return null
    }
  }
}

/** The type of `object.field` or `object->field`. */
export function fieldType(object: CType, field: string, meanings: Meanings): CType | null {
  let at = object
  for (let turn = 0; turn < 20; turn++) {
    const struct = structBehind(at)
    if (struct !== null) {
      const type = meanings.field(struct, field)
      if (type !== null) return type
    }
    const base = rootOf(at)
    const meant = meanings.typedef(base)
    if (meant === null || meant === base) return null
    at = meant + at.slice(base.length)
  }
  return null
}
