import { addAll } from '../../source/lists.ts'
import type { Argument, Clause, Expression } from './syntax.ts'
import { TokenReader } from './token-reader.ts'
import { ScriptError, tokensOf } from './tokens.ts'

/** Brackets and signs in each other are read so deep. */
const deepest = 60

/** Operators in a row, and names, calls and items behind each other, that are read. */
const longestChain = 300

/** The binary operators, those that bind least first. */
const levels: readonly (readonly string[])[] = [
  ['or'],
  ['and'],
  ['==', '!=', '<', '>', '<=', '>=', 'in', 'is', 'not'],
  ['|'],
  ['^'],
  ['&'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '//', '%', '@'],
]

/** Where negation stands among them. */
const negation = 2

/** Reads expressions of Python from tokens. */
export class ExpressionParser extends TokenReader {
  protected depth = 0

  /** One expression, or a tuple without parentheses. */
  expressions(): Expression {
    const first = this.starred()
    if (!this.isSign(',') && first.stars === '') return first.value
    const items = [first]
    while (this.take(',') && !this.endsHere()) items.push(this.starred())
    return { kind: 'list', items }
  }

  private starred(): Argument {
    const stars = this.take('*') ? '*' : ''
    return { name: null, stars, value: this.expression() }
  }

  override expression(): Expression {
    if (++this.depth > deepest) throw new ScriptError('it has too many brackets in each other')
    try {
      return this.choice()
    } finally {
      this.depth--
    }
  }

  protected choice(): Expression {
    if (this.isWord('lambda')) return this.lambda()
    const yes = this.operation(0)
    if (this.take(':=')) return this.expression()
    if (!this.take('if')) return yes
    const test = this.operation(0)
    this.need('else')
    return { kind: 'choice', test, yes, no: this.expression() }
  }

  private lambda(): Expression {
    const { start } = this.token
    this.need('lambda')
    const parameters = this.parameters(':')
    return { kind: 'lambda', parameters, value: this.expression(), start }
  }

  protected operation(level: number): Expression {
    if (level === levels.length) return this.unary()
    if (level === negation && this.take('not')) return { kind: 'not', of: this.deeper(() => this.operation(level)) }
    let left = this.operation(level + 1)
    let last: Expression | null = null
    for (let count = 0; ; count++) {
      if (count > longestChain) throw new ScriptError('it has too many operators in a row')
      const sign = this.operator(levels[level]!)
      if (sign === null) return left
      const right = this.operation(level + 1)
      const pair: Expression = { kind: 'operation', sign, left: last ?? left, right }
      // Comparisons in a row are several, with `and` between them.
      left = last === null ? pair : { kind: 'operation', sign: 'and', left, right: pair }
      if (level === negation) last = right
      else left = pair
    }
  }

  private unary(): Expression {
    if (this.take('-')) return { kind: 'minus', of: this.deeper(() => this.unary()) }
    if (this.take('+')) return this.deeper(() => this.unary())
    if (this.take('~')) {
      this.deeper(() => this.unary())
      return { kind: 'other', what: '~' }
    }
    this.take('await')
    const base = this.postfix(this.atom())
    return this.take('**')
      ? { kind: 'operation', sign: '**', left: base, right: this.deeper(() => this.unary()) }
      : base
  }

  private deeper(read: () => Expression): Expression {
    if (++this.depth > deepest) throw new ScriptError('it has too many signs in a row')
    const value = read()
    this.depth--
    return value
  }

  private postfix(base: Expression): Expression {
    for (let count = 0; ; count++) {
      if (count > longestChain) throw new ScriptError('it has too many names in a row')
      const { start } = this.token
      if (this.take('.')) base = { kind: 'attribute', of: base, name: this.name() }
      else if (this.take('(')) base = { kind: 'call', called: base, args: this.arguments(), start }
      else if (this.take('[')) base = this.subscript(base)
      else return base
    }
  }

  private subscript(of: Expression): Expression {
    const from = this.isSign(':') ? null : this.expressions()
    if (this.take(']')) return { kind: 'item', of, key: from! }
    const { to, hasStep } = this.sliceEnd()
    if (this.take(']'))
      return hasStep ? { kind: 'other', what: 'a slice with steps', of } : { kind: 'slice', of, from, to }
    // One of several, as arrays have: `table[1:, 0]`.
    while (this.take(','))
      if (!this.isSign(']')) {
        if (!this.isSign(':')) this.starred()
        if (this.isSign(':')) this.sliceEnd()
      }
    this.need(']')
    return { kind: 'other', what: 'a slice with commas', of }
  }

  /** What stands behind the start of a slice. */
  private sliceEnd(): { to: Expression | null; hasStep: boolean } {
    this.need(':')
    const isOpen = (): boolean => this.isSign(']') || this.isSign(':') || this.isSign(',')
    const to = isOpen() ? null : this.expression()
    const hasStep = this.take(':')
    if (hasStep && !isOpen()) this.expression()
    return { to, hasStep }
  }

