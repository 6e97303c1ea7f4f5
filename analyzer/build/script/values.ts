import type { Block, Expression, Parameter } from './syntax.ts'

/** What a name or an expression of a script stands for, as far as that is known without running it. */
export type Value =
  | { readonly kind: 'none' }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | ListValue
  | DictValue
  /** What the script does not define: `os.path.join`. */
  | { readonly kind: 'external'; readonly path: string }
  | FunctionValue
  | ClassValue
  /** A method with the object or the list that it is of. */
  | { readonly kind: 'method'; readonly of: Value; readonly name: string }
  | ObjectValue
  /** What another script of the project defines. */
  | { readonly kind: 'script'; readonly scope: Scope }
  | Unknown

/** A value that is not known. */
export interface Unknown {
  readonly kind: 'unknown'
  /** What would tell it, to go after "depends on": `` `get_version()` ``. */
  readonly why: string
}

/** A list, a tuple or a set. */
export interface ListValue {
  readonly kind: 'list'
  readonly items: Value[]
  /** What may be in it, too, and what that depends on. */
  readonly perhaps: { readonly value: Value; readonly why: string }[]
  /** Why there may be more in it that is not known at all; null where there is not. */
  open: string | null
}

export interface DictValue {
  readonly kind: 'dict'
  readonly entries: Map<string, Value>
  open: string | null
}

export interface FunctionValue {
  readonly kind: 'function'
  readonly name: string
  readonly parameters: readonly Parameter[]
  readonly body: Block
  readonly scope: Scope
  readonly isProperty: boolean
}

export interface ClassValue {
  readonly kind: 'class'
  readonly name: string
  readonly bases: readonly Value[]
  readonly scope: Scope
}

/** What a class makes, of which the attributes are known that the script sets. */
export interface ObjectValue {
  readonly kind: 'object'
  /** The class: its name, with dots where the script does not define it. */
  readonly made: string
  readonly of: ClassValue | null
  readonly attributes: Map<string, Value>
  /** Why there may be attributes that are not known; null where there are none. */
  open: string | null
  /** Where it was made. */
  readonly script: string
  readonly start: number
}

/** The names of a script, a function or a class. */
export interface Scope {
  readonly names: Map<string, Value>
  readonly outer: Scope | null
  /** The script, by its name relative to the project's root. */
  readonly script: string
}

export const none: Value = { kind: 'none' }
export const unknown = (why: string): Unknown => ({ kind: 'unknown', why })
export const bool = (value: boolean): Value => ({ kind: 'bool', value })
export const number = (value: number): Value => ({ kind: 'number', value })
/** Longer texts are taken for unknown: none of them says what is built. */
export const longestText = 10_000
/** Longer lists are not kept whole. */
export const longestList = 2_000

export const string = (value: string): Value =>
  value.length > longestText ? unknown('a long text') : { kind: 'string', value }
export const external = (path: string): Value => ({ kind: 'external', path })
export const list = (items: readonly Value[], open: string | null = null): ListValue => ({
  kind: 'list',
  items: [...items],
  perhaps: [],
  open,
})
export const dict = (entries: Iterable<readonly [string, Value]> = [], open: string | null = null): DictValue => ({
  kind: 'dict',
  entries: new Map(entries),
  open,
})

/** What is said of a value that is not known: what it depends on. */
export const reasonOf = (value: Value): string =>
  value.kind === 'unknown' ? value.why : value.kind === 'external' ? `\`${value.path}\`` : 'what is not read here'

/** Leaves out of a list what is too much for it. */
export function shorten(of: ListValue): void {
  if (of.items.length > longestList) {
    of.items.splice(longestList)
    of.open ??= 'a long list'
  }
  of.perhaps.splice(longestList)
}

/** Takes what is in a list for what may be in it: something of it is removed, and it is not known what or whether. */
export function doubtAll(of: ListValue, why: string): void {
  for (const value of of.items.splice(0)) of.perhaps.push({ value, why })
}

