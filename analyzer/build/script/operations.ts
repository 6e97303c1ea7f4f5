import posix from 'path-browserify'
import { addAll } from '../../source/lists.ts'
import {
  bool,
  compare,
  dict,
  formatted,
  list,
  number,
  reasonOf,
  same,
  shorten,
  shown,
  string,
  truth,
  unknown,
  type Value,
} from './values.ts'

/** What operators make of two values; both sides of `and` and `or` included. */
export function operate(sign: string, left: Value, right: Value): Value {
  const known = comparison(sign, left, right) ?? arithmetic(sign, left, right)
  return known ?? unknown(reasonOf(left.kind === 'unknown' || left.kind === 'external' ? left : right))
}

const orders: Readonly<Record<string, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

function comparison(sign: string, left: Value, right: Value): Value | null {
  switch (sign) {
    case '==':
    case 'is': {
      const is = identity(left, right)
      return is === null ? null : bool(is)
    }
    case '!=':
    case 'is not': {
      const is = identity(left, right)
      return is === null ? null : bool(!is)
    }
    case 'in':
    case 'not in': {
      const is = contains(right, left)
      return is === null ? null : bool(is === (sign === 'in'))
    }
    default: {
      const order = Object.hasOwn(orders, sign) ? compare(left, right) : null
      return order === null ? null : bool(orders[sign]!(order))
    }
  }
}

/** A module, a function or an object is not `None`. */
function identity(left: Value, right: Value): boolean | null {
  const other = left.kind === 'none' ? right : right.kind === 'none' ? left : null
  if (other?.kind === 'external' && truth(other) === true) return false
  return same(left, right)
}

function contains(all: Value, one: Value): boolean | null {
  if (all.kind === 'external' && all.path === 'os.environ') return false
  if (all.kind === 'string' && one.kind === 'string') return all.value.includes(one.value)
  if (all.kind === 'dict') {
    const name = shown(one)
    if (name === null) return null
    return all.entries.has(name) ? true : all.open === null ? false : null
  }
  if (all.kind !== 'list') return null
  const each = all.items.map((item) => same(item, one))
  if (each.includes(true)) return true
  return each.includes(null) || all.open !== null || all.perhaps.length > 0 ? null : false
}

function arithmetic(sign: string, left: Value, right: Value): Value | null {
  if (sign === '+') {
    if (left.kind === 'list' || right.kind === 'list') return joined(left, right)
    if (left.kind === 'string' && right.kind === 'string') return string(left.value + right.value)
  }
  if (sign === '/' && left.kind === 'string' && right.kind === 'string')
    return string(posix.join(left.value, right.value))
  if (sign === '%' && left.kind === 'string') return filled(left.value, right)
  if (sign === '|' && left.kind === 'dict' && right.kind === 'dict')
    return dict([...left.entries, ...right.entries], left.open ?? right.open)
  if (left.kind !== 'number' || right.kind !== 'number') return null
  const value = ofNumbers(sign, left.value, right.value)
  return value === null || !Number.isFinite(value) ? null : number(value)
}

function joined(left: Value, right: Value): Value {
  const all = list([])
  for (const side of [left, right]) {
    if (side.kind !== 'list') all.open ??= reasonOf(side)
    else {
      addAll(all.items, side.items)
      addAll(all.perhaps, side.perhaps)
      all.open ??= side.open
    }
  }
  shorten(all)
  return all
}

function ofNumbers(sign: string, left: number, right: number): number | null {
  switch (sign) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '//':
      return Math.floor(left / right)
    case '/':
      return left / right
    case '%':
      return ((left % right) + right) % right
    case '<<':
      return left * 2 ** right
    case '>>':
      return Math.floor(left / 2 ** right)
    case '&':
      return Number(BigInt(Math.trunc(left)) & BigInt(Math.trunc(right)))
    case '|':
      return Number(BigInt(Math.trunc(left)) | BigInt(Math.trunc(right)))
    case '**':
      return left ** right
    default:
      return null
  }
}

/** `'0x%02x' % (n,)` */
function filled(format: string, value: Value): Value | null {
  const values = value.kind === 'list' ? value.items : [value]
  let next = 0
  let isKnown = true
  const text = format.replace(/%(?:\((\w+)\))?([#0-9]*)([sdrxXi%])/g, (_, name: string | undefined, width, kind) => {
    if (kind === '%') return '%'
    const of = name !== undefined && value.kind === 'dict' ? value.entries.get(name) : values[next++]
    const part = of ? formatted(of, `${width}${kind === 'r' ? 's' : kind === 'i' ? 'd' : kind}`) : null
    isKnown &&= part !== null
    return part ?? ''
  })
  return isKnown ? string(text) : null
}