  /** The arguments of a call, or the bases of a class, behind the bracket. */
  protected arguments(): Argument[] {
    const args: Argument[] = []
    while (!this.take(')')) {
      const stars = this.take('**') ? '**' : this.take('*') ? '*' : ''
      const isNamed = this.token.kind === 'name' && this.tokens[this.at + 1]?.text === '='
      const name = isNamed ? this.name() : null
      if (isNamed) this.need('=')
      const value = this.expression()
      args.push({ name, stars, value: this.isFor() ? this.comprehension(null, value) : value })
      if (!this.take(',') && !this.isSign(')')) throw this.error()
    }
    return args
  }

  private comprehension(key: Expression | null, value: Expression): Expression {
    const clauses: Clause[] = []
    while (this.isFor()) {
      this.take('async')
      this.need('for')
      const target = this.targets()
      this.need('in')
      const of = this.operation(0)
      const tests: Expression[] = []
      while (this.take('if')) tests.push(this.operation(0))
      clauses.push({ target, of, tests })
    }
    return { kind: 'comprehension', key, value, clauses }
  }

  /** What a loop sets: names, with commas between them. */
  protected targets(): Expression {
    const one = (): Argument => ({ name: null, stars: this.take('*') ? '*' : '', value: this.target() })
    const first = one()
    if (!this.isSign(',')) return first.value
    const items = [first]
    while (this.take(',') && !this.isWord('in')) items.push(one())
    return { kind: 'list', items }
  }

  /** What is set, if it is one thing: `x`, `self.x`, `(x, y)`. */
  protected target(): Expression {
    return this.postfix(this.atom())
  }

  private atom(): Expression {
    const { kind, text, start } = this.token
    if (kind === 'string') return this.string()
    if (kind === 'number') {
      this.at++
      return { kind: 'number', value: Number(text.replace(/_/g, '')) }
    }
    if (kind === 'name') {
      this.at++
      if (text === 'yield') return this.yielded()
      const constants = new Map([
        ['True', true],
        ['False', false],
        ['None', null],
      ])
      const value = constants.get(text)
      return value === undefined ? { kind: 'name', name: text, start } : { kind: 'constant', value }
    }
    if (this.take('...')) return { kind: 'constant', value: null }
    if (this.take('(')) return this.list(')')
    if (this.take('[')) return this.list(']')
    if (this.take('{')) return this.braces()
    throw this.error()
  }

  private yielded(): Expression {
    this.take('from')
    if (this.token.kind !== 'line' && !this.isSign(')')) this.expressions()
    return { kind: 'other', what: 'yield' }
  }

  private string(): Expression {
    const parts: (string | { of: Expression; spec: string })[] = []
    let isFormat = false
    for (; this.token.kind === 'string'; this.at++) {
      isFormat ||= this.token.prefix.includes('f')
      if (this.token.prefix.includes('f')) addAll(parts, formatParts(this.token.text))
      else parts.push(this.token.text)
    }
    return isFormat ? { kind: 'format', parts } : { kind: 'string', value: parts.join('') }
  }

  private list(close: string): Expression {
    const items: Argument[] = []
    while (!this.take(close)) {
      const item = this.starred()
      if (this.isFor() && items.length === 0) {
        const made = this.comprehension(null, item.value)
        this.need(close)
        return made
      }
      if (close === ')' && items.length === 0 && item.stars === '' && this.take(')')) return item.value
      items.push(item)
      if (!this.take(',') && !this.isSign(close)) throw this.error()
    }
    return { kind: 'list', items }
  }

  private braces(): Expression {
    const entries: { key: Expression | null; value: Expression }[] = []
    const items: Argument[] = []
    while (!this.take('}')) {
      if (this.take('**')) entries.push({ key: null, value: this.operation(3) })
      else {
        const key = this.starred()
        const value = this.take(':') ? this.expression() : null
        if (this.isFor()) {
          const made = this.comprehension(value === null ? null : key.value, value ?? key.value)
          this.need('}')
          return made
        }
        if (value === null) items.push(key)
        else entries.push({ key: key.value, value })
      }
      if (!this.take(',') && !this.isSign('}')) throw this.error()
    }
    return items.length > 0 ? { kind: 'list', items } : { kind: 'dict', entries }
  }
}

/** The texts and the expressions of an f-string. */
function formatParts(text: string): (string | { of: Expression; spec: string })[] {
  return text.split(/(\{\{|\}\}|\{[^{}]*\})/).flatMap((part): (string | { of: Expression; spec: string })[] => {
    if (part === '') return []
    if (part === '{{' || part === '}}') return [part[0]!]
    const match = /^\{([^{}]*?)(?:![rsa])?(?::([^{}]*))?\}$/.exec(part)
    if (match === null) return [part]
    try {
      const parser = new ExpressionParser(tokensOf(match[1]!.trim()))
      return [{ of: parser.expressions(), spec: match[2] ?? '' }]
    } catch {
      return [{ of: { kind: 'other', what: 'an f-string' }, spec: '' }]
    }
  })
}