/** Whether a value counts as true; null where that is not known. */
export function truth(value: Value): boolean | null {
  switch (value.kind) {
    case 'none':
      return false
    case 'bool':
      return value.value
    case 'number':
      return value.value !== 0
    case 'string':
      return value.value !== ''
    case 'list':
      return value.items.length > 0 ? true : value.open !== null || value.perhaps.length > 0 ? null : false
    case 'dict':
      return value.entries.size > 0 ? true : value.open !== null ? null : false
    case 'unknown':
      return null
    case 'external':
      // A module or a function of it; of others an attribute may be anything.
      return value.path.includes('.') && !/^(?:setuptools|distutils|wheel|Cython)\b/.test(value.path) ? null : true
    default:
      return true
  }
}

/** Whether two values are the same; null where that is not known. */
export function same(a: Value, b: Value): boolean | null {
  if (a === b) return a.kind === 'unknown' || a.kind === 'external' ? null : true
  if ([a, b].some(({ kind }) => kind === 'unknown' || kind === 'external')) return null
  if (a.kind === 'list' && b.kind === 'list') {
    if (a.open !== null || b.open !== null || a.perhaps.length + b.perhaps.length > 0) return null
    if (a.items.length !== b.items.length) return false
    const each = a.items.map((item, index) => same(item, b.items[index]!))
    return each.includes(false) ? false : each.includes(null) ? null : true
  }
  if (a.kind === 'dict' && b.kind === 'dict')
    return a.entries.size + b.entries.size === 0 && a.open === null && b.open === null ? true : null
  const plain = (value: Value): unknown =>
    value.kind === 'none'
      ? null
      : value.kind === 'string'
        ? value.value
        : value.kind === 'number' || value.kind === 'bool'
          ? Number(value.value)
          : value
  return plain(a) === plain(b)
}

/** Which of two comes first, as a negative number, 0 or a positive one; null where that is not known. */
export function compare(a: Value, b: Value): number | null {
  const isNumber = (value: Value): value is Value & { value: number } =>
    value.kind === 'number' || value.kind === 'bool'
  if (isNumber(a) && isNumber(b)) return Number(a.value) - Number(b.value)
  if (a.kind === 'string' && b.kind === 'string') return a.value < b.value ? -1 : a.value > b.value ? 1 : 0
  if (a.kind !== 'list' || b.kind !== 'list' || a.open !== null || b.open !== null) return null
  for (let index = 0; index < Math.min(a.items.length, b.items.length); index++) {
    const order = compare(a.items[index]!, b.items[index]!)
    if (order !== 0) return order
  }
  return a.items.length - b.items.length
}

/** The text of a value in a string; null where it is not known. */
export function shown(value: Value): string | null {
  switch (value.kind) {
    case 'string':
      return value.value
    case 'number':
      return String(value.value)
    case 'bool':
      return value.value ? 'True' : 'False'
    case 'none':
      return 'None'
    default:
      return null
  }
}

/** A number in a format such as `02X`. */
export function formatted(value: Value, spec: string): string | null {
  const plain = shown(value)
  const match = /^(#?)(0?)(\d*)([xXdosb]?)$/.exec(spec)
  if (plain === null || match === null) return spec === '' ? plain : null
  const [, mark, zeros, width, kind] = match
  if (value.kind !== 'number' || kind === 's') return plain.padEnd(Number(width))
  const bases: Readonly<Record<string, number>> = { x: 16, X: 16, o: 8, b: 2 }
  let digits = value.value.toString(bases[kind!] ?? 10)
  if (kind === 'X') digits = digits.toUpperCase()
  const head = mark === '#' && kind !== '' && kind !== 'd' ? `0${kind}` : ''
  return `${head}${digits.padStart(Math.max(0, Math.min(99, Number(width))) - head.length, zeros === '0' ? '0' : ' ')}`
}

/** The words of an expression: what it is called where it is not known. */
export function written(expression: Expression): string {
  switch (expression.kind) {
    case 'name':
      return expression.name
    case 'attribute':
      return `${written(expression.of)}.${expression.name}`
    case 'call':
      return `${written(expression.called)}()`
    case 'item':
    case 'slice':
      return `${written(expression.of)}[]`
    case 'string':
      return `'${expression.value.slice(0, 40)}'`
    case 'other':
      return expression.what
    default:
      return expression.kind
  }
}
